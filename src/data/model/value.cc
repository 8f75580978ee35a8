#include "data/model/value.h"

#include <bit>
#include <cstring>

#include "data/model/limits.h"

namespace sextant::data {
namespace {

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool take_varint(std::string_view& left, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (left.empty()) return false;
    const auto byte = static_cast<unsigned char>(left.front());
    left.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

Result<void> check_nested_at(const ValueView& value, int depth) {
  if (value.type != ValueType::kArray && value.type != ValueType::kMap) return {};
  if (depth >= kValueDepthMax) {
    return fail(ErrorCode::kDataLoss, "a value nests deeper than {} levels", kValueDepthMax);
  }
  NestedReader reader(value.bytes, value.type);
  while (reader.next()) TRY(check_nested_at(reader.value(), depth + 1));
  if (reader.malformed()) return fail(ErrorCode::kDataLoss, "the nested form of an array or map is malformed");
  return {};
}

}  // namespace

std::string_view to_string(ValueType type) {
  static constexpr std::string_view kNames[] = {"empty", "string", "bool", "int", "double", "bytes", "array", "map"};
  return kNames[static_cast<uint8_t>(type)];
}

double ValueView::as_double() const {
  return std::bit_cast<double>(number);
}

ValueView ValueView::real(double value) {
  return {ValueType::kDouble, std::bit_cast<int64_t>(value), {}};
}

void NestedWriter::key(std::string_view key) {
  put_varint(bytes_, key.size());
  bytes_.append(key);
}

void NestedWriter::value(const ValueView& value) {
  bytes_.push_back(static_cast<char>(value.type));
  switch (value.type) {
    case ValueType::kEmpty:
      return;
    case ValueType::kBool:
      bytes_.push_back(static_cast<char>(value.number));
      return;
    case ValueType::kInt:
    case ValueType::kDouble: {
      char raw[8];
      std::memcpy(raw, &value.number, 8);
      bytes_.append(raw, 8);
      return;
    }
    case ValueType::kString:
    case ValueType::kBytes:
    case ValueType::kArray:
    case ValueType::kMap:
      put_varint(bytes_, value.bytes.size());
      bytes_.append(value.bytes);
      return;
  }
}

bool NestedReader::stop() {
  malformed_ = true;
  left_ = {};
  return false;
}

bool NestedReader::take_bytes(std::string_view& out) {
  uint64_t size = 0;
  if (!take_varint(left_, size) || size > left_.size()) return false;
  out = left_.substr(0, size);
  left_.remove_prefix(size);
  return true;
}

bool NestedReader::next() {
  if (left_.empty()) return false;
  if (is_map_ && !take_bytes(key_)) return stop();
  if (left_.empty() || static_cast<uint8_t>(left_.front()) > kValueTypeLast) return stop();
  value_ = {static_cast<ValueType>(left_.front()), 0, {}};
  left_.remove_prefix(1);
  switch (value_.type) {
    case ValueType::kEmpty:
      return true;
    case ValueType::kBool:
      if (left_.empty() || static_cast<uint8_t>(left_.front()) > 1) return stop();
      value_.number = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      return true;
    case ValueType::kInt:
    case ValueType::kDouble:
      if (left_.size() < 8) return stop();
      std::memcpy(&value_.number, left_.data(), 8);
      left_.remove_prefix(8);
      return true;
    default:
      return take_bytes(value_.bytes) || stop();
  }
}

Result<void> check_nested(const ValueView& value) {
  return check_nested_at(value, 0);
}

}  // namespace sextant::data
