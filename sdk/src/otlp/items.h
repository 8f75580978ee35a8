// Requests and spans read back from their bytes, for exporters that speak something else than OTLP.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "otlp/wire.h"

namespace sextant::otlp {

/// Views into a request: where an item stands. Each is the bytes of a message.
struct Place {
  std::string_view resource;
  std::string_view scope;
};

/// Calls back for each Span, Metric or LogRecord of a request, in the order in which they stand. False where the bytes
/// are no request; what stands before the fault has been told.
bool for_each_item(std::string_view request, const std::function<void(const Place&, std::string_view item)>& visit);

/// The fields of one kind in a message of bytes fields: attributes, events.
template <class Visit>
bool for_each_field(std::string_view message, std::uint32_t field, Visit visit) {
  Reader fields(message);
  while (fields.next()) {
    if (fields.field() == field && fields.type() == WireType::kBytes) visit(fields.bytes());
  }
  return !fields.failed();
}

struct KeyValueView {
  std::string_view key;
  std::string_view value;  // AnyValue
};
KeyValueView read_key_value(std::string_view bytes) noexcept;

/// The value of the first attribute with that key among fields of that number; empty where there is none.
std::string_view find_attribute(std::string_view message, std::uint32_t field, std::string_view key) noexcept;

/// Lifetime: views into the bytes it was read from. Lists are walked over with for_each_field().
struct SpanView {
  static constexpr std::uint32_t kAttributes = 9;
  static constexpr std::uint32_t kEvents = 11;
  static constexpr std::uint32_t kLinks = 13;

  std::string_view bytes;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view trace_state;
  std::string_view parent_span_id;
  std::string_view name;
  std::string_view status_message;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  int kind = 0;
  int status = 0;
};
bool read_span(std::string_view bytes, SpanView& out) noexcept;

struct EventView {
  static constexpr std::uint32_t kAttributes = 3;
  std::string_view bytes;
  std::string_view name;
  std::uint64_t time_ns = 0;
};
EventView read_event(std::string_view bytes) noexcept;

struct LinkView {
  static constexpr std::uint32_t kAttributes = 4;
  std::string_view bytes;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view trace_state;
};
LinkView read_link(std::string_view bytes) noexcept;

struct ScopeView {
  std::string_view name;
  std::string_view version;
};
ScopeView read_scope(std::string_view bytes) noexcept;

}  // namespace sextant::otlp
