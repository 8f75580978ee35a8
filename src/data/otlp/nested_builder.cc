#include "data/otlp/nested_builder.h"

#include <bit>
#include <cstring>

#include "base/core/check.h"

namespace sextant::data {
namespace {

size_t varint_size(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

}  // namespace

void NestedBuilder::reset() {
  raw_.clear();
  packed_.clear();
  lists_.clear();
  open_ = 0;
}

void NestedBuilder::rewind(const Mark& mark) {
  raw_.resize(mark.bytes);
  lists_.resize(mark.lists);
}

void NestedBuilder::insert_key(const Mark& mark, std::string_view key) {
  std::string prefix;
  put_varint(prefix, key.size());
  prefix.append(key);
  raw_.insert(mark.bytes, prefix);
  for (size_t i = mark.lists; i < lists_.size(); ++i) {
    lists_[i].begin += prefix.size();
    lists_[i].end += prefix.size();
  }
}

void NestedBuilder::begin(ValueType container) {
  if (lists_.empty()) {
    raw_.clear();
    packed_.clear();
    type_ = container;
  } else {
    raw_.push_back(static_cast<char>(container));
  }
  const auto index = static_cast<uint32_t>(lists_.size());
  lists_.push_back({raw_.size(), 0, 0, open_});
  open_ = index;
}

void NestedBuilder::end() {
  lists_[open_].end = raw_.size();
  open_ = lists_[open_].parent;
}

void NestedBuilder::key(std::string_view key) {
  put_varint(raw_, key.size());
  raw_.append(key);
}

void NestedBuilder::value(const ValueView& scalar) {
  raw_.push_back(static_cast<char>(scalar.type));
  switch (scalar.type) {
    case ValueType::kEmpty:
      return;
    case ValueType::kBool:
      raw_.push_back(static_cast<char>(scalar.number));
      return;
    case ValueType::kInt:
    case ValueType::kDouble: {
      char bits[sizeof scalar.number];
      std::memcpy(bits, &scalar.number, sizeof bits);
      raw_.append(bits, sizeof bits);
      return;
    }
    default:
      put_varint(raw_, scalar.bytes.size());
      raw_.append(scalar.bytes);
  }
}

ValueView NestedBuilder::finish() {
  CHECK(!lists_.empty() && open_ == 0);
  if (lists_.size() > 1) {
    // A list stands after its parent, so from the back each one's own size is final before its parent needs it.
    for (size_t i = lists_.size() - 1; i > 0; --i) {
      List& list = lists_[i];
      const size_t size = list.end - list.begin + list.lengths;
      lists_[list.parent].lengths += list.lengths + varint_size(size);
    }
    packed_.reserve(raw_.size() + lists_[0].lengths);
    size_t copied = 0;
    for (size_t i = 1; i < lists_.size(); ++i) {
      const List& list = lists_[i];
      packed_.append(raw_, copied, list.begin - copied);
      put_varint(packed_, list.end - list.begin + list.lengths);
      copied = list.begin;
    }
    packed_.append(raw_, copied);
  }
  const std::string& bytes = lists_.size() > 1 ? packed_ : raw_;
  lists_.clear();
  return {type_, 0, bytes};
}

}  // namespace sextant::data
