#include "otlp/wire.h"

namespace sextant::otlp {
namespace {

bool read_varint(const char*& at, const char* end, std::uint64_t& out) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) {
      out = value;
      return true;
    }
  }
  return false;
}

}  // namespace

bool Reader::next() noexcept {
  if (at_ == end_) return false;
  begin_ = at_;
  bytes_ = {};
  number_ = 0;
  std::uint64_t key = 0;
  if (!read_varint(at_, end_, key) || key >> 3 == 0 || key >> 32 != 0) return fail();
  field_ = static_cast<std::uint32_t>(key >> 3);
  type_ = static_cast<WireType>(key & 7);
  const auto left = static_cast<std::size_t>(end_ - at_);
  switch (type_) {
    case WireType::kVarint:
      return read_varint(at_, end_, number_) || fail();
    case WireType::kFixed64:
    case WireType::kFixed32: {
      const std::size_t size = type_ == WireType::kFixed64 ? 8 : 4;
      if (left < size) return fail();
      std::memcpy(&number_, at_, size);
      at_ += size;
      return true;
    }
    case WireType::kBytes: {
      std::uint64_t size = 0;
      if (!read_varint(at_, end_, size) || size > static_cast<std::size_t>(end_ - at_)) return fail();
      bytes_ = {at_, static_cast<std::size_t>(size)};
      at_ += size;
      return true;
    }
  }
  return fail();
}

bool NumberReader::next() noexcept {
  if (at_ == end_ || failed_) return false;
  if (type_ == WireType::kVarint) {
    failed_ = !read_varint(at_, end_, number_);
    return !failed_;
  }
  const std::size_t size = type_ == WireType::kFixed64 ? 8 : 4;
  failed_ = static_cast<std::size_t>(end_ - at_) < size;
  if (failed_) return false;
  number_ = 0;
  std::memcpy(&number_, at_, size);
  at_ += size;
  return true;
}

}  // namespace sextant::otlp
