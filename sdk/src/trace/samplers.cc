// The samplers that OpenTelemetry's specification names, and one by rate.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "sextant/sampler.h"

namespace sextant {
namespace {

SamplingDecision keep(bool yes) noexcept {
  return {yes ? Sampling::kRecordAndSample : Sampling::kDrop, {}};
}

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.6f", value);
  return text;
}

class AlwaysOn final : public Sampler {
 public:
  SamplingDecision decide(const SamplingInput&) noexcept override { return keep(true); }
  std::string describe() const override { return "AlwaysOnSampler"; }
};

class AlwaysOff final : public Sampler {
 public:
  SamplingDecision decide(const SamplingInput&) noexcept override { return keep(false); }
  std::string describe() const override { return "AlwaysOffSampler"; }
};

/// Keeps a trace when the last seven bytes of its id, as a number, stand in the upper part of their range: the random
/// part by W3C Trace Context level 2, and how OpenTelemetry's consistent sampling compares.
class TraceIdRatio final : public Sampler {
 public:
  explicit TraceIdRatio(double ratio)
      : ratio_(ratio >= 0 ? std::min(ratio, 1.0) : 0), rejected_(static_cast<std::uint64_t>((1 - ratio_) * kRange)) {}

  SamplingDecision decide(const SamplingInput& input) noexcept override {
    std::uint64_t random = 0;
    for (std::size_t i = 9; i < 16; ++i) random = random << 8 | input.trace_id.bytes[i];
    return keep(random >= rejected_);
  }
  std::string describe() const override { return "TraceIdRatioBased{" + number(ratio_) + "}"; }

 private:
  static constexpr double kRange = 72057594037927936.0;  // 2^56
  double ratio_;
  std::uint64_t rejected_;
};

class RateLimiting final : public Sampler {
 public:
  explicit RateLimiting(double per_second)
      : per_second_(per_second > 0 ? per_second : 0), tokens_max_(std::max(per_second_, 1.0)), tokens_(tokens_max_) {}

  SamplingDecision decide(const SamplingInput&) noexcept override {
    const std::int64_t now = monotonic_ns();
    const std::lock_guard<std::mutex> lock(mutex_);
    tokens_ = std::min(tokens_max_, tokens_ + static_cast<double>(now - filled_at_ns_) * 1e-9 * per_second_);
    filled_at_ns_ = now;
    if (tokens_ < 1 || per_second_ == 0) return keep(false);
    tokens_ -= 1;
    return keep(true);
  }
  std::string describe() const override { return "RateLimiting{" + number(per_second_) + "}"; }

 private:
  const double per_second_;
  const double tokens_max_;
  std::mutex mutex_;
  double tokens_;
  std::int64_t filled_at_ns_ = monotonic_ns();
};

class ParentBased final : public Sampler {
 public:
  ParentBased(SamplerPtr root, SamplerPtr remote_sampled, SamplerPtr remote_not_sampled, SamplerPtr local_sampled,
              SamplerPtr local_not_sampled)
      : root_(std::move(root)),
        remote_{std::move(remote_not_sampled), std::move(remote_sampled)},
        local_{std::move(local_not_sampled), std::move(local_sampled)} {}

  SamplingDecision decide(const SamplingInput& input) noexcept override {
    const SpanContext& parent = input.parent;
    if (!parent.valid()) return root_->decide(input);
    const SamplerPtr* const by_sampled = parent.remote ? remote_ : local_;
    return by_sampled[parent.sampled() ? 1 : 0]->decide(input);
  }
  std::string describe() const override { return "ParentBased{root=" + root_->describe() + "}"; }
  void on_tick() noexcept override {
    for_each([](Sampler& sampler) { sampler.on_tick(); });
  }
  void on_stop() noexcept override {
    for_each([](Sampler& sampler) { sampler.on_stop(); });
  }

 private:
  template <class Call>
  void for_each(Call call) noexcept {
    call(*root_);
    for (const SamplerPtr& sampler : remote_) call(*sampler);
    for (const SamplerPtr& sampler : local_) call(*sampler);
  }

  SamplerPtr root_;
  SamplerPtr remote_[2];  // not sampled, sampled
  SamplerPtr local_[2];
};

}  // namespace

SamplerPtr always_on() {
  return std::make_shared<AlwaysOn>();
}
SamplerPtr always_off() {
  return std::make_shared<AlwaysOff>();
}
SamplerPtr trace_id_ratio(double ratio) {
  return std::make_shared<TraceIdRatio>(ratio);
}
SamplerPtr rate_limiting(double per_second) {
  return std::make_shared<RateLimiting>(per_second);
}
SamplerPtr parent_based(SamplerPtr root) {
  return parent_based(std::move(root), always_on(), always_off(), always_on(), always_off());
}
SamplerPtr parent_based(SamplerPtr root, SamplerPtr remote_sampled, SamplerPtr remote_not_sampled,
                        SamplerPtr local_sampled, SamplerPtr local_not_sampled) {
  return std::make_shared<ParentBased>(std::move(root), std::move(remote_sampled), std::move(remote_not_sampled),
                                       std::move(local_sampled), std::move(local_not_sampled));
}

}  // namespace sextant
