// OTLP/JSON to a batch: protobuf's JSON mapping with ids in hexadecimal (OTLP specification, "JSON Protobuf Encoding"),
// read as a stream and leniently where senders are known to differ.
//
// Members come in any order, so what a value belongs to may be read after it: owners have their places opened first,
// and a key is put before its value afterwards.
#include <charconv>
#include <optional>
#include <string>

#include "base/codec/json_reader.h"
#include "data/otlp/batch_builder.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

/// A member's name in lowerCamelCase and as it stands in the .proto file.
struct MemberName {
  std::string_view camel;
  std::string_view original;
};

/// Index of the member, or N.
template <size_t N>
size_t member_index(const MemberName (&names)[N], std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i].camel == name || names[i].original == name) return i;
  }
  return N;
}

constexpr std::string_view kSpanKindNames[] = {"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
                                               "SPAN_KIND_CLIENT",      "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"};
constexpr std::string_view kStatusCodeNames[] = {"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"};

/// Thread-confined, used once. Lifetime: not longer than the text.
/// Methods return false at a fault of the text or when memory has run out.
class JsonDecoder {
 public:
  JsonDecoder(std::string_view text, const DecodeOptions& options)
      : text_(text), json_(text, kJsonDepthMax), builder_(options, text.size()) {}

  Result<DecodedTraces> decode();

 private:
  bool request();
  bool resource_spans();
  bool resource();
  bool scope_spans();
  bool scope(ValueCode& name, ValueCode& version);
  bool span();
  bool span_member(size_t member);
  bool status();
  bool event();
  bool link();
  bool attributes(AttributeDraft& draft);
  bool attribute(AttributeDraft& draft);
  bool any_value(ValueView& value, int depth);
  bool value_member(size_t member, ValueView& value, int depth);
  bool list(ValueView& value, ValueType type, int depth);
  bool list_values(ValueType type, int depth);
  bool element(int depth);
  bool map_entry(int depth);

  template <typename Read>
  bool each(Read read);
  /// True when null stands next, which has been read: the member is absent.
  bool absent();
  bool text(ValueCode& code);
  template <typename Int>
  bool integer(Int& value);
  bool real(double& value);
  bool bytes(std::string_view& value);
  template <size_t N>
  bool enumeration(uint32_t& value, const std::string_view (&names)[N]);
  template <size_t Size>
  bool id(Id<Size>& id, Refusal wrong_length);
  std::string_view keep(std::string_view text, std::string& buffer) const;
  bool memory_left() { return builder_.memory_left() || (exhausted_ = true, false); }

  std::string_view text_;
  JsonReader json_;
  BatchBuilder builder_;
  bool exhausted_ = false;
  std::string key_;         // of the attribute being read, when it had escapes
  std::string value_text_;  // of the scalar being read, when it had escapes or was base64
};

Result<DecodedTraces> JsonDecoder::decode() {
  const bool read = request() && json_.finish();
  if (!json_.ok()) return std::unexpected(json_.error());
  DecodedTraces traces;
  const bool complete = read && !exhausted_;
  if (complete) traces.batch = builder_.finish();
  if (!complete || !builder_.charge(traces.batch)) {
    return fail(ErrorCode::kResourceExhausted, "no memory left to decode the request: try again later");
  }
  traces.rejected_spans = builder_.refusals().total();
  traces.reason = builder_.refusals().sentence();
  return traces;
}

bool JsonDecoder::request() {
  static constexpr MemberName kNames[] = {{"resourceSpans", "resource_spans"}};
  std::string_view name;
  std::string unknown;
  const char* unknown_at = nullptr;
  bool known = false;
  for (json_.begin_object(); json_.next_member(name);) {
    if (member_index(kNames, name) == 0) {
      known = true;
      if (!absent() && !each([this] { return resource_spans(); })) return false;
      continue;
    }
    if (unknown_at == nullptr) {
      unknown = name;
      unknown_at = json_.last_read();
    }
    if (!json_.skip()) return false;
  }
  if (!json_.ok() || known || unknown_at == nullptr) return json_.ok();
  return json_.fault(
      fmt::format("unknown field \"{}\": a request for traces is an object with the field \"resourceSpans\"", unknown),
      unknown_at);
}

/// Reads an array of objects; null entries count as absent.
template <typename Read>
bool JsonDecoder::each(Read read) {
  for (json_.begin_array(); json_.next_element();) {
    if (!absent() && !read()) return false;
  }
  return json_.ok();
}

bool JsonDecoder::absent() {
  JsonType type;
  return json_.peek(type) && type == JsonType::kNull && json_.null();
}

bool JsonDecoder::resource_spans() {
  static constexpr MemberName kNames[] = {
      {"resource", "resource"}, {"scopeSpans", "scope_spans"}, {"schemaUrl", "schema_url"}};
  builder_.begin_resource();
  ValueCode schema_url = 0;
  Refusal cause = Refusal::kNone;
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    bool read = false;
    switch (member) {
      case 0:
        read = resource();
        break;
      case 1:
        read = each([this] { return scope_spans(); });
        break;
      case 2:
        read = text(schema_url);
        break;
      default:
        read = json_.skip();
    }
    if (!read) return false;
    if (cause == Refusal::kNone) cause = builder_.take_cause();
  }
  if (!json_.ok()) return false;
  builder_.refuse(cause);
  builder_.end_resource(schema_url);
  return memory_left();
}

bool JsonDecoder::resource() {
  static constexpr MemberName kNames[] = {{"attributes", "attributes"},
                                          {"droppedAttributesCount", "dropped_attributes_count"}};
  AttributeDraft& draft = builder_.resource_attributes();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    if (!(member == 0 ? attributes(draft) : member == 1 ? integer(draft.dropped) : json_.skip())) return false;
  }
  return json_.ok();
}

bool JsonDecoder::scope_spans() {
  static constexpr MemberName kNames[] = {{"scope", "scope"}, {"spans", "spans"}, {"schemaUrl", "schema_url"}};
  builder_.begin_scope();
  ValueCode scope_name = 0;
  ValueCode scope_version = 0;
  ValueCode schema_url = 0;
  Refusal cause = Refusal::kNone;
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    bool read = false;
    switch (member) {
      case 0:
        read = scope(scope_name, scope_version);
        break;
      case 1:
        read = each([this] { return span(); });
        break;
      case 2:
        read = text(schema_url);
        break;
      default:
        read = json_.skip();
    }
    if (!read) return false;
    if (cause == Refusal::kNone) cause = builder_.take_cause();
  }
  if (!json_.ok()) return false;
  builder_.refuse(cause);
  builder_.end_scope(scope_name, scope_version, schema_url);
  return memory_left();
}

bool JsonDecoder::scope(ValueCode& scope_name, ValueCode& scope_version) {
  static constexpr MemberName kNames[] = {{"name", "name"},
                                          {"version", "version"},
                                          {"attributes", "attributes"},
                                          {"droppedAttributesCount", "dropped_attributes_count"}};
  AttributeDraft& draft = builder_.scope_attributes();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    bool read = false;
    switch (member) {
      case 0:
        read = text(scope_name);
        break;
      case 1:
        read = text(scope_version);
        break;
      case 2:
        read = attributes(draft);
        break;
      case 3:
        read = integer(draft.dropped);
        break;
      default:
        read = json_.skip();
    }
    if (!read) return false;
  }
  return json_.ok();
}

constexpr MemberName kSpanNames[] = {
    {"traceId", "trace_id"},
    {"spanId", "span_id"},
    {"traceState", "trace_state"},
    {"parentSpanId", "parent_span_id"},
    {"flags", "flags"},
    {"name", "name"},
    {"kind", "kind"},
    {"startTimeUnixNano", "start_time_unix_nano"},
    {"endTimeUnixNano", "end_time_unix_nano"},
    {"attributes", "attributes"},
    {"droppedAttributesCount", "dropped_attributes_count"},
    {"events", "events"},
    {"droppedEventsCount", "dropped_events_count"},
    {"links", "links"},
    {"droppedLinksCount", "dropped_links_count"},
    {"status", "status"},
};

bool JsonDecoder::span() {
  builder_.begin_span();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kSpanNames, name);
    if (!absent() && !span_member(member)) return false;
  }
  if (!json_.ok()) return false;
  return builder_.end_span() || (exhausted_ = true, false);
}

bool JsonDecoder::span_member(size_t member) {
  SpanDraft& span = builder_.span();
  switch (member) {
    case 0:
      return id(span.trace_id, Refusal::kTraceId);
    case 1:
      return id(span.span_id, Refusal::kSpanId);
    case 2:
      return text(span.trace_state);
    case 3:
      return id(span.parent_span_id, Refusal::kParentId);
    case 4:
      return integer(span.flags);
    case 5:
      return text(span.name);
    case 6:
      return enumeration(span.kind, kSpanKindNames);
    case 7:
      return integer(span.start_unix_nanos);
    case 8:
      return integer(span.end_unix_nanos);
    case 9:
      return attributes(builder_.span_attributes());
    case 10:
      return integer(builder_.span_attributes().dropped);
    case 11:
      return each([this] { return event(); });
    case 12:
      return integer(span.dropped_events);
    case 13:
      return each([this] { return link(); });
    case 14:
      return integer(span.dropped_links);
    case 15:
      return status();
    default:
      return json_.skip();
  }
}

bool JsonDecoder::status() {
  static constexpr MemberName kNames[] = {{"message", "message"}, {"code", "code"}};
  SpanDraft& span = builder_.span();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    if (!(member == 0   ? text(span.status_message)
          : member == 1 ? enumeration(span.status, kStatusCodeNames)
                        : json_.skip())) {
      return false;
    }
  }
  return json_.ok();
}

bool JsonDecoder::event() {
  static constexpr MemberName kNames[] = {{"timeUnixNano", "time_unix_nano"},
                                          {"name", "name"},
                                          {"attributes", "attributes"},
                                          {"droppedAttributesCount", "dropped_attributes_count"}};
  EventDraft event;
  AttributeDraft& draft = builder_.item_attributes();
  draft.clear();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    bool read = false;
    switch (member) {
      case 0:
        read = integer(event.time_unix_nanos);
        break;
      case 1:
        read = text(event.name);
        break;
      case 2:
        read = attributes(draft);
        break;
      case 3:
        read = integer(draft.dropped);
        break;
      default:
        read = json_.skip();
    }
    if (!read) return false;
  }
  if (!json_.ok()) return false;
  builder_.add_event(event, draft);
  return memory_left();
}

bool JsonDecoder::link() {
  static constexpr MemberName kNames[] = {{"traceId", "trace_id"},
                                          {"spanId", "span_id"},
                                          {"traceState", "trace_state"},
                                          {"attributes", "attributes"},
                                          {"droppedAttributesCount", "dropped_attributes_count"},
                                          {"flags", "flags"}};
  LinkDraft link;
  AttributeDraft& draft = builder_.item_attributes();
  draft.clear();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    bool read = false;
    switch (member) {
      case 0:
        read = id(link.trace_id, Refusal::kLinkId);
        break;
      case 1:
        read = id(link.span_id, Refusal::kLinkId);
        break;
      case 2:
        read = text(link.trace_state);
        break;
      case 3:
        read = attributes(draft);
        break;
      case 4:
        read = integer(draft.dropped);
        break;
      case 5:
        read = integer(link.flags);
        break;
      default:
        read = json_.skip();
    }
    if (!read) return false;
  }
  if (!json_.ok()) return false;
  builder_.add_link(link, draft);
  return memory_left();
}

bool JsonDecoder::attributes(AttributeDraft& draft) {
  return each([&] { return attribute(draft); });
}

constexpr MemberName kKeyValueNames[] = {{"key", "key"}, {"value", "value"}};

bool JsonDecoder::attribute(AttributeDraft& draft) {
  std::string_view name;
  std::string_view key;
  ValueCode code = builder_.value(ValueView::empty());
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kKeyValueNames, name);
    if (absent()) continue;
    if (member == 0) {
      if (!json_.string(key)) return false;
      key = keep(key, key_);
    } else if (member == 1) {
      ValueView value;
      builder_.nested().reset();
      if (!any_value(value, 0)) return false;
      if (value.type == ValueType::kArray || value.type == ValueType::kMap) value = builder_.nested().finish();
      code = builder_.value(value);
    } else if (!json_.skip()) {
      return false;
    }
  }
  if (!json_.ok()) return false;
  if (key.size() > kValueBytesMax) builder_.refuse(Refusal::kTooLarge);
  builder_.attribute(draft, key, code);
  return true;
}

constexpr MemberName kAnyValueNames[] = {{"stringValue", "string_value"}, {"boolValue", "bool_value"},
                                         {"intValue", "int_value"},       {"doubleValue", "double_value"},
                                         {"arrayValue", "array_value"},   {"kvlistValue", "kvlist_value"},
                                         {"bytesValue", "bytes_value"}};

/// Reads an AnyValue. An array or map is left in the nested builder (a scalar is not: its text is in `value`).
/// Of several members the last counts: what the builder has of an earlier one is taken out again.
bool JsonDecoder::any_value(ValueView& value, int depth) {
  const NestedBuilder::Mark mark = builder_.nested().mark();
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kAnyValueNames, name);
    if (absent()) continue;
    if (member < std::size(kAnyValueNames)) builder_.nested().rewind(mark);
    if (!value_member(member, value, depth)) return false;
  }
  return json_.ok();
}

bool JsonDecoder::value_member(size_t member, ValueView& value, int depth) {
  switch (member) {
    case 0:
      value = ValueView::string({});
      if (!json_.string(value.bytes)) return false;
      value.bytes = keep(value.bytes, value_text_);
      return true;
    case 1: {
      bool flag = false;
      if (!json_.boolean(flag)) return false;
      value = ValueView::boolean(flag);
      return true;
    }
    case 2: {
      value = ValueView::integer(0);
      return integer(value.number);
    }
    case 3: {
      double number = 0;
      if (!real(number)) return false;
      value = ValueView::real(number);
      return true;
    }
    case 4:
      return list(value, ValueType::kArray, depth);
    case 5:
      return list(value, ValueType::kMap, depth);
    case 6:
      value = ValueView::raw({});
      return bytes(value.bytes);
    default:
      return json_.skip();
  }
}

/// Reads {"values": […]}. A list that is refused is read over, and an empty value stands in its place.
bool JsonDecoder::list(ValueView& value, ValueType type, int depth) {
  static constexpr MemberName kNames[] = {{"values", "values"}};
  if (!builder_.begin_list(type, depth)) {
    value = ValueView::empty();
    return json_.skip();
  }
  value = {type, 0, {}};
  std::string_view name;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kNames, name);
    if (absent()) continue;
    if (!(member == 0 ? list_values(type, depth) : json_.skip())) return false;
  }
  builder_.nested().end();
  return json_.ok();
}

bool JsonDecoder::list_values(ValueType type, int depth) {
  for (json_.begin_array(); json_.next_element();) {
    if (!(type == ValueType::kMap ? map_entry(depth) : element(depth))) return false;
  }
  return json_.ok();
}

/// One AnyValue of an array, or of a map's entry; null is the empty value.
bool JsonDecoder::element(int depth) {
  ValueView value;
  if (!absent() && !any_value(value, depth + 1)) return false;
  if (!json_.ok()) return false;
  if (value.type != ValueType::kArray && value.type != ValueType::kMap) builder_.nested().value(value);
  return true;
}

bool JsonDecoder::map_entry(int depth) {
  NestedBuilder& nested = builder_.nested();
  const NestedBuilder::Mark mark = nested.mark();
  std::string_view name;
  std::string key;
  bool has_value = false;
  if (absent()) return true;
  for (json_.begin_object(); json_.next_member(name);) {
    const size_t member = member_index(kKeyValueNames, name);
    if (absent()) continue;
    if (member == 0) {
      std::string_view text;
      if (!json_.string(text)) return false;
      key = text;
    } else if (member == 1) {
      nested.rewind(mark);
      if (!element(depth)) return false;
      has_value = true;
    } else if (!json_.skip()) {
      return false;
    }
  }
  if (!json_.ok()) return false;
  if (!has_value) nested.value(ValueView::empty());
  nested.insert_key(mark, key);
  return true;
}

bool JsonDecoder::text(ValueCode& code) {
  std::string_view text;
  if (!json_.string(text)) return false;
  code = builder_.text(text);
  return true;
}

/// The reader overwrites an unescaped string when it reads the next: what has to stay is copied then.
std::string_view JsonDecoder::keep(std::string_view text, std::string& buffer) const {
  if (text.data() >= text_.data() && text.data() < text_.data() + text_.size()) return text;
  buffer = text;
  return buffer;
}

/// A number, or a string of its digits.
template <typename Int>
bool JsonDecoder::integer(Int& value) {
  JsonType type;
  if (!json_.peek(type)) return false;
  JsonNumber number;
  if (type == JsonType::kString) {
    if (!json_.string(number.token)) return false;
    const auto [end, error] = std::from_chars(number.token.data(), number.token.data() + number.token.size(), value);
    if (error == std::errc{} && end == number.token.data() + number.token.size()) return true;
    return json_.fault("a string of digits expected, within the field's range");
  }
  if (!json_.number(number)) return false;
  uint64_t wide = 0;
  bool fits = false;
  if constexpr (std::is_signed_v<Int>) {
    fits = number.to_int64(value);
  } else {
    fits = number.to_uint64(wide) && wide <= std::numeric_limits<Int>::max();
    value = static_cast<Int>(wide);
  }
  return fits || json_.fault("an integer expected, within the field's range");
}

bool JsonDecoder::real(double& value) {
  JsonType type;
  if (!json_.peek(type)) return false;
  JsonNumber number;
  if (type != JsonType::kString) {
    if (!json_.number(number)) return false;
    value = number.to_double();
    return true;
  }
  if (!json_.string(number.token)) return false;
  const std::string_view text = number.token;
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity" || text == "-Infinity") {
    value = text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  } else {
    JsonReader reader(text, 0);
    if (!reader.number(number) || !reader.finish()) {
      return json_.fault("a number, \"NaN\", \"Infinity\" or \"-Infinity\" expected");
    }
    value = number.to_double();
  }
  return true;
}

bool JsonDecoder::bytes(std::string_view& value) {
  std::string_view text;
  if (!json_.string(text)) return false;
  auto decoded = from_base64(text);
  if (!decoded) return json_.fault("base64 expected");
  value_text_ = std::move(*decoded);
  value = value_text_;
  return true;
}

template <size_t N>
bool JsonDecoder::enumeration(uint32_t& value, const std::string_view (&names)[N]) {
  JsonType type;
  if (!json_.peek(type)) return false;
  if (type == JsonType::kNumber) {
    int64_t number = 0;
    if (!integer(number)) return false;
    if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max()) {
      return json_.fault("an enum number of 32 bits expected");
    }
    value = static_cast<uint32_t>(static_cast<int32_t>(number));
    return true;
  }
  std::string_view name;
  if (!json_.string(name)) return false;
  for (size_t i = 0; i < N; ++i) {
    if (names[i] != name) continue;
    value = static_cast<uint32_t>(i);
    return true;
  }
  return json_.fault(fmt::format("an enum number, or a name such as {}, expected", names[1]));
}

/// An empty id is absent: zero.
template <size_t Size>
bool JsonDecoder::id(Id<Size>& id, Refusal wrong_length) {
  std::string_view text;
  if (!json_.string(text)) return false;
  id = {};
  if (text.empty()) return true;
  if (text.size() != 2 * Size) {
    builder_.refuse(wrong_length);
  } else if (const auto read = Id<Size>::from_hex_text(text)) {
    id = *read;
  } else {
    builder_.refuse(Refusal::kBadId);
  }
  return true;
}

}  // namespace

Result<DecodedTraces> decode_traces_json(std::string_view text, const DecodeOptions& options) {
  return JsonDecoder(text, options).decode();
}

}  // namespace sextant::data
