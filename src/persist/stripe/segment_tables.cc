#include "persist/stripe/segment_tables.h"

#include "persist/format/bytes.h"
#include "persist/format/limits.h"

namespace sextant::persist {

using data::AttributeList;
using data::Batch;
using data::ShapeId;

ShapeId SegmentTables::shape_of(const Batch& batch, ShapeId shape) {
  ShapeId here = data::ShapeTable::kEmpty;
  for (const data::KeyCode key : batch.shapes.keys_of(shape)) {
    here = globals_.shapes.extend(here, batch.keys.text(key), globals_.keys);
  }
  return here;
}

namespace {

/// What tells two lists of resources or scopes apart.
void put_list(std::string& out, const Batch& batch, const AttributeList& list) {
  for (const data::KeyCode key : batch.shapes.keys_of(list.shape)) put_text(out, batch.keys.text(key));
  for (const data::ValueCode code : batch.values_of(list)) {
    const data::ValueView value = batch.values.view(code);
    put_u8(out, static_cast<uint8_t>(value.type));
    put_u64(out, static_cast<uint64_t>(value.number));
    put_text(out, value.bytes);
  }
}

}  // namespace

AttributeList SegmentTables::copy_list(const Batch& batch, const AttributeList& list) {
  const AttributeList here{shape_of(batch, list.shape), static_cast<uint32_t>(globals_.attribute_values.size())};
  for (const data::ValueCode code : batch.values_of(list)) {
    globals_.attribute_values.push_back(globals_.values.intern(batch.values.view(code)));
  }
  return here;
}

uint32_t SegmentTables::resource_of(const Batch& batch, uint32_t index) {
  const data::Resource& from = batch.resources[index];
  std::string content;
  put_text(content, batch.values.text(from.schema_url));
  put_varint(content, from.dropped_attributes);
  put_list(content, batch, from.attributes);
  const auto next = static_cast<uint32_t>(globals_.resources.size());
  const auto [known, fresh] = resources_.try_emplace(std::move(content), next);
  if (!fresh) return known->second;
  globals_.resources.push_back({copy_list(batch, from.attributes), from.dropped_attributes,
                                globals_.values.intern_string(batch.values.text(from.schema_url))});
  return next;
}

uint32_t SegmentTables::scope_of(const Batch& batch, uint32_t index) {
  const data::Scope& from = batch.scopes[index];
  std::string content;
  for (const data::ValueCode code : {from.name, from.version, from.schema_url}) {
    put_text(content, batch.values.text(code));
  }
  put_varint(content, from.dropped_attributes);
  put_list(content, batch, from.attributes);
  const auto next = static_cast<uint32_t>(globals_.scopes.size());
  const auto [known, fresh] = scopes_.try_emplace(std::move(content), next);
  if (!fresh) return known->second;
  const auto text = [&](data::ValueCode code) { return globals_.values.intern_string(batch.values.text(code)); };
  globals_.scopes.push_back({text(from.name), text(from.version), copy_list(batch, from.attributes),
                             from.dropped_attributes, text(from.schema_url)});
  return next;
}

void SegmentTables::note_name(SegmentCode code, std::string_view text) {
  if (long_names_.size() >= kOperationsMax || text.size() > kRunTextBytesMax) return;
  long_names_.try_emplace(code, text);
}

std::optional<std::string_view> SegmentTables::name_text(SegmentCode code) const {
  if ((code & kTextCode) == 0) return values_.stored(code).bytes;
  const auto known = long_names_.find(code);
  return known == long_names_.end() ? std::nullopt : std::optional<std::string_view>(known->second);
}

const std::vector<uint32_t>& SegmentTables::columns_of(ColumnFamily family, ShapeId shape) {
  auto& by_shape = columns_[static_cast<size_t>(family)];
  if (shape >= by_shape.size()) by_shape.resize(shape + 1);
  std::vector<uint32_t>& columns = by_shape[shape];
  if (columns.empty() && shape != data::ShapeTable::kEmpty) {
    for (const data::KeyCode key : globals_.shapes.keys_of(shape)) {
      columns.push_back(dictionaries_.column_of({family, key}));
    }
  }
  return columns;
}

uint64_t SegmentTables::byte_size() const {
  uint64_t bytes = globals_.byte_size() + values_.byte_size() + dictionaries_.byte_size();
  for (const auto& by_shape : columns_) {
    for (const auto& columns : by_shape) bytes += sizeof(std::vector<uint32_t>) + columns.capacity() * sizeof(uint32_t);
  }
  return bytes;
}

RowSource::RowSource(const Batch& batch, SegmentTables& tables, Codes codes)
    : batch_(&batch), tables_(&tables), codes_(codes) {
  if (codes == Codes::kOfSegment) return;
  tables.values().codes_of(batch.values, values_);
  keys_.assign(batch.keys.size(), kUnknown);
  shapes_.assign(batch.shapes.size(), kUnknown);
  shapes_[data::ShapeTable::kEmpty] = data::ShapeTable::kEmpty;
  resources_.assign(batch.resources.size(), kUnknown);
  scopes_.assign(batch.scopes.size(), kUnknown);
}

Result<SegmentCode> RowSource::find_value(data::ValueCode code) {
  const SegmentCode found = TRY(tables_->values().code_of(batch_->values.view(code)));
  values_[code] = found;
  return found;
}

/// From the longest list before it that is known; those on the way are known afterwards.
ShapeId RowSource::find_shape(ShapeId shape) {
  path_.clear();
  for (; shapes_[shape] == kUnknown; shape = batch_->shapes.parent(shape)) path_.push_back(shape);
  ShapeId here = shapes_[shape];
  for (; !path_.empty(); path_.pop_back()) {
    data::KeyCode& key = keys_[batch_->shapes.last_key(path_.back())];
    if (key == kUnknown) key = tables_->key_of(batch_->keys.text(batch_->shapes.last_key(path_.back())));
    shapes_[path_.back()] = here = tables_->shape_with(here, key);
  }
  return here;
}

uint32_t RowSource::resource(uint32_t index) {
  if (codes_ == Codes::kOfSegment) return index;
  if (resources_[index] == kUnknown) resources_[index] = tables_->resource_of(*batch_, index);
  return resources_[index];
}

uint32_t RowSource::scope(uint32_t index) {
  if (codes_ == Codes::kOfSegment) return index;
  if (scopes_[index] == kUnknown) scopes_[index] = tables_->scope_of(*batch_, index);
  return scopes_[index];
}

}  // namespace sextant::persist
