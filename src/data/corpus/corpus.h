// Made-up telemetry in any amount, the same for the same seed: what benchmarks and large tests send.
//
// Two kinds. `shape`: small spans whose cost is their columns: 10 spans a trace, 20 services, 100 names, 11 attributes
// of 97 keys (which 11 is decided by the name), every key with 1,000 values of its own, durations log-normal, starts
// spread over the trace. `agent`: conversations of several runs with tools; each model call carries the whole history
// so far as JSON, so that bytes grow with the square of the turns while what is new grows with the turns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/batch.h"

namespace sextant::data {

enum class CorpusKind : uint8_t { kShape, kAgent };

/// "shape" or "agent".
Result<CorpusKind> corpus_kind(std::string_view name);

struct CorpusSettings {
  CorpusKind kind = CorpusKind::kShape;
  uint64_t seed = 1;
  UnixNanos start = 1'767'225'600 * kNanosPerSecond;  // of the first trace: 2026-01-01
  uint32_t request_spans = 0;                         // 0: what is usual for the kind
  std::string text = {};  // agent: prose is taken from it, wrapping around; empty: made-up words with Zipf frequencies
};

/// An endless sequence of requests. Thread-confined.
class Corpus {
 public:
  virtual ~Corpus() = default;
  /// The next request, of `request_spans` spans.
  virtual Batch next_request() = 0;
};

std::unique_ptr<Corpus> make_corpus(const CorpusSettings& settings);

/// Spans in a request when the settings leave it open.
inline constexpr uint32_t kShapeRequestSpans = 500;
inline constexpr uint32_t kAgentRequestSpans = 100;

}  // namespace sextant::data
