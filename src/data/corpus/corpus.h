// Made-up telemetry in any amount, the same for the same seed: what benchmarks and large tests send.
//
// Two kinds. `shape`: small spans whose cost is their columns: 10 spans a trace, 20 services, 100 names, 11 attributes
// of 97 keys (which 11 is decided by the name), every key with 1,000 values of its own, durations log-normal, starts
// spread over the trace. `agent`: conversations of several runs with tools; each model call carries the whole history
// so far as JSON, so that bytes grow with the square of the turns while what is new grows with the turns.
//
// Others are made to hurt; each is one of the two but for one thing. `shape-keys`: 1,000 keys. `shape-own-keys`: each
// span has one more attribute, under a key of its own. `shape-own-values`: one more, with a value of its own.
// `shape-wide`: 300 attributes a span, of 400 keys. `agent-interleaved`: 200 conversations at once, each with an agent
// corpus' content; a request has a few spans of some of them, so that the next turn of one comes many requests later.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/batch.h"

namespace sextant::data {

enum class CorpusKind : uint8_t {
  kShape,
  kAgent,
  kShapeKeys,
  kShapeOwnKeys,
  kShapeOwnValues,
  kShapeWide,
  kAgentInterleaved,
};

/// The names that stand above, in the order of the kinds.
inline constexpr std::array<std::string_view, 7> kCorpusNames = {
    "shape", "agent", "shape-keys", "shape-own-keys", "shape-own-values", "shape-wide", "agent-interleaved"};
Result<CorpusKind> corpus_kind(std::string_view name);

struct CorpusSettings {
  CorpusKind kind = CorpusKind::kShape;
  uint64_t seed = 1;
  UnixNanos start = 1'767'225'600 * kNanosPerSecond;  // of the first trace: 2026-01-01
  uint32_t request_spans = 0;                         // 0: what is usual for the kind
  std::optional<uint64_t> words_seed = {};            // agent: of the made-up words; unset: they are the seed's too
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
