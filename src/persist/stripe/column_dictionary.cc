#include "persist/stripe/column_dictionary.h"

#include "persist/column/int_column.h"
#include "persist/format/limits.h"
#include "persist/stripe/limits.h"

namespace sextant::persist {
namespace {

std::unexpected<Error> damage() {
  return fail(ErrorCode::kDataLoss, "a dictionary does not follow the format");
}

}  // namespace

void ColumnDictionary::encode(const ColumnDictionaries::Column& column, const SegmentValues& values, Effort effort,
                              std::string& out) {
  put_varint(out, column.values.size());
  put_varint(out, column.direct_count());
  if (column.values.empty()) return;
  std::vector<StoredValue> stored;
  std::vector<uint64_t> counts(column.counts.begin(), column.counts.end());
  stored.reserve(column.values.size());
  for (const SegmentCode code : column.values) stored.push_back(values.stored(code));
  std::string part;
  encode_values(stored, effort, part);
  put_text(out, part);
  encode_ints(counts, out);
}

Result<ColumnDictionary> ColumnDictionary::decode(std::string_view bytes, uint32_t text_count) {
  ByteReader in(bytes);
  ColumnDictionary dictionary;
  const auto count = static_cast<uint32_t>(in.varint_max(kDictionaryValuesMax));
  dictionary.direct_ = in.varint();
  if (in.failed()) return damage();
  if (count == 0) return in.at_end() ? Result<ColumnDictionary>(std::move(dictionary)) : damage();
  const std::string_view part = in.text(kSectionBytesMax);
  if (in.failed()) return damage();
  const ValueColumn values = TRY(ValueColumn::open(part, count, text_count));
  const IntColumn counts = TRY(IntColumn::open(bytes.substr(bytes.size() - in.left()), count));
  dictionary.counts_.resize(count);
  counts.read(0, dictionary.counts_);
  dictionary.entries_.resize(count);
  bool whole = true;
  TRY(values.read([&](uint32_t i, const StoredValue& value) {
    whole = whole && (value.in_texts || data::check_nested(value.view()).has_value());
    dictionary.entries_[i] = {value.number, dictionary.arena_.size(), static_cast<uint32_t>(value.bytes.size()),
                              value.type, value.in_texts};
    dictionary.arena_.append(value.bytes);
  }));
  if (!whole) return damage();
  return dictionary;
}

std::optional<uint32_t> ColumnDictionary::find(const data::ValueView& value) const {
  for (uint32_t code = 0; code < size(); ++code) {
    const Entry& entry = entries_[code];
    if (entry.size != value.bytes.size() || entry.type != value.type || entry.in_texts) continue;
    if (this->value(code).view() == value) return code;
  }
  return std::nullopt;
}

}  // namespace sextant::persist
