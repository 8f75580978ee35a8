// Sending OTLP/HTTP, at full speed or at an even rate, and noting each answer: the hands of `sextant bench ingest`.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "data/corpus/corpus.h"
#include "wiring/bench/connection.h"

namespace sextant::wiring {

/// One request to be sent. Lifetime of the view: until the same connection asks for its next one.
struct LoadBody {
  std::string_view bytes;
  uint32_t spans = 0;
};

/// Spans become due evenly, whichever connection sends them; who is late catches up. Internally locked.
class EvenRate {
 public:
  /// Requires: spans_per_second > 0.
  explicit EvenRate(uint64_t spans_per_second) : begin_(std::chrono::steady_clock::now()), rate_(spans_per_second) {}
  /// Returns when these spans are due.
  void wait_for_turn(uint64_t spans);

 private:
  const std::chrono::steady_clock::time_point begin_;
  const uint64_t rate_;
  std::atomic<uint64_t> taken_{0};
};

/// Called by connection `index` from its own thread; nothing ends that connection's work.
using NextBody = std::function<std::optional<LoadBody>(uint32_t index)>;

struct LoadResult {
  uint64_t requests = 0;  // answered with success
  uint64_t failures = 0;  // refused for good, broken or not answered in time
  uint64_t refusals = 0;  // answers "try again later", each followed by another try
  uint64_t spans = 0;     // in requests answered with success
  uint64_t wire_bytes = 0;
  double seconds = 0;
  std::vector<uint32_t> ack_micros;  // of the requests answered with success (of the last try), sorted
  std::string first_failure;

  /// 0 when nothing was answered.
  double ack_millis(double quantile) const;
};

/// Each connection sends one request after the other; what the server refuses with 429 or 503 is sent again after the
/// time it names, as OTLP asks of exporters. Returns when all have ended.
LoadResult run_load(const LoadTarget& target, uint32_t connections, const NextBody& next);

/// One request on a connection of its own.
Result<HttpReply> post_once(const LoadTarget& target, std::string_view content_type, std::string_view body);

/// Requests made before the clock starts.
struct PreparedLoad {
  std::vector<std::string> bodies;
  std::vector<uint32_t> spans;
  uint64_t wire_bytes = 0;
  uint64_t span_count = 0;
};
/// `seen`, when given, is shown every batch before it is encoded.
PreparedLoad prepare_load(const data::CorpusSettings& settings, uint64_t spans,
                          const std::function<void(const data::Batch&)>& seen = {});

/// Sends each prepared body once, whichever connection is free.
LoadResult send_prepared(const LoadTarget& target, uint32_t connections, const PreparedLoad& load);

/// The next request of a corpus as OTLP protobuf.
std::string encode_request(const data::Batch& batch);

}  // namespace sextant::wiring
