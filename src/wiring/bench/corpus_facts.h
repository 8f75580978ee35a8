// What a benchmark knows of the corpus that it sent, so that answers can be checked and questions drawn at random.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/sys/clock.h"
#include "base/sys/random.h"
#include "data/model/batch.h"

namespace sextant::wiring {

struct TraceFacts {
  uint32_t spans = 0;
  UnixNanos start = UINT64_MAX;
  UnixNanos end = 0;
};

/// A span drawn at random. `key` and `value` are one of its attributes; empty when it has none that is a short text.
struct SpanFacts {
  data::TraceId trace;
  std::string service;
  std::string name;
  std::string key;
  std::string value;
};

/// Thread-confined.
class CorpusFacts {
 public:
  explicit CorpusFacts(uint64_t seed) : random_(seed) {}

  /// Requires: each span comes once.
  void add(const data::Batch& batch);

  uint64_t spans() const { return spans_; }
  UnixNanos end() const { return end_; }
  const TraceFacts& trace(const data::TraceId& id) const { return traces_.at(id); }
  /// Spans drawn evenly, at most kSamplesMax.
  const std::vector<SpanFacts>& samples() const { return samples_; }
  /// Durations in nanoseconds of all spans of each name; of each model where spans name one.
  const std::map<std::string, std::vector<double>>& by_name() const { return by_name_; }
  const std::map<std::string, std::vector<double>>& by_model() const { return by_model_; }

  static constexpr size_t kSamplesMax = 1000;

 private:
  SpanFacts facts_of(const data::Batch& batch, uint32_t row);

  SeededRandom random_;
  uint64_t spans_ = 0;
  UnixNanos end_ = 0;
  std::unordered_map<data::TraceId, TraceFacts, data::IdHash> traces_;
  std::vector<SpanFacts> samples_;
  std::map<std::string, std::vector<double>> by_name_;
  std::map<std::string, std::vector<double>> by_model_;
};

/// The number of rank ceil(q * count). Requires: values is not empty.
double exact_quantile(std::vector<double> values, double q);

}  // namespace sextant::wiring
