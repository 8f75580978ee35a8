#include "persist/segment/segment_target.h"

#include "persist/format/limits.h"

namespace sextant::persist {

SegmentTarget::SegmentTarget(SegmentContents& contents, SegmentTables& tables)
    : contents_(contents), tables_(tables), globals_(contents.globals(), tables) {
  if (contents.text_table() == nullptr) return;
  texts_.emplace(*contents.text_table(), [&contents](uint32_t block) { return contents.text_block(block); });
}

Result<SegmentCode> SegmentTarget::take(const StoredValue& value) {
  if (!value.in_texts) return tables_.values().code_of(value.view());
  const uint32_t text = TRY(tables_.values().texts().add_from(*texts_, static_cast<uint32_t>(value.number)));
  return tables_.values().code_of_text(value.type, text);
}

/// The short values of a dictionary all at once.
void SegmentTarget::translate(const ColumnDictionary& dictionary, std::vector<SegmentCode>& codes) {
  codes.assign(dictionary.size(), kUnknown);
  std::vector<data::ValueView> values;
  std::vector<uint32_t> places;
  for (uint32_t code = 0; code < dictionary.size(); ++code) {
    const StoredValue value = dictionary.value(code);
    if (value.in_texts) continue;
    values.push_back(value.view());
    places.push_back(code);
  }
  std::vector<SegmentCode> found(values.size());
  tables_.values().codes_of(values, found);
  for (size_t i = 0; i < places.size(); ++i) codes[places[i]] = found[i];
}

std::vector<SegmentCode>& SegmentTarget::codes_of(ColumnId id, const ColumnDictionary& dictionary) {
  if (id.packed() != last_column_) {
    last_column_ = id.packed();
    last_codes_ = &codes_[last_column_];
    if (last_codes_->empty()) translate(dictionary, *last_codes_);
  }
  return *last_codes_;
}

Result<void> SegmentTarget::coded_all(ColumnId id, const ColumnDictionary& dictionary, std::span<uint32_t> codes) {
  const std::vector<SegmentCode>& known = codes_of(id, dictionary);
  for (uint32_t& code : codes) code = known[code] != kUnknown ? known[code] : TRY(coded(id, dictionary, code));
  return {};
}

Result<uint32_t> SegmentTarget::coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) {
  uint32_t& known = codes_of(id, dictionary)[code];
  if (known != kUnknown) return known;
  const StoredValue value = dictionary.value(code);
  known = TRY(take(value));
  if (id == ColumnId(SpanFieldColumn::kNames)) TRY(note_name(value, known));
  return known;
}

Result<uint32_t> SegmentTarget::direct(ColumnId, const StoredValue& value) {
  return take(value);
}

/// Lists of names show long ones too.
Result<void> SegmentTarget::note_name(const StoredValue& value, SegmentCode code) {
  if (!value.in_texts) return {};
  const auto text = static_cast<uint32_t>(value.number);
  if (contents_.text_table()->text_bytes(text) > kRunTextBytesMax) return {};
  tables_.note_name(code, TRY(contents_.text(text)));
  return {};
}

data::ShapeId SegmentTarget::shape(data::ShapeId shape) {
  return globals_.shape(shape);
}
uint32_t SegmentTarget::resource(uint32_t index) {
  return globals_.resource(index);
}
uint32_t SegmentTarget::scope(uint32_t index) {
  return globals_.scope(index);
}

}  // namespace sextant::persist
