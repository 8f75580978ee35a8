// OTLP protobuf to a batch: one pass over the wire bytes, each text seen where it lies until the dictionary has it.
//
// What proto3 demands of a parser and what is easily got wrong stands here: fields come in any order (a resource after
// its spans), the last of a repeated scalar counts, pieces of one submessage are merged, lists continue.
#include <cstring>
#include <deque>
#include <string>

#include "base/codec/protobuf_reader.h"
#include "data/otlp/batch_builder.h"
#include "data/otlp/fields.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

constexpr uint32_t tag_bytes(uint32_t field) {
  return wire_tag(field, WireType::kBytes);
}
constexpr uint32_t tag_varint(uint32_t field) {
  return wire_tag(field, WireType::kVarint);
}
constexpr uint32_t tag_fixed64(uint32_t field) {
  return wire_tag(field, WireType::kFixed64);
}
constexpr uint32_t tag_fixed32(uint32_t field) {
  return wire_tag(field, WireType::kFixed32);
}

/// A submessage that may come in several pieces: parsing them joined is, by protobuf's rules, the same as merging them.
struct Pieces {
  std::string_view joined;
  bool present = false;
};

/// Decodes one request. Thread-confined, used once. Lifetime: not longer than the wire bytes.
/// Methods return false at a fault of the wire or when memory has run out; the span they belong to does not matter
/// then.
class ProtobufDecoder {
 public:
  ProtobufDecoder(std::string_view wire, const DecodeOptions& options) : wire_(wire), builder_(options, wire.size()) {}

  Result<DecodedTraces> decode();

 private:
  bool decode_request();
  bool decode_resource_spans(std::string_view message);
  bool decode_resource(std::string_view message);
  bool decode_scope_spans(std::string_view message);
  bool decode_scope(std::string_view message, std::string_view& name, std::string_view& version);
  bool decode_span(std::string_view message);
  bool decode_span_field(ProtobufReader& fields);
  bool decode_rare_span_field(ProtobufReader& fields);
  bool decode_status(std::string_view message);
  bool decode_event(std::string_view message);
  bool decode_link(std::string_view message);
  bool decode_attribute(ProtobufReader& owner, AttributeDraft& draft);
  bool decode_unusual_attribute(std::string_view message, AttributeDraft& draft);
  bool scan_key_value(std::string_view message, std::string_view& key, Pieces& content);
  bool scan_value(std::string_view message, ValueView& value);
  bool decode_list(const ValueView& list, int depth);
  bool decode_map_entry(std::string_view message, int depth);
  bool decode_element(std::string_view message, int depth);
  bool read_text(ProtobufReader& fields, ValueCode& code);
  template <size_t Size>
  bool read_id(ProtobufReader& fields, Id<Size>& id, Refusal refusal);
  bool add_piece(ProtobufReader& fields, Pieces& pieces);
  bool join(Pieces& pieces, std::string_view more);
  bool memory_left() { return builder_.memory_left() || (exhausted_ = true, false); }
  Error error() const;

  std::string_view wire_;
  BatchBuilder builder_;
  WireFault fault_;
  bool exhausted_ = false;
  std::deque<std::string> joined_;  // pieces put together; stable addresses
  uint64_t joined_bytes_ = 0;
};

Error ProtobufDecoder::error() const {
  if (exhausted_) {
    return Error(ErrorCode::kResourceExhausted, "no memory left to decode the request: try again later");
  }
  const bool in_wire = fault_.at >= wire_.data() && fault_.at <= wire_.data() + wire_.size();
  if (!in_wire)
    return Error(ErrorCode::kInvalidArgument, fmt::format("in a message of several pieces: {}", fault_.what));
  return Error(ErrorCode::kInvalidArgument, fmt::format("byte {}: {}", fault_.at - wire_.data(), fault_.what));
}

Result<DecodedTraces> ProtobufDecoder::decode() {
  DecodedTraces traces;
  const bool read = decode_request();
  if (read) traces.batch = builder_.finish();
  if (!read || !builder_.charge(traces.batch)) {
    exhausted_ = fault_.what == nullptr;
    return std::unexpected(error());
  }
  traces.rejected_spans = builder_.refusals().total();
  traces.reason = builder_.refusals().sentence();
  return traces;
}

bool ProtobufDecoder::decode_request() {
  ProtobufReader fields(wire_, fault_);
  while (fields.next()) {
    std::string_view message;
    if (fields.tag() == tag_bytes(field::kTracesResourceSpans)) {
      if (!fields.bytes(message) || !decode_resource_spans(message)) return false;
    } else if (!fields.skip_unknown(field::kTracesResourceSpans, field::kTracesResourceSpans)) {
      return false;
    }
  }
  return fault_.what == nullptr;
}

bool ProtobufDecoder::decode_resource_spans(std::string_view message) {
  builder_.begin_resource();
  Pieces resource;
  std::string_view schema_url;
  std::string_view scope_spans;
  bool kept = true;
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_bytes(field::kResourceSpansResource):
        if (!fields.bytes(scope_spans)) return false;
        kept &= join(resource, scope_spans);
        break;
      case tag_bytes(field::kResourceSpansScopeSpans):
        if (!fields.bytes(scope_spans) || !decode_scope_spans(scope_spans)) return false;
        break;
      case tag_bytes(field::kResourceSpansSchemaUrl):
        if (!fields.bytes(schema_url)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kResourceSpansResource, field::kResourceSpansSchemaUrl)) return false;
    }
  }
  if (fault_.what != nullptr || !decode_resource(resource.joined)) return false;
  if (!kept) builder_.refuse(Refusal::kRepeated);
  builder_.end_resource(builder_.text(schema_url));
  return memory_left();
}

bool ProtobufDecoder::decode_resource(std::string_view message) {
  AttributeDraft& attributes = builder_.resource_attributes();
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_bytes(field::kResourceAttributes):
        if (!decode_attribute(fields, attributes)) return false;
        break;
      case tag_varint(field::kResourceDroppedAttributes):
        if (!fields.varint32(attributes.dropped)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kResourceAttributes, field::kResourceDroppedAttributes)) return false;
    }
  }
  return fault_.what == nullptr;
}

bool ProtobufDecoder::decode_scope_spans(std::string_view message) {
  builder_.begin_scope();
  Pieces scope;
  std::string_view schema_url;
  std::string_view content;
  bool kept = true;
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_bytes(field::kScopeSpansSpans):
        if (!fields.bytes(content) || !decode_span(content)) return false;
        break;
      case tag_bytes(field::kScopeSpansScope):
        if (!fields.bytes(content)) return false;
        kept &= join(scope, content);
        break;
      case tag_bytes(field::kScopeSpansSchemaUrl):
        if (!fields.bytes(schema_url)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kScopeSpansScope, field::kScopeSpansSchemaUrl)) return false;
    }
  }
  std::string_view name;
  std::string_view version;
  if (fault_.what != nullptr || !decode_scope(scope.joined, name, version)) return false;
  if (!kept) builder_.refuse(Refusal::kRepeated);
  const ValueCode name_code = builder_.text(name);
  const ValueCode version_code = builder_.text(version);
  builder_.end_scope(name_code, version_code, builder_.text(schema_url));
  return memory_left();
}

bool ProtobufDecoder::decode_scope(std::string_view message, std::string_view& name, std::string_view& version) {
  AttributeDraft& attributes = builder_.scope_attributes();
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_bytes(field::kScopeName):
        if (!fields.bytes(name)) return false;
        break;
      case tag_bytes(field::kScopeVersion):
        if (!fields.bytes(version)) return false;
        break;
      case tag_bytes(field::kScopeAttributes):
        if (!decode_attribute(fields, attributes)) return false;
        break;
      case tag_varint(field::kScopeDroppedAttributes):
        if (!fields.varint32(attributes.dropped)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kScopeName, field::kScopeDroppedAttributes)) return false;
    }
  }
  return fault_.what == nullptr;
}

bool ProtobufDecoder::decode_span(std::string_view message) {
  builder_.begin_span();
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    if (!decode_span_field(fields)) return false;
  }
  if (fault_.what != nullptr) return false;
  return builder_.end_span() || (exhausted_ = true, false);
}

/// The fields that nearly every span has.
inline bool ProtobufDecoder::decode_span_field(ProtobufReader& fields) {
  SpanDraft& span = builder_.span();
  switch (fields.tag()) {
    case tag_bytes(field::kSpanAttributes):
      return decode_attribute(fields, builder_.span_attributes());
    case tag_bytes(field::kSpanTraceId):
      return read_id(fields, span.trace_id, Refusal::kTraceId);
    case tag_bytes(field::kSpanSpanId):
      return read_id(fields, span.span_id, Refusal::kSpanId);
    case tag_bytes(field::kSpanParentSpanId):
      return read_id(fields, span.parent_span_id, Refusal::kParentId);
    case tag_bytes(field::kSpanName):
      return read_text(fields, span.name);
    case tag_varint(field::kSpanKind):
      return fields.varint32(span.kind);
    case tag_fixed64(field::kSpanStart):
      return fields.fixed64(span.start_unix_nanos);
    case tag_fixed64(field::kSpanEnd):
      return fields.fixed64(span.end_unix_nanos);
    case tag_fixed32(field::kSpanFlags):
      return fields.fixed32(span.flags);
    default:
      return decode_rare_span_field(fields);
  }
}

bool ProtobufDecoder::decode_rare_span_field(ProtobufReader& fields) {
  SpanDraft& span = builder_.span();
  std::string_view message;
  switch (fields.tag()) {
    case tag_bytes(field::kSpanStatus):
      return fields.bytes(message) && decode_status(message);
    case tag_bytes(field::kSpanEvents):
      return fields.bytes(message) && decode_event(message);
    case tag_bytes(field::kSpanLinks):
      return fields.bytes(message) && decode_link(message);
    case tag_bytes(field::kSpanTraceState):
      return read_text(fields, span.trace_state);
    case tag_varint(field::kSpanDroppedAttributes):
      return fields.varint32(builder_.span_attributes().dropped);
    case tag_varint(field::kSpanDroppedEvents):
      return fields.varint32(span.dropped_events);
    case tag_varint(field::kSpanDroppedLinks):
      return fields.varint32(span.dropped_links);
    default:
      return fields.skip_unknown(field::kSpanTraceId, field::kSpanFlags);
  }
}

bool ProtobufDecoder::decode_status(std::string_view message) {
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_bytes(field::kStatusMessage):
        if (!read_text(fields, builder_.span().status_message)) return false;
        break;
      case tag_varint(field::kStatusCode):
        if (!fields.varint32(builder_.span().status)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kStatusMessage, field::kStatusCode)) return false;
    }
  }
  return fault_.what == nullptr;
}

bool ProtobufDecoder::decode_event(std::string_view message) {
  EventDraft event;
  AttributeDraft& attributes = builder_.item_attributes();
  attributes.clear();
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    switch (fields.tag()) {
      case tag_fixed64(field::kEventTime):
        if (!fields.fixed64(event.time_unix_nanos)) return false;
        break;
      case tag_bytes(field::kEventName):
        if (!read_text(fields, event.name)) return false;
        break;
      case tag_bytes(field::kEventAttributes):
        if (!decode_attribute(fields, attributes)) return false;
        break;
      case tag_varint(field::kEventDroppedAttributes):
        if (!fields.varint32(attributes.dropped)) return false;
        break;
      default:
        if (!fields.skip_unknown(field::kEventTime, field::kEventDroppedAttributes)) return false;
    }
  }
  if (fault_.what != nullptr) return false;
  builder_.add_event(event, attributes);
  return memory_left();
}

bool ProtobufDecoder::decode_link(std::string_view message) {
  LinkDraft link;
  AttributeDraft& attributes = builder_.item_attributes();
  attributes.clear();
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    bool read = false;
    switch (fields.tag()) {
      case tag_bytes(field::kLinkTraceId):
        read = read_id(fields, link.trace_id, Refusal::kLinkId);
        break;
      case tag_bytes(field::kLinkSpanId):
        read = read_id(fields, link.span_id, Refusal::kLinkId);
        break;
      case tag_bytes(field::kLinkTraceState):
        read = read_text(fields, link.trace_state);
        break;
      case tag_bytes(field::kLinkAttributes):
        read = decode_attribute(fields, attributes);
        break;
      case tag_varint(field::kLinkDroppedAttributes):
        read = fields.varint32(attributes.dropped);
        break;
      case tag_fixed32(field::kLinkFlags):
        read = fields.fixed32(link.flags);
        break;
      default:
        read = fields.skip_unknown(field::kLinkTraceId, field::kLinkFlags);
    }
    if (!read) return false;
  }
  if (fault_.what != nullptr) return false;
  builder_.add_link(link, attributes);
  return memory_left();
}

inline bool ProtobufDecoder::scan_key_value(std::string_view message, std::string_view& key, Pieces& content) {
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    if (fields.tag() == tag_bytes(field::kKeyValueKey)) {
      if (!fields.bytes(key)) return false;
    } else if (fields.tag() == tag_bytes(field::kKeyValueValue)) {
      if (!add_piece(fields, content)) return false;
    } else if (!fields.skip_unknown(field::kKeyValueKey, field::kKeyValueValue)) {
      return false;
    }
  }
  return fault_.what == nullptr;
}

/// A KeyValue as nearly all are: a key and a string, each under 128 bytes, in the order of their numbers, nothing else.
/// False, and nothing read, when it is not so.
inline bool scan_usual_attribute(std::string_view message, std::string_view& key, std::string_view& text) {
  constexpr size_t kShort = 0x80;     // lengths below take one byte
  constexpr size_t kFraming = 3 * 2;  // tag and length of key, value and string
  const auto at = [&](size_t i) { return static_cast<uint8_t>(message[i]); };
  if (message.size() < kFraming || at(0) != tag_bytes(field::kKeyValueKey)) return false;
  const size_t key_size = at(1);
  if (key_size >= kShort || message.size() < kFraming + key_size) return false;
  const size_t value = 2 + key_size;
  const size_t text_size = at(value + 3);
  if (at(value) != tag_bytes(field::kKeyValueValue) || at(value + 1) != text_size + 2 ||
      at(value + 2) != tag_bytes(field::kAnyString) || text_size >= kShort - 2 ||
      message.size() != kFraming + key_size + text_size) {
    return false;
  }
  key = message.substr(2, key_size);
  text = message.substr(value + 4);
  return true;
}

/// A KeyValue of an attribute list.
inline bool ProtobufDecoder::decode_attribute(ProtobufReader& owner, AttributeDraft& draft) {
  std::string_view message;
  std::string_view key;
  std::string_view text;
  if (!owner.bytes(message)) return false;
  if (!scan_usual_attribute(message, key, text)) return decode_unusual_attribute(message, draft);
  builder_.attribute(draft, key, builder_.text(text));
  return true;
}

bool ProtobufDecoder::decode_unusual_attribute(std::string_view message, AttributeDraft& draft) {
  std::string_view key;
  Pieces content;
  if (!scan_key_value(message, key, content)) return false;
  ValueView value;
  if (!scan_value(content.joined, value)) return false;
  if (value.type == ValueType::kArray || value.type == ValueType::kMap) {
    builder_.nested().reset();
    (void)builder_.begin_list(value.type, 0);
    if (!decode_list(value, 0)) return false;
    builder_.nested().end();
    value = builder_.nested().finish();
  }
  if (key.size() > kValueBytesMax) [[unlikely]]
    builder_.refuse(Refusal::kTooLarge);
  builder_.attribute(draft, key, builder_.value(value));
  return true;
}

/// Reads an AnyValue. Of an array or map `value.bytes` is the wire form of its list, to be read by decode_list().
/// A oneof: the last member given counts, and only equal message members one after the other are merged.
inline bool ProtobufDecoder::scan_value(std::string_view message, ValueView& value) {
  uint64_t number = 0;
  Pieces list;
  ProtobufReader fields(message, fault_);
  while (fields.next()) {
    ValueType type = ValueType::kEmpty;
    std::string_view bytes;
    switch (fields.tag()) {
      case tag_bytes(field::kAnyString):
        type = ValueType::kString;
        break;
      case tag_bytes(field::kAnyArray):
        type = ValueType::kArray;
        break;
      case tag_bytes(field::kAnyMap):
        type = ValueType::kMap;
        break;
      case tag_bytes(field::kAnyBytes):
        type = ValueType::kBytes;
        break;
      case tag_varint(field::kAnyBool):
        if (!fields.varint(number)) return false;
        value = ValueView::boolean(number != 0);
        continue;
      case tag_varint(field::kAnyInt):
        if (!fields.varint(number)) return false;
        value = ValueView::integer(static_cast<int64_t>(number));
        continue;
      case tag_fixed64(field::kAnyDouble):
        if (!fields.fixed64(number)) return false;
        value = {ValueType::kDouble, static_cast<int64_t>(number), {}};
        continue;
      default:
        if (!fields.skip_unknown(field::kAnyString, field::kAnyBytes)) return false;
        continue;
    }
    if (!fields.bytes(bytes)) return false;
    if (type == ValueType::kArray || type == ValueType::kMap) {
      if (value.type != type) list = {};
      if (!join(list, bytes)) builder_.refuse(Refusal::kRepeated);
      bytes = list.joined;
    }
    value = {type, 0, bytes};
  }
  return fault_.what == nullptr;
}

/// Requires: the list has been opened in the builder. Recursion ends where begin_list() refuses.
bool ProtobufDecoder::decode_list(const ValueView& list, int depth) {
  ProtobufReader fields(list.bytes, fault_);
  std::string_view element;
  while (fields.next()) {
    if (fields.tag() != tag_bytes(field::kListValues)) {
      if (!fields.skip_unknown(field::kListValues, field::kListValues)) return false;
      continue;
    }
    if (!fields.bytes(element)) return false;
    if (!(list.type == ValueType::kMap ? decode_map_entry(element, depth) : decode_element(element, depth))) {
      return false;
    }
  }
  return fault_.what == nullptr;
}

bool ProtobufDecoder::decode_map_entry(std::string_view message, int depth) {
  std::string_view key;
  Pieces content;
  if (!scan_key_value(message, key, content)) return false;
  builder_.nested().key(key);
  return decode_element(content.joined, depth);
}

bool ProtobufDecoder::decode_element(std::string_view message, int depth) {
  ValueView value;
  if (!scan_value(message, value)) return false;
  if (value.type != ValueType::kArray && value.type != ValueType::kMap) {
    builder_.nested().value(value);
    return true;
  }
  if (!builder_.begin_list(value.type, depth + 1)) {
    builder_.nested().value(ValueView::empty());  // the span is refused; the value only has to stay well-formed
    return true;
  }
  if (!decode_list(value, depth + 1)) return false;
  builder_.nested().end();
  return true;
}

bool ProtobufDecoder::read_text(ProtobufReader& fields, ValueCode& code) {
  std::string_view text;
  if (!fields.bytes(text)) return false;
  code = builder_.text(text);
  return true;
}

/// An empty id is the field's default: zero.
template <size_t Size>
inline bool ProtobufDecoder::read_id(ProtobufReader& fields, Id<Size>& id, Refusal refusal) {
  std::string_view raw;
  if (!fields.bytes(raw)) return false;
  if (raw.size() == Size) [[likely]] {
    std::memcpy(id.bytes.data(), raw.data(), Size);
  } else if (raw.empty()) {
    id = {};
  } else {
    builder_.refuse(refusal);
  }
  return true;
}

bool ProtobufDecoder::add_piece(ProtobufReader& fields, Pieces& pieces) {
  std::string_view piece;
  if (!fields.bytes(piece)) return false;
  if (!join(pieces, piece)) builder_.refuse(Refusal::kRepeated);
  return true;
}

/// False, and `pieces` unchanged, when too many bytes have been joined already.
inline bool ProtobufDecoder::join(Pieces& pieces, std::string_view more) {
  if (!pieces.present) [[likely]] {
    pieces = {more, true};
    return true;
  }
  if (more.empty()) return true;
  joined_bytes_ += pieces.joined.size() + more.size();
  if (joined_bytes_ > kMergedBytesMax) return false;
  std::string& joined = joined_.emplace_back(pieces.joined);
  joined.append(more);
  pieces.joined = joined;
  return true;
}

}  // namespace

Result<DecodedTraces> decode_traces_protobuf(std::string_view bytes, const DecodeOptions& options) {
  return ProtobufDecoder(bytes, options).decode();
}

}  // namespace sextant::data
