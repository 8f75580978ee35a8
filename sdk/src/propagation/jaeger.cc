// Jaeger's own format: https://www.jaegertracing.io/docs/1.76/client-libraries/#propagation-format
//
//   uber-trace-id: {trace id}:{span id}:{parent span id}:{flags}     digits; zeros in front may be missing
//   uberctx-{key}: {value, percent-encoded}
#include <utility>

#include "base/characters.h"
#include "propagation/baggage_entries.h"
#include "propagation/counts.h"
#include "propagation/hex.h"
#include "propagation/text.h"
#include "sextant/propagation.h"

namespace sextant {
namespace propagation {
namespace {

constexpr std::string_view kField = "uber-trace-id";
constexpr std::string_view kPrefix = "uberctx-";
constexpr std::uint8_t kSampledFlag = 1;
constexpr std::uint8_t kDebugFlag = 2;
constexpr std::size_t kEncodedBytesMax = 32 + 16 + 16 + 2 + 3 * 3;

bool read_identity(std::string_view text, SpanContext& out) noexcept {
  const std::string_view trace_id = take_until(text, ':');
  const std::string_view span_id = take_until(text, ':');
  const std::string_view parent_id = take_until(text, ':');
  SpanId ignored;
  Id<1> flags;
  if (!read_padded_hex(trace_id, out.trace_id) || !read_padded_hex(span_id, out.span_id) || !out.valid()) return false;
  if (!parent_id.empty() && !read_padded_hex(parent_id, ignored)) return false;
  if (!read_padded_hex(text, flags)) return false;
  out.debug = (flags.bytes[0] & kDebugFlag) != 0 && (flags.bytes[0] & kSampledFlag) != 0;
  out.flags = (flags.bytes[0] & kSampledFlag) != 0 ? trace_flags::kSampled : std::uint8_t{0};
  return true;
}

class Jaeger final : public Propagator {
 public:
  void inject(const Context& context, FieldWriter& into) const override {
    const SpanContext& span = context.span();
    if (span.valid()) inject_identity(span, into);
    std::size_t bytes = 0;
    std::size_t entries = 0;
    std::string name;
    std::string value;
    for (const Baggage::Entry& entry : context.baggage().entries()) {
      name.assign(kPrefix).append(entry.key);
      value.clear();
      append_percent_encoded(value, entry.value);
      const std::size_t size = name.size() + value.size();
      if (!is_token(entry.key) || entries == kBaggageEntriesMax || bytes + size > kBaggageBytesMax) {
        count(counters.dropped_baggage);
        continue;
      }
      bytes += size;
      ++entries;
      into.set(name, value);
    }
  }

  void extract(const FieldReader& fields, Context& context) const override {
    extract_baggage(fields, context);
    std::string_view text = trimmed(fields.get(kField));
    if (text.empty()) return;
    std::string decoded;  // clients of old wrote the colons as %3A
    if (text.size() <= kEncodedBytesMax && text.find('%') != std::string_view::npos) {
      decoded = percent_decoded(text);
      text = decoded;
    }
    SpanContext span;
    if (!read_identity(text, span)) return count(counters.malformed_contexts);
    span.remote = true;
    std::move(context).with_span(std::move(span));
  }

  std::vector<std::string> fields() const override { return {std::string(kField)}; }

 private:
  static void inject_identity(const SpanContext& span, FieldWriter& into) {
    char text[32 + 1 + 16 + 4];
    char* out = write_hex(span.trace_id.bytes.data(), 16, text);
    *out++ = ':';
    out = write_hex(span.span_id.bytes.data(), 8, out);
    *out++ = ':';
    *out++ = '0';
    *out++ = ':';
    *out = span.debug ? '3' : span.sampled() ? '1' : '0';
    into.set(kField, {text, sizeof(text)});
  }

  static void extract_baggage(const FieldReader& fields, Context& context) {
    Field found[kBaggageEntriesMax];
    const std::size_t total = fields.get_prefixed(kPrefix, found, kBaggageEntriesMax);
    if (total == 0) return;
    BaggageEntries entries;
    std::size_t bytes = 0;
    std::size_t dropped = total > kBaggageEntriesMax ? total - kBaggageEntriesMax : 0;
    for (std::size_t i = 0; i < total && i < kBaggageEntriesMax; ++i) {
      const std::size_t size = found[i].name.size() + found[i].value.size();
      if (!is_token(found[i].name) || bytes + size > kBaggageBytesMax) {
        ++dropped;
        continue;
      }
      bytes += size;
      entries.add({std::string(found[i].name), percent_decoded(trimmed(found[i].value)), {}});
    }
    if (dropped > 0) count(counters.dropped_baggage, dropped);
    entries.add_to(context);
  }
};

}  // namespace
}  // namespace propagation

PropagatorPtr jaeger() {
  return std::make_shared<const propagation::Jaeger>();
}

}  // namespace sextant
