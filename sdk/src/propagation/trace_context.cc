// W3C Trace Context, level 2: https://www.w3.org/TR/trace-context-2/
//
//   traceparent: VV-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-PPPPPPPPPPPPPPPP-FF
//                version, trace id, parent id, flags; all in lower-case digits
#include <memory>
#include <utility>

#include "propagation/counts.h"
#include "propagation/hex.h"
#include "propagation/text.h"
#include "propagation/trace_state_list.h"
#include "sextant/propagation.h"

namespace sextant {
namespace propagation {
namespace {

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::string_view kTracestate = "tracestate";
constexpr std::size_t kTraceparentBytes = 55;
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kParentIdAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::uint8_t kKnownFlags = trace_flags::kSampled | trace_flags::kRandom;
// 32 entries of 513 bytes need 16 KiB: what is larger is malformed, and not worth reading.
constexpr std::size_t kTracestateReadBytesMax = 32 * 1024;
constexpr std::size_t kTracestateHeadersMax = 64;  // 32 with an entry each, and as many empty ones

/// False where the text is no traceparent. Flags that version 00 does not know are zero afterwards.
bool read_traceparent(std::string_view text, SpanContext& out) noexcept {
  text = trimmed(text);
  if (text.size() < kTraceparentBytes) return false;
  std::uint8_t version = 0;
  if (!read_hex<HexCase::kLower>(text.data(), &version, 1) || version == 0xff) return false;
  if (text.size() > kTraceparentBytes && (version == 0 || text[kTraceparentBytes] != '-')) return false;
  if (text[kTraceIdAt - 1] != '-' || text[kParentIdAt - 1] != '-' || text[kFlagsAt - 1] != '-') return false;
  std::uint8_t flags = 0;
  if (!read_hex<HexCase::kLower>(text.data() + kTraceIdAt, out.trace_id.bytes.data(), 16) ||
      !read_hex<HexCase::kLower>(text.data() + kParentIdAt, out.span_id.bytes.data(), 8) ||
      !read_hex<HexCase::kLower>(text.data() + kFlagsAt, &flags, 1))
    return false;
  out.flags = flags & kKnownFlags;
  return out.valid();
}

/// All headers, one after the other. False where something is wrong with them.
bool read_list(const FieldReader& fields, TraceStateList& list) {
  std::string_view headers[kTracestateHeadersMax];
  const std::size_t found = fields.get_all(kTracestate, headers, kTracestateHeadersMax);
  if (found > kTracestateHeadersMax) return false;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < found; ++i) {
    bytes += headers[i].size();
    if (bytes > kTracestateReadBytesMax || !list.add(headers[i])) return false;
  }
  return true;
}

/// Null where there is no list, or none that is one.
std::shared_ptr<const std::string> read_tracestate(const FieldReader& fields, TraceStateKeys keys) {
  std::string_view only;
  const std::size_t found = fields.get_all(kTracestate, &only, 1);
  if (found == 0) return nullptr;
  TraceStateList list(keys);
  const bool good = found > 1 ? read_list(fields, list) : only.size() <= kTracestateReadBytesMax && list.add(only);
  if (!good) count(counters.malformed_trace_states);
  if (!good || list.size() == 0) return nullptr;
  bool shortened = false;
  std::string joined = list.joined(shortened);
  if (shortened) count(counters.truncated_trace_states);
  return joined.empty() ? nullptr : std::make_shared<const std::string>(std::move(joined));
}

class TraceContext final : public Propagator {
 public:
  explicit TraceContext(TraceStateKeys keys) noexcept : keys_(keys) {}

  void inject(const Context& context, FieldWriter& into) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    char text[kTraceparentBytes] = {'0', '0', '-'};
    write_hex(span.trace_id.bytes.data(), 16, text + kTraceIdAt);
    text[kParentIdAt - 1] = '-';
    write_hex(span.span_id.bytes.data(), 8, text + kParentIdAt);
    text[kFlagsAt - 1] = '-';
    const std::uint8_t flags = span.flags & kKnownFlags;
    write_hex(&flags, 1, text + kFlagsAt);
    into.set(kTraceparent, {text, sizeof(text)});
    if (span.trace_state != nullptr) inject_state(*span.trace_state, into);
  }

  void extract(const FieldReader& fields, Context& context) const override {
    std::string_view headers[2];
    const std::size_t found = fields.get_all(kTraceparent, headers, 2);
    if (found == 0) return;
    SpanContext span;
    if (found > 1 || !read_traceparent(headers[0], span)) {
      count(counters.malformed_contexts);
      return;
    }
    span.remote = true;
    span.trace_state = read_tracestate(fields, keys_);
    std::move(context).with_span(std::move(span));
  }

  std::vector<std::string> fields() const override { return {std::string(kTraceparent), std::string(kTracestate)}; }

 private:
  static void inject_state(const std::string& state, FieldWriter& into) {
    if (state.empty()) return;
    if (state.size() <= kTraceStateBytesMax) return into.set(kTracestate, state);
    TraceStateList list(TraceStateKeys::kLevel2);
    if (!list.add(state)) return count(counters.malformed_trace_states);
    bool shortened = false;
    const std::string joined = list.joined(shortened);
    if (shortened) count(counters.truncated_trace_states);
    if (!joined.empty()) into.set(kTracestate, joined);
  }

  const TraceStateKeys keys_;
};

}  // namespace
}  // namespace propagation

PropagatorPtr trace_context(TraceStateKeys keys) {
  return std::make_shared<const propagation::TraceContext>(keys);
}

}  // namespace sextant
