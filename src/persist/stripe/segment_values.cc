#include "persist/stripe/segment_values.h"

#include <algorithm>

#include "base/core/check.h"
#include "data/model/limits.h"
#include "persist/format/bytes.h"
#include "persist/stripe/limits.h"

namespace sextant::persist {
namespace {

/// Values that are translated together: what is known of them fits the first-level cache.
constexpr size_t kValuesAtOnce = 128;

}  // namespace

Result<SegmentCode> SegmentValues::code_of(const data::ValueView& value) {
  if (value.bytes.size() > data::kInternBytesMax) return code_of_text(value.type, TRY(texts_.add(value.bytes)));
  const SegmentCode code = short_.intern(value);
  CHECK(code < kTextCode);
  return code;
}

void SegmentValues::codes_of(std::span<const data::ValueView> values, std::span<SegmentCode> codes) {
  std::array<data::ValueHash, kValuesAtOnce> hashes;
  for (size_t begin = 0; begin < values.size(); begin += kValuesAtOnce) {
    const size_t count = std::min(kValuesAtOnce, values.size() - begin);
    for (size_t i = 0; i < count; ++i) hashes[i] = data::ValueDictionary::hash_of(values[begin + i]);
    short_.intern_many(values.subspan(begin, count), std::span(hashes).first(count), codes.subspan(begin, count));
  }
  CHECK(short_.size() <= kTextCode);
}

void SegmentValues::codes_of(const data::ValueDictionary& dictionary, std::vector<SegmentCode>& codes) {
  static_assert(data::ValueDictionary::kNone == kUnknown);
  short_.intern_all(dictionary, codes);
  CHECK(short_.size() <= kTextCode);
}

SegmentCode SegmentValues::code_of_text(data::ValueType type, uint32_t text) {
  const auto fresh = static_cast<uint32_t>(long_.size());
  uint32_t known = fresh;
  if (type == data::ValueType::kString) [[likely]] {
    if (text >= strings_.size()) strings_.resize(std::max<size_t>(size_t{text} + 1, strings_.size() * 2));
    if (strings_[text] == 0) strings_[text] = fresh + 1;
    known = strings_[text] - 1;
  } else {
    known = others_.try_emplace(static_cast<uint64_t>(type) << 32 | text, fresh).first->second;
  }
  if (known == fresh) long_.push_back({type, text});
  return kTextCode | known;
}

StoredValue SegmentValues::stored(SegmentCode code) const {
  if ((code & kTextCode) == 0) return StoredValue::of(short_.view(code));
  const LongValue& value = long_[code & ~kTextCode];
  return StoredValue::text(value.type, value.text);
}

uint32_t ColumnDictionaries::column_of(ColumnId id) {
  const auto [known, fresh] = numbers_.try_emplace(id.packed(), column_count());
  if (fresh) {
    columns_.emplace_back();
    columns_.back().id = id;
  }
  return known->second;
}

ColumnDictionaries::Place& ColumnDictionaries::first_place(SegmentCode value) {
  std::vector<Place>& first = first_[value >> kTextBit];
  const size_t index = value & ~kTextCode;
  if (index >= first.size()) first.resize(std::max<size_t>(index + 1, first.size() * 2));
  return first[index];
}

uint32_t* ColumnDictionaries::find(uint32_t column, SegmentCode value) {
  if (Place& first = first_place(value); first.column == column) return &first.code;
  if (further_.empty()) return nullptr;
  const auto known = further_.find(static_cast<uint64_t>(column) << 32 | value);
  return known == further_.end() ? nullptr : &known->second;
}

uint32_t ColumnDictionaries::find_further_or_add(uint32_t column, SegmentCode value) {
  if (const uint32_t* known = find(column, value)) return *known;
  Column& c = columns_[column];
  const auto code = static_cast<uint32_t>(c.values.size());
  c.values.push_back(value);
  c.counts.push_back(0);
  if (Place& first = first_place(value); first.column == kNone) {
    first = {column, code};
  } else {
    further_.emplace(static_cast<uint64_t>(column) << 32 | value, code);
  }
  return code;
}

void ColumnDictionaries::forget(uint32_t column, SegmentCode value) {
  if (Place& first = first_place(value); first.column == column) {
    first = {};
  } else {
    further_.erase(static_cast<uint64_t>(column) << 32 | value);
  }
}

/// False, and the dictionary as it was, when nearly every value would be new to it.
bool ColumnDictionaries::put_codes(uint32_t column, std::string& out) {
  Column& c = columns_[column];
  const size_t before = c.values.size();
  if (before + c.pending.size() > kDictionaryValuesMax) return false;
  codes_.resize(c.pending.size());
  for (size_t i = 0; i < codes_.size(); ++i) {
    // Many columns have the same value for long.
    const bool again = i > 0 && c.pending[i] == c.pending[i - 1];
    codes_[i] = again ? codes_[i - 1] : find_or_add(column, c.pending[i]);
  }
  const size_t fresh = c.values.size() - before;
  if (c.pending.size() >= kDirectValuesMin && fresh * 100 >= c.pending.size() * kDirectNewPercent) {
    for (size_t i = before; i < c.values.size(); ++i) forget(column, c.values[i]);
    c.values.resize(before);
    c.counts.resize(before);
    return false;
  }
  for (const uint32_t code : codes_) ++c.counts[code];
  put_u8(out, static_cast<uint8_t>(SliceKind::kCodes));
  encode_codes(codes_, out);
  return true;
}

void ColumnDictionaries::encode_pending(uint32_t column, const SegmentValues& values, Effort effort, std::string& out) {
  Column& c = columns_[column];
  CHECK(!c.pending.empty());
  c.has_slices = true;
  if (put_codes(column, out)) {
    c.pending.clear();
    return;
  }
  std::vector<StoredValue> stored;
  stored.reserve(c.pending.size());
  take_pending(column, values, stored);
  filters_.add_direct(c.id, stored);
  put_u8(out, static_cast<uint8_t>(SliceKind::kDirect));
  encode_values(stored, effort, out);
}

void ColumnDictionaries::take_pending(uint32_t column, const SegmentValues& values, std::vector<StoredValue>& out) {
  Column& c = columns_[column];
  for (const SegmentCode value : c.pending) {
    out.push_back(values.stored(value));
    ++c.direct[static_cast<size_t>(out.back().type)];
  }
  c.pending.clear();
}

void ColumnDictionaries::take_rare(uint32_t column, const SegmentValues& values, std::vector<StoredValue>& out) {
  const size_t before = out.size();
  take_pending(column, values, out);
  filters_.add_rare(columns_[column].id, std::span(out).subspan(before));
}

uint64_t ColumnDictionaries::byte_size() const {
  uint64_t bytes = filters_.byte_size() + (further_.size() + numbers_.size()) * kMapEntryBytes;
  for (const auto& first : first_) bytes += first.capacity() * sizeof(Place);
  for (const Column& column : columns_) {
    bytes += sizeof(Column) + (column.values.capacity() + column.counts.capacity() + column.pending.capacity()) * 4;
  }
  return bytes;
}

}  // namespace sextant::persist
