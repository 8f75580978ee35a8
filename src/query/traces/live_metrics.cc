#include "query/traces/live_metrics.h"

namespace sextant::query {
namespace {

constexpr uint64_t kMinute = 60 * kNanosPerSecond;
constexpr uint64_t kErrorWindow = 5 * kMinute;
constexpr uint64_t kTokenWindow = 60 * kMinute;

/// Thread-confined.
class Tally final : public data::ScanSink {
 public:
  explicit Tally(UnixNanos now) : now_(now) {}

  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(data::RunSummary&& run) override {
    // A client's clock may be ahead of ours: what lies in the future counts as just now.
    if (within(run.start, kMinute)) ++started_;
    if (within(run.start, kTokenWindow)) tokens_ += run.tokens.input + run.tokens.output;
    if (run.state() == data::RunState::kRunning) {
      active_ += within(run.last_arrival, kMinute) ? 1 : 0;
    } else if (within(run.end, kErrorWindow)) {
      ++ended_;
      failed_ += run.state() == data::RunState::kError ? 1 : 0;
      latency_ms_ += static_cast<double>(run.duration_nanos()) / kNanosPerMillisecond;
    }
    return Next::kContinue;
  }

  LiveMetrics result() const {
    LiveMetrics metrics;
    metrics.requests_per_minute = static_cast<double>(started_);
    metrics.active_traces = active_;
    metrics.tokens_per_hour = tokens_;
    if (ended_ > 0) {
      metrics.error_rate = 100.0 * static_cast<double>(failed_) / static_cast<double>(ended_);
      metrics.avg_latency_ms = latency_ms_ / static_cast<double>(ended_);
    }
    return metrics;
  }

 private:
  bool within(UnixNanos time, uint64_t window) const { return time + window >= now_; }
  UnixNanos now_;
  uint64_t started_ = 0;
  uint64_t ended_ = 0;
  uint64_t failed_ = 0;
  uint64_t active_ = 0;
  uint64_t tokens_ = 0;
  double latency_ms_ = 0;
};

}  // namespace

Result<LiveMetrics> live_metrics(const Context& context, UnixNanos now) {
  RunQuestion question;
  question.time.from = now > kTokenWindow ? now - kTokenWindow : 0;
  Tally tally(now);
  TRY(context.reader.scan(compile(question, context), tally));
  return tally.result();
}

}  // namespace sextant::query
