#include "data/model/batch.h"

#include <algorithm>

#include "base/core/check.h"

namespace sextant::data {
namespace {

/// How many of the newest resources and scopes an appended one is compared with.
constexpr uint32_t kRecentCompared = 16;

template <typename T>
uint64_t bytes_of(const std::vector<T>& column) {
  return column.capacity() * sizeof(T);
}

bool lists_equal(const Batch& a, const AttributeList& list_a, const Batch& b, const AttributeList& list_b) {
  const auto keys_a = a.shapes.keys_of(list_a.shape);
  const auto keys_b = b.shapes.keys_of(list_b.shape);
  const auto values_a = a.values_of(list_a);
  const auto values_b = b.values_of(list_b);
  if (keys_a.size() != keys_b.size()) return false;
  for (size_t i = 0; i < keys_a.size(); ++i) {
    if (a.keys.text(keys_a[i]) != b.keys.text(keys_b[i])) return false;
    if (a.values.view(values_a[i]) != b.values.view(values_b[i])) return false;
  }
  return true;
}

bool resources_equal(const Batch& a, const Resource& left, const Batch& b, const Resource& right) {
  return left.dropped_attributes == right.dropped_attributes &&
         a.values.text(left.schema_url) == b.values.text(right.schema_url) &&
         lists_equal(a, left.attributes, b, right.attributes);
}

bool scopes_equal(const Batch& a, const Scope& left, const Batch& b, const Scope& right) {
  return left.dropped_attributes == right.dropped_attributes && a.values.text(left.name) == b.values.text(right.name) &&
         a.values.text(left.version) == b.values.text(right.version) &&
         a.values.text(left.schema_url) == b.values.text(right.schema_url) &&
         lists_equal(a, left.attributes, b, right.attributes);
}

bool events_equal(const Batch& a, uint32_t row_a, const Batch& b, uint32_t row_b) {
  const RowRange left = a.events_of(row_a);
  const RowRange right = b.events_of(row_b);
  if (left.size() != right.size()) return false;
  for (uint32_t i = 0; i < left.size(); ++i) {
    const uint32_t l = left.begin + i;
    const uint32_t r = right.begin + i;
    if (a.events.time_unix_nanos[l] != b.events.time_unix_nanos[r] ||
        a.events.dropped_attributes[l] != b.events.dropped_attributes[r] ||
        a.values.text(a.events.name[l]) != b.values.text(b.events.name[r]) ||
        !lists_equal(a, a.events.attributes[l], b, b.events.attributes[r])) {
      return false;
    }
  }
  return true;
}

bool links_equal(const Batch& a, uint32_t row_a, const Batch& b, uint32_t row_b) {
  const RowRange left = a.links_of(row_a);
  const RowRange right = b.links_of(row_b);
  if (left.size() != right.size()) return false;
  for (uint32_t i = 0; i < left.size(); ++i) {
    const uint32_t l = left.begin + i;
    const uint32_t r = right.begin + i;
    if (a.links.trace_id[l] != b.links.trace_id[r] || a.links.span_id[l] != b.links.span_id[r] ||
        a.links.flags[l] != b.links.flags[r] || a.links.dropped_attributes[l] != b.links.dropped_attributes[r] ||
        a.values.text(a.links.trace_state[l]) != b.values.text(b.links.trace_state[r]) ||
        !lists_equal(a, a.links.attributes[l], b, b.links.attributes[r])) {
      return false;
    }
  }
  return true;
}

bool scalars_equal(const Batch& a, uint32_t i, const Batch& b, uint32_t j) {
  const SpanColumns& s = a.spans;
  const SpanColumns& t = b.spans;
  return s.trace_id[i] == t.trace_id[j] && s.span_id[i] == t.span_id[j] && s.parent_span_id[i] == t.parent_span_id[j] &&
         s.start_unix_nanos[i] == t.start_unix_nanos[j] && s.end_unix_nanos[i] == t.end_unix_nanos[j] &&
         s.kind[i] == t.kind[j] && s.status[i] == t.status[j] && s.flags[i] == t.flags[j] &&
         s.dropped_attributes[i] == t.dropped_attributes[j] && s.dropped_events[i] == t.dropped_events[j] &&
         s.dropped_links[i] == t.dropped_links[j];
}

}  // namespace

ValueView Batch::attribute(const AttributeList& list, std::string_view key, bool* found) const {
  const auto codes = values_of(list);
  ValueView value;
  bool present = false;
  // The trie gives keys last to first; the first of several equal keys is what counts.
  ShapeId shape = list.shape;
  for (size_t i = codes.size(); i > 0; --i, shape = shapes.parent(shape)) {
    if (keys.text(shapes.last_key(shape)) != key) continue;
    value = values.view(codes[i - 1]);
    present = true;
  }
  if (found != nullptr) *found = present;
  return value;
}

std::string_view Batch::service_of(uint32_t row) const {
  const ValueView value = attribute(resources[spans.resource[row]].attributes, "service.name");
  return value.type == ValueType::kString ? value.bytes : std::string_view{};
}

uint64_t Batch::whole_bytes(ValueCode code) const {
  const auto cut = std::ranges::lower_bound(cut_values, code, {}, &CutValue::code);
  return cut != cut_values.end() && cut->code == code ? cut->bytes : values.view(code).bytes.size();
}

uint64_t Batch::byte_size() const {
  const SpanColumns& s = spans;
  return values.byte_size() + keys.byte_size() + shapes.byte_size() + bytes_of(attribute_values) + bytes_of(resources) +
         bytes_of(scopes) + bytes_of(s.trace_id) + bytes_of(s.span_id) + bytes_of(s.parent_span_id) +
         bytes_of(s.start_unix_nanos) + bytes_of(s.end_unix_nanos) + bytes_of(s.name) + bytes_of(s.trace_state) +
         bytes_of(s.status_message) + bytes_of(s.kind) + bytes_of(s.status) + bytes_of(s.flags) + bytes_of(s.resource) +
         bytes_of(s.scope) + bytes_of(s.attributes) + bytes_of(s.dropped_attributes) + bytes_of(s.dropped_events) +
         bytes_of(s.dropped_links) + bytes_of(s.events_end) + bytes_of(s.links_end) + bytes_of(events.time_unix_nanos) +
         bytes_of(events.name) + bytes_of(events.attributes) + bytes_of(events.dropped_attributes) +
         bytes_of(links.trace_id) + bytes_of(links.span_id) + bytes_of(links.trace_state) + bytes_of(links.flags) +
         bytes_of(links.attributes) + bytes_of(links.dropped_attributes) + bytes_of(cut_values);
}

/// Codes of one source in terms of the target, found when first needed.
struct BatchAppender::Translation {
  static constexpr uint32_t kUnknown = UINT32_MAX;
  Translation(const Batch& source, Batch& batch)
      : target(batch),
        values(source.values.size(), kUnknown),
        keys(source.keys.size(), kUnknown),
        shapes(source.shapes.size(), kUnknown),
        resources(source.resources.size(), kUnknown),
        scopes(source.scopes.size(), kUnknown) {}

  ValueCode value(const Batch& source, ValueCode code) {
    if (values[code] == kUnknown) {
      const ValueView value = source.values.view(code);
      values[code] = target.values.intern(value, source.values.hash_of(code));
      const uint64_t whole = source.cut_values.empty() ? value.bytes.size() : source.whole_bytes(code);
      if (whole > value.bytes.size()) target.cut_values.push_back({values[code], whole});
    }
    return values[code];
  }
  Batch& target;
  std::vector<uint32_t> values;
  std::vector<uint32_t> keys;
  std::vector<uint32_t> shapes;
  std::vector<uint32_t> resources;
  std::vector<uint32_t> scopes;
};

BatchAppender::BatchAppender(Batch& target) : target_(target) {}
BatchAppender::~BatchAppender() = default;

BatchAppender::Translation& BatchAppender::translation_of(const Batch& source) {
  if (&source == last_source_) return *last_translation_;
  auto& known = translations_[&source];
  if (!known) known = std::make_unique<Translation>(source, target_);
  last_source_ = &source;
  last_translation_ = known.get();
  return *known;
}

ShapeId BatchAppender::shape_of(const Batch& source, ShapeId shape, Translation& translation) {
  uint32_t& known_shape = translation.shapes[shape];
  if (known_shape != Translation::kUnknown) return known_shape;
  ShapeId copy = ShapeTable::kEmpty;
  // Iterative, because a list may be as long as kAttributesMax and a chain of parents just as deep.
  for (KeyCode key : source.shapes.keys_of(shape)) {
    uint32_t& known = translation.keys[key];
    if (known == Translation::kUnknown) known = target_.keys.intern(source.keys.text(key));
    copy = target_.shapes.extend(copy, known);
  }
  return known_shape = copy;
}

AttributeList BatchAppender::copy_list(const Batch& source, const AttributeList& list, Translation& translation) {
  const AttributeList copy{shape_of(source, list.shape, translation),
                           static_cast<uint32_t>(target_.attribute_values.size())};
  for (ValueCode code : source.values_of(list)) target_.attribute_values.push_back(translation.value(source, code));
  return copy;
}

void BatchAppender::append(const Batch& source, std::span<const uint32_t> rows) {
  CHECK(&source != &target_);
  Translation& translation = translation_of(source);
  for (uint32_t row : rows) append_row(source, row, translation);
}

void BatchAppender::append_all(const Batch& source) {
  std::vector<uint32_t> rows(source.span_count());
  for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  append(source, rows);
}

/// The target's index of a resource: an equal one that is already there, or a copy. Only the newest few are compared;
/// a batch with thousands of resources would otherwise cost the square of their number.
uint32_t BatchAppender::resource_of(const Batch& source, uint32_t index, Translation& translation) {
  uint32_t& known = translation.resources[index];
  if (known != Translation::kUnknown) return known;
  const Resource& resource = source.resources[index];
  const auto count = static_cast<uint32_t>(target_.resources.size());
  for (uint32_t i = count; i > 0 && count - i < kRecentCompared; --i) {
    if (resources_equal(source, resource, target_, target_.resources[i - 1])) return known = i - 1;
  }
  const AttributeList attributes = copy_list(source, resource.attributes, translation);
  target_.resources.push_back(
      {attributes, resource.dropped_attributes, translation.value(source, resource.schema_url)});
  return known = count;
}

uint32_t BatchAppender::scope_of(const Batch& source, uint32_t index, Translation& translation) {
  uint32_t& known = translation.scopes[index];
  if (known != Translation::kUnknown) return known;
  const Scope& scope = source.scopes[index];
  const auto count = static_cast<uint32_t>(target_.scopes.size());
  for (uint32_t i = count; i > 0 && count - i < kRecentCompared; --i) {
    if (scopes_equal(source, scope, target_, target_.scopes[i - 1])) return known = i - 1;
  }
  const AttributeList attributes = copy_list(source, scope.attributes, translation);
  target_.scopes.push_back({translation.value(source, scope.name), translation.value(source, scope.version), attributes,
                            scope.dropped_attributes, translation.value(source, scope.schema_url)});
  return known = count;
}

void BatchAppender::append_row(const Batch& source, uint32_t row, Translation& translation) {
  const SpanColumns& from = source.spans;
  SpanColumns& to = target_.spans;
  to.trace_id.push_back(from.trace_id[row]);
  to.span_id.push_back(from.span_id[row]);
  to.parent_span_id.push_back(from.parent_span_id[row]);
  to.start_unix_nanos.push_back(from.start_unix_nanos[row]);
  to.end_unix_nanos.push_back(from.end_unix_nanos[row]);
  to.name.push_back(translation.value(source, from.name[row]));
  to.trace_state.push_back(translation.value(source, from.trace_state[row]));
  to.status_message.push_back(translation.value(source, from.status_message[row]));
  to.kind.push_back(from.kind[row]);
  to.status.push_back(from.status[row]);
  to.flags.push_back(from.flags[row]);
  to.resource.push_back(resource_of(source, from.resource[row], translation));
  to.scope.push_back(scope_of(source, from.scope[row], translation));
  to.attributes.push_back(copy_list(source, from.attributes[row], translation));
  to.dropped_attributes.push_back(from.dropped_attributes[row]);
  to.dropped_events.push_back(from.dropped_events[row]);
  to.dropped_links.push_back(from.dropped_links[row]);
  copy_events(source, source.events_of(row), translation);
  copy_links(source, source.links_of(row), translation);
  to.events_end.push_back(static_cast<uint32_t>(target_.events.name.size()));
  to.links_end.push_back(static_cast<uint32_t>(target_.links.trace_id.size()));
}

void BatchAppender::copy_events(const Batch& source, RowRange range, Translation& translation) {
  const EventColumns& from = source.events;
  EventColumns& to = target_.events;
  for (uint32_t i = range.begin; i < range.end; ++i) {
    to.time_unix_nanos.push_back(from.time_unix_nanos[i]);
    to.name.push_back(translation.value(source, from.name[i]));
    to.attributes.push_back(copy_list(source, from.attributes[i], translation));
    to.dropped_attributes.push_back(from.dropped_attributes[i]);
  }
}

void BatchAppender::copy_links(const Batch& source, RowRange range, Translation& translation) {
  const LinkColumns& from = source.links;
  LinkColumns& to = target_.links;
  for (uint32_t i = range.begin; i < range.end; ++i) {
    to.trace_id.push_back(from.trace_id[i]);
    to.span_id.push_back(from.span_id[i]);
    to.trace_state.push_back(translation.value(source, from.trace_state[i]));
    to.flags.push_back(from.flags[i]);
    to.attributes.push_back(copy_list(source, from.attributes[i], translation));
    to.dropped_attributes.push_back(from.dropped_attributes[i]);
  }
}

bool rows_equal(const Batch& a, uint32_t row_a, const Batch& b, uint32_t row_b) {
  return scalars_equal(a, row_a, b, row_b) &&
         a.values.text(a.spans.name[row_a]) == b.values.text(b.spans.name[row_b]) &&
         a.values.text(a.spans.trace_state[row_a]) == b.values.text(b.spans.trace_state[row_b]) &&
         a.values.text(a.spans.status_message[row_a]) == b.values.text(b.spans.status_message[row_b]) &&
         lists_equal(a, a.spans.attributes[row_a], b, b.spans.attributes[row_b]) &&
         resources_equal(a, a.resources[a.spans.resource[row_a]], b, b.resources[b.spans.resource[row_b]]) &&
         scopes_equal(a, a.scopes[a.spans.scope[row_a]], b, b.scopes[b.spans.scope[row_b]]) &&
         events_equal(a, row_a, b, row_b) && links_equal(a, row_a, b, row_b);
}

}  // namespace sextant::data
