// Columns of numbers as bytes: the smallest number of the column, and for each row the difference to it in as many
// bytes as the largest one needs. Why not varints: a column is written and read without a branch a row, and codes,
// which are what most columns hold, take as much room either way. Drawn in docs/formats/batch.md.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "persist/format/bytes.h"

namespace sextant::persist {

/// Appends to a string through a pointer, without a check and a call for each byte. Thread-confined. The string is as
/// long as what was written once finish() is called.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out), used_(out.size()) {}

  /// Room for `bytes`; commit() says how many were written.
  char* room(size_t bytes) {
    if (out_.size() - used_ < bytes) [[unlikely]]
      grow(bytes);
    return out_.data() + used_;
  }
  void commit(size_t bytes) { used_ += bytes; }
  void finish() { out_.resize(used_); }

  void u8(uint8_t value) {
    *room(1) = static_cast<char>(value);
    commit(1);
  }
  void varint(uint64_t value) {
    char* const begin = room(10);
    char* at = begin;
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    commit(static_cast<size_t>(at - begin));
  }
  void bytes(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }

 private:
  void grow(size_t bytes) {
    constexpr size_t kLeast = 4096;
    const size_t size = std::max({2 * out_.size(), used_ + bytes, kLeast});
    out_.resize_and_overwrite(size, [](char*, size_t all) { return all; });
  }
  std::string& out_;
  size_t used_;
};

/// Bytes that a number takes, 0 to 8.
inline uint32_t width_of(uint64_t number) {
  return static_cast<uint32_t>(64 - std::countl_zero(number) + 7) / 8;
}

/// The numbers `get(0) … get(count - 1)`. Nothing is written for no rows.
template <typename Get>
void put_numbers(ByteWriter& out, size_t count, Get get) {
  if (count == 0) return;
  uint64_t least = UINT64_MAX;
  uint64_t most = 0;
  for (size_t row = 0; row < count; ++row) {
    const uint64_t number = get(row);
    least = std::min(least, number);
    most = std::max(most, number);
  }
  const uint32_t width = width_of(most - least);
  out.u8(static_cast<uint8_t>(width));
  out.varint(least);
  if (width == 0) return;
  char* at = out.room(count * width + sizeof(uint64_t));  // each is written as eight bytes, then partly written over
  for (size_t row = 0; row < count; ++row, at += width) {
    const uint64_t difference = get(row) - least;
    std::memcpy(at, &difference, sizeof difference);
  }
  out.commit(count * width);
}

/// Reads them back and hands each to `put(row, number)`, in order. A column that is cut short fails the reader.
template <typename Put>
void read_numbers(ByteReader& in, uint64_t count, Put put) {
  if (in.failed() || count == 0) return;
  const uint32_t width = in.u8();
  const uint64_t least = in.varint();
  if (width > sizeof(uint64_t)) in.fail();
  const std::string_view raw = in.bytes(count * width);
  if (in.failed()) return;
  const char* at = raw.data();
  uint64_t row = 0;
  const uint64_t mask = width == sizeof(uint64_t) ? UINT64_MAX : (uint64_t{1} << (8 * width)) - 1;
  // Eight bytes at once as long as there are as many.
  for (; row < count && (count - row) * width >= sizeof(uint64_t); ++row, at += width) {
    uint64_t difference;
    std::memcpy(&difference, at, sizeof difference);
    put(row, least + (difference & mask));
  }
  for (; row < count; ++row, at += width) {
    uint64_t difference = 0;
    std::memcpy(&difference, at, width);
    put(row, least + difference);
  }
}

}  // namespace sextant::persist
