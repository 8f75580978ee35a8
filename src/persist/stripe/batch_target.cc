#include "persist/stripe/batch_target.h"

#include <algorithm>

namespace sextant::persist {

namespace {

bool is_attribute(ColumnFamily family) {
  return family == ColumnFamily::kSpanAttribute || family == ColumnFamily::kEventAttribute ||
         family == ColumnFamily::kLinkAttribute;
}

/// Those that still say something without their end.
bool may_be_cut(data::ValueType type) {
  return type == data::ValueType::kString || type == data::ValueType::kBytes;
}

}  // namespace

BatchTarget::BatchTarget(StripeContext& context, data::Batch& out, uint64_t value_bytes_max)
    : context_(context),
      out_(out),
      // A shorter one would be shared with values that are not cut.
      value_bytes_max_(std::max<uint64_t>(value_bytes_max, data::kInternBytesMax + 1)),
      texts_(context.read_texts()),
      shapes_(context.globals().shapes.size(), kUnknown),
      resources_(context.globals().resources.size(), kUnknown),
      scopes_(context.globals().scopes.size(), kUnknown) {}

Result<uint32_t> BatchTarget::take(ColumnId id, const StoredValue& value) {
  if (!value.in_texts) return out_.values.intern(value.view());
  const auto number = static_cast<uint32_t>(value.number);
  const uint64_t bytes = texts_->text_bytes(number);
  const bool cut = bytes > value_bytes_max_ && is_attribute(id.family) && may_be_cut(value.type);
  const uint64_t key = static_cast<uint64_t>(value.type) << 33 | static_cast<uint64_t>(cut) << 32 | number;
  const auto known = known_texts_.find(key);
  if (known != known_texts_.end()) return known->second;
  const std::string text = TRY(texts_->text(number, cut ? value_bytes_max_ : UINT64_MAX));
  const data::ValueView view{value.type, 0, text};
  TRY(data::check_nested(view));
  const data::ValueCode code = out_.values.intern(view);
  if (cut) out_.cut_values.push_back({code, bytes});
  known_texts_.emplace(key, code);
  return code;
}

Result<uint32_t> BatchTarget::coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) {
  return take(id, dictionary.value(code));
}

Result<uint32_t> BatchTarget::direct(ColumnId id, const StoredValue& value) {
  if (!value.in_texts) TRY(data::check_nested(value.view()));
  return take(id, value);
}

data::ShapeId BatchTarget::shape(data::ShapeId shape) {
  if (shapes_[shape] != kUnknown) return shapes_[shape];
  const data::Batch& globals = context_.globals();
  data::ShapeId here = data::ShapeTable::kEmpty;
  for (const data::KeyCode key : globals.shapes.keys_of(shape)) {
    here = out_.shapes.extend(here, globals.keys.text(key), out_.keys);
  }
  return shapes_[shape] = here;
}

data::AttributeList BatchTarget::copy_list(const data::AttributeList& list) {
  const data::AttributeList here{shape(list.shape), static_cast<uint32_t>(out_.attribute_values.size())};
  for (const data::ValueCode code : context_.globals().values_of(list)) {
    out_.attribute_values.push_back(copy_text(code));
  }
  return here;
}

data::ValueCode BatchTarget::copy_text(data::ValueCode code) {
  return out_.values.intern(context_.globals().values.view(code));
}

uint32_t BatchTarget::resource(uint32_t index) {
  if (resources_[index] != kUnknown) return resources_[index];
  const data::Resource& from = context_.globals().resources[index];
  resources_[index] = static_cast<uint32_t>(out_.resources.size());
  out_.resources.push_back({copy_list(from.attributes), from.dropped_attributes, copy_text(from.schema_url)});
  return resources_[index];
}

uint32_t BatchTarget::scope(uint32_t index) {
  if (scopes_[index] != kUnknown) return scopes_[index];
  const data::Scope& from = context_.globals().scopes[index];
  scopes_[index] = static_cast<uint32_t>(out_.scopes.size());
  out_.scopes.push_back({copy_text(from.name), copy_text(from.version), copy_list(from.attributes),
                         from.dropped_attributes, copy_text(from.schema_url)});
  return scopes_[index];
}

}  // namespace sextant::persist
