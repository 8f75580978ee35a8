// Code that sees each span where it begins and ends, on the thread where that happens: to add to it, to redact it, to
// count.
#pragma once

#include <string_view>

#include "sextant/trace.h"

namespace sextant {

/// A span that has ended, as the bytes of an OTLP `Span` message (opentelemetry/proto/trace/v1/trace.proto). Valid
/// during the call.
struct EndedSpan {
  std::string_view otlp;
  const SpanContext& context;
};

/// Any thread, several at once. In the order in which processors were added. Must be quick: the program waits.
class SpanProcessor {
 public:
  virtual ~SpanProcessor() = default;
  /// The span has its first attributes; more can be set.
  virtual void on_start(Span& /*span*/, const Context& /*parent*/) noexcept {}
  /// It is about to end: the last moment to set or overwrite something.
  virtual void on_ending(Span& /*span*/) noexcept {}
  virtual void on_end(const EndedSpan& /*span*/) noexcept {}
};

}  // namespace sextant
