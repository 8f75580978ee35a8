// B3 of Zipkin: https://github.com/openzipkin/b3-propagation
//
//   b3: {trace id}-{span id}-{0|1|d}-{parent span id}      the last two may be missing
//   X-B3-TraceId, X-B3-SpanId, X-B3-Sampled, X-B3-Flags
//
// A header that has a decision and no ids (`b3: 0`) says nothing that a context could hold, and is passed over.
#include <utility>

#include "propagation/counts.h"
#include "propagation/hex.h"
#include "propagation/text.h"
#include "sextant/propagation.h"

namespace sextant {
namespace propagation {
namespace {

constexpr std::string_view kSingle = "b3";
constexpr std::string_view kTraceId = "X-B3-TraceId";
constexpr std::string_view kSpanId = "X-B3-SpanId";
constexpr std::string_view kSampled = "X-B3-Sampled";
constexpr std::string_view kFlags = "X-B3-Flags";
constexpr std::size_t kSingleBytes = 32 + 1 + 16 + 2;

/// 32 digits, or 16, which are the right half.
bool read_trace_id(std::string_view text, TraceId& id) noexcept {
  return (text.size() == 32 || text.size() == 16) && read_padded_hex(text, id);
}

bool read_ids(std::string_view trace_id, std::string_view span_id, SpanContext& out) noexcept {
  return read_trace_id(trace_id, out.trace_id) && span_id.size() == 16 && read_padded_hex(span_id, out.span_id) &&
         out.valid();
}

/// False where the text is no decision. Missing: to be decided here, so far not sampled.
bool read_decision(std::string_view text, SpanContext& out) noexcept {
  out.debug = text == "d";
  if (text == "1" || text == "true" || out.debug) {
    out.flags = trace_flags::kSampled;
    return true;
  }
  return text.empty() || text == "0" || text == "false";
}

bool read_single(std::string_view text, SpanContext& out) noexcept {
  const std::string_view trace_id = take_until(text, '-');
  const std::string_view span_id = take_until(text, '-');
  const std::string_view decision = take_until(text, '-');
  const std::string_view parent = take_until(text, '-');
  SpanId parent_id;
  const bool parent_fits = parent.empty() || (parent.size() == 16 && read_padded_hex(parent, parent_id));
  return parent_fits && text.empty() && read_ids(trace_id, span_id, out) && read_decision(decision, out);
}

bool decision_alone(std::string_view text) noexcept {
  return text == "0" || text == "1" || text == "d";
}

class B3 final : public Propagator {
 public:
  explicit B3(B3Encoding encoding) noexcept : encoding_(encoding) {}

  void inject(const Context& context, FieldWriter& into) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    if (encoding_ == B3Encoding::kSingle) return inject_single(span, into);
    char digits[32];
    into.set(kTraceId, {digits, digits_of(span.trace_id, digits)});
    into.set(kSpanId, {digits, digits_of(span.span_id, digits)});
    if (span.debug) {
      into.set(kFlags, "1");
    } else {
      into.set(kSampled, span.sampled() ? "1" : "0");
    }
  }

  void extract(const FieldReader& fields, Context& context) const override {
    const std::string_view single = trimmed(fields.get(kSingle));
    SpanContext span;
    bool read = read_single(single, span);
    if (!read) {
      const std::string_view trace_id = trimmed(fields.get(kTraceId));
      if ((single.empty() || decision_alone(single)) && trace_id.empty()) return;
      span = {};
      read = read_multi(fields, trace_id, span);
    }
    if (!read) return count(counters.malformed_contexts);
    span.remote = true;
    std::move(context).with_span(std::move(span));
  }

  std::vector<std::string> fields() const override {
    if (encoding_ == B3Encoding::kSingle) return {std::string(kSingle)};
    return {std::string(kTraceId), std::string(kSpanId), std::string(kSampled), std::string(kFlags)};
  }

 private:
  template <std::size_t kBytes>
  static std::size_t digits_of(const Id<kBytes>& id, char* out) noexcept {
    return static_cast<std::size_t>(write_hex(id.bytes.data(), kBytes, out) - out);
  }

  static void inject_single(const SpanContext& span, FieldWriter& into) {
    char text[kSingleBytes];
    char* out = write_hex(span.trace_id.bytes.data(), 16, text);
    *out++ = '-';
    out = write_hex(span.span_id.bytes.data(), 8, out);
    *out++ = '-';
    *out = span.debug ? 'd' : span.sampled() ? '1' : '0';
    into.set(kSingle, {text, sizeof(text)});
  }

  static bool read_multi(const FieldReader& fields, std::string_view trace_id, SpanContext& span) {
    const std::string_view debug = trimmed(fields.get(kFlags));
    const std::string_view decision = debug == "1" ? std::string_view("d") : trimmed(fields.get(kSampled));
    return read_ids(trace_id, trimmed(fields.get(kSpanId)), span) && read_decision(decision, span);
  }

  const B3Encoding encoding_;
};

}  // namespace
}  // namespace propagation

PropagatorPtr b3(B3Encoding encoding) {
  return std::make_shared<const propagation::B3>(encoding);
}

}  // namespace sextant
