// A log record on its way through the SDK, and its OTLP bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "otlp/kept_attributes.h"
#include "scope/scope_registry.h"
#include "sextant/severity.h"
#include "sextant/span_context.h"
#include "sextant/value.h"

namespace sextant::logs {

/// Owns nothing. Which attributes are kept is settled once, for all places that a record goes to.
struct RecordView {
  const detail::ScopeInfo& scope;
  const SpanContext& span;  // invalid: none
  Severity severity;
  std::string_view severity_text;
  const Value& body;
  std::string_view event_name;
  Attributes first;  // before the others, with keys that these have not
  otlp::KeptAttributes& kept;
  otlp::ValueLimits limits;
  std::int64_t time_ns;      // wall
  std::int64_t observed_ns;  // wall

  template <class Visit>
  void for_each_attribute(Visit visit) const noexcept {
    for (const Attribute& attribute : first) visit(attribute);
    kept.for_each(visit);
  }
};

/// A record of usual size needs no memory but this.
using RecordBuffer = Buffer<2048>;

/// All of the message `LogRecord` (opentelemetry/proto/logs/v1/logs.proto) but its body.
void encode_head(RecordBuffer& out, const RecordView& record) noexcept;
/// Bytes of the body as a field of that message.
std::size_t body_size(const RecordView& record) noexcept;
/// Requires: room for body_size(). Returns the end.
char* write_body(char* out, const RecordView& record) noexcept;

}  // namespace sextant::logs
