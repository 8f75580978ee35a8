// Which traces are kept. A sampler decides when a span starts; what it drops costs next to nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sextant/trace.h"

namespace sextant {

enum class Sampling : std::uint8_t {
  kDrop,
  kRecordOnly,  // processors see it, exporters do not
  kRecordAndSample
};

struct SamplingInput {
  const SpanContext& parent;  // invalid for the first span of a trace
  const TraceId& trace_id;
  std::string_view name;
  SpanKind kind;
  Attributes attributes;
  View<Link> links;
};

struct SamplingDecision {
  Sampling sampling = Sampling::kRecordAndSample;
  Attributes attributes = {};  // added to the span; owned by the sampler, valid until its next call on this thread
};

/// Any thread, several at once.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual SamplingDecision decide(const SamplingInput& input) noexcept = 0;
  /// As OpenTelemetry writes it, e.g. `ParentBased{root=TraceIdRatioBased{0.100000}}`.
  virtual std::string describe() const = 0;
  /// For samplers that learn. Called when an SDK starts with this sampler, and then every second or so, on its own
  /// thread, by one thread at a time. Must return at once.
  virtual void on_tick() noexcept {}
  /// The SDK has stopped: nothing of the sampler runs any more when this returns. It can start again.
  virtual void on_stop() noexcept {}
};
using SamplerPtr = std::shared_ptr<Sampler>;

SamplerPtr always_on();
SamplerPtr always_off();
/// A share of traces, decided by the trace id alone: all services that use the same ratio keep the same traces. Ratios
/// outside [0, 1] count as the nearer of these; NaN as 0.
SamplerPtr trace_id_ratio(double ratio);
/// At most so many spans a second are kept (a bucket of tokens that holds one second's worth, at least one).
SamplerPtr rate_limiting(double per_second);
/// Does what the parent did; asks `root` where there is no parent.
SamplerPtr parent_based(SamplerPtr root);
/// The same with a sampler of its own for each kind of parent.
SamplerPtr parent_based(SamplerPtr root, SamplerPtr remote_sampled, SamplerPtr remote_not_sampled,
                        SamplerPtr local_sampled, SamplerPtr local_not_sampled);

}  // namespace sextant
