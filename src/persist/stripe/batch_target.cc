#include "persist/stripe/batch_target.h"

namespace sextant::persist {

BatchTarget::BatchTarget(StripeContext& context, data::Batch& out)
    : context_(context),
      out_(out),
      shapes_(context.globals().shapes.size(), kUnknown),
      resources_(context.globals().resources.size(), kUnknown),
      scopes_(context.globals().scopes.size(), kUnknown) {}

Result<uint32_t> BatchTarget::take(const StoredValue& value) {
  if (!value.in_texts) return out_.values.intern(value.view());
  const uint64_t key = static_cast<uint64_t>(value.type) << 32 | static_cast<uint64_t>(value.number);
  const auto known = texts_.find(key);
  if (known != texts_.end()) return known->second;
  const std::string text = TRY(context_.text(static_cast<uint32_t>(value.number)));
  const data::ValueView view{value.type, 0, text};
  TRY(data::check_nested(view));
  const data::ValueCode code = out_.values.intern(view);
  texts_.emplace(key, code);
  return code;
}

Result<uint32_t> BatchTarget::coded(ColumnId, const ColumnDictionary& dictionary, uint32_t code) {
  return take(dictionary.value(code));
}

Result<uint32_t> BatchTarget::direct(const StoredValue& value) {
  if (!value.in_texts) TRY(data::check_nested(value.view()));
  return take(value);
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
