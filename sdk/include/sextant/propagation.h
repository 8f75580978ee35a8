// How a trace goes on in the next process: the current span and baggage are written into a message, and read from it on
// the other side.
//
//   sextant::HttpHeaders headers;                       // the caller
//   sextant::HeaderWriter writer(headers);
//   sextant::inject(writer);
//
//   sextant::Scope incoming(sextant::extract(sextant::HeaderReader(headers)));   // who is called: span and baggage
//   sextant::ScopedSpan span(tracer, "GET /", sextant::SpanOptions().kind(sextant::SpanKind::kServer));
//
// The formats are those that Options::propagators names, else W3C Trace Context and Baggage. What comes from outside is
// read within limits, whatever its size; what is malformed is passed over and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/carriers.h"
#include "sextant/context.h"
#include "sextant/result.h"
#include "sextant/trace_state.h"

namespace sextant {

/// A format. Any thread, several at once.
class Propagator {
 public:
  virtual ~Propagator() = default;
  /// Throws nothing but what the writer throws. Writes nothing of a context that is not valid.
  virtual void inject(const Context& context, FieldWriter& into) const = 0;
  /// Adds what the fields say to the context. Fields that are missing or malformed leave it as it is.
  virtual void extract(const FieldReader& fields, Context& context) const = 0;
  /// The names of the fields that inject() may write.
  virtual std::vector<std::string> fields() const = 0;
};
using PropagatorPtr = std::shared_ptr<const Propagator>;

/// W3C Trace Context, level 2: `traceparent` and `tracestate`.
PropagatorPtr trace_context(TraceStateKeys keys = TraceStateKeys::kLevel2);
/// W3C Baggage: `baggage`. At most 8192 bytes and 64 entries, read and written.
PropagatorPtr w3c_baggage();
/// B3 of Zipkin reads both of its encodings, the single header first, and writes one of them.
enum class B3Encoding : std::uint8_t { kSingle, kMulti };
PropagatorPtr b3(B3Encoding encoding = B3Encoding::kSingle);
/// Jaeger's `uber-trace-id`, and its baggage in `uberctx-*`.
PropagatorPtr jaeger();
/// One after the other; where several read the same thing, the last one counts.
PropagatorPtr composite(std::vector<PropagatorPtr> propagators);

/// By the names of OTEL_PROPAGATORS, separated by commas: tracecontext, baggage, b3, b3multi, jaeger, none. A name that
/// stands twice counts once. An error names what is unknown.
Result<PropagatorPtr> propagators_by_name(std::string_view names);

/// What inject() and extract() use; `tracecontext,baggage` at first. Null: that again. Starting an SDK sets it.
void set_default_propagator(PropagatorPtr propagator);
/// Lives as long as the process.
const Propagator& default_propagator() noexcept;

inline void inject(const Context& context, FieldWriter& into) {
  default_propagator().inject(context, into);
}
inline void inject(FieldWriter& into) {
  default_propagator().inject(current_context(), into);
}
/// `base` with what the fields say.
inline Context extract(const FieldReader& fields, const Context& base) {
  Context context = base;
  default_propagator().extract(fields, context);
  return context;
}
inline Context extract(const FieldReader& fields) {
  return extract(fields, current_context());
}

/// What was passed over, since the process began.
struct PropagationCounts {
  std::uint64_t malformed_contexts = 0;      // traceparent, b3, uber-trace-id
  std::uint64_t malformed_trace_states = 0;  // dropped as a whole
  std::uint64_t truncated_trace_states = 0;
  std::uint64_t dropped_baggage =
      0;  // entries malformed or beyond the limits; what lies past the last byte read is one
};
PropagationCounts propagation_counts() noexcept;

inline constexpr std::size_t kBaggageBytesMax = 8192;
inline constexpr std::size_t kBaggageEntriesMax = 64;

}  // namespace sextant
