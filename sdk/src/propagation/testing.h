// What the tests of this module share.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "sextant/propagation.h"
#include "sextant/transport.h"

namespace sextant::propagation {

inline constexpr const char* kTrace = "12345678901234567890123456789012";
inline constexpr const char* kParent = "1234567890123456";

inline SpanContext some_span(std::uint8_t flags = trace_flags::kSampled) {
  SpanContext span;
  parse_hex(kTrace, span.trace_id);
  parse_hex(kParent, span.span_id);
  span.flags = flags;
  return span;
}

inline Context read(const PropagatorPtr& propagator, const HttpHeaders& headers, Context context = {}) {
  propagator->extract(HeaderReader(headers), context);
  return context;
}

inline std::map<std::string, std::string> written(const PropagatorPtr& propagator, const Context& context) {
  std::map<std::string, std::string> fields;
  MapWriter writer(fields);
  propagator->inject(context, writer);
  return fields;
}

inline std::string state_of(const Context& context) {
  return context.span().trace_state != nullptr ? *context.span().trace_state : std::string();
}

}  // namespace sextant::propagation
