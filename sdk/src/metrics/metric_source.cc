#include "metrics/metric_source.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "export/request.h"
#include "metrics/otlp_metric.h"

namespace sextant::metrics {
namespace {

constexpr std::size_t kRequestBytesMax = std::size_t{8} << 20;  // well below what receivers refuse (OTLP: 64 MiB)
constexpr std::size_t kChunkPoints = 512;  // of one stream in one message, so that a request can end after them

/// Thread-confined. Puts parts of streams into requests, none of which has more points than it may.
class Requests {
 public:
  Requests(const exporting::EncodedResource& resource, std::size_t points_max, std::chrono::milliseconds timeout,
           const std::function<void(Batch)>& sink)
      : resource_(resource), points_max_(points_max), timeout_(timeout), sink_(sink) {}

  void add(const Collected& collected) {
    for (std::size_t begin = 0; begin < collected.points.size();) {
      const std::size_t room = std::min(points_max_ - points_, kChunkPoints);
      const std::size_t end = std::min(collected.points.size(), begin + room);
      metrics_.push_back(encode_metric(collected, begin, end));
      scopes_.push_back(collected.stream->instrument->scope->index);
      points_ += end - begin;
      bytes_ += metrics_.back().size();
      begin = end;
      if (points_ == points_max_ || bytes_ >= kRequestBytesMax) finish();
    }
  }
  void finish() {
    if (points_ == 0) return;
    std::vector<queue::Record> records;
    for (std::size_t i = 0; i < metrics_.size(); ++i)
      records.push_back({scopes_[i], static_cast<std::uint32_t>(i), metrics_[i]});
    Batch batch;
    batch.signal = Signal::kMetrics;
    batch.items = points_;
    batch.body = exporting::build_request(resource_.bytes, resource_.schema_url, records);
    batch.timeout = timeout_;
    sink_(std::move(batch));
    metrics_.clear();
    scopes_.clear();
    points_ = 0;
    bytes_ = 0;
  }

 private:
  const exporting::EncodedResource& resource_;
  const std::size_t points_max_;
  const std::chrono::milliseconds timeout_;
  const std::function<void(Batch)>& sink_;
  std::vector<std::string> metrics_;
  std::vector<std::uint32_t> scopes_;
  std::size_t points_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

MetricSource::MetricSource(const MetricOptions& options, exporting::EncodedResource resource)
    : interval_ns_(std::chrono::nanoseconds(options.interval).count()),
      timeout_(options.timeout),
      points_max_(options.batch_points_max),
      resource_(std::move(resource)),
      due_ns_(monotonic_ns() + interval_ns_),
      reader_(options.temporality) {
  reader_.attach();
}

void MetricSource::gather(Extent extent, std::int64_t now_ns, const std::function<void(Batch)>& sink) {
  if (extent != Extent::kEverything && now_ns < due_ns_) return;
  // Why: from the moment when it was due, so that the intervals do not grow by what collecting takes.
  if (now_ns >= due_ns_) due_ns_ = now_ns - due_ns_ < interval_ns_ ? due_ns_ + interval_ns_ : now_ns + interval_ns_;
  Requests requests(resource_, points_max_, timeout_, sink);
  for (const Collected& collected : reader_.collect()) requests.add(collected);
  requests.finish();
}

}  // namespace sextant::metrics
