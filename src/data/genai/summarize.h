// Sums a run up in one row: what the runs list shows, and what a store keeps beside a trace so that lists never touch
// its spans.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/genai/reader.h"
#include "data/genai/step_tree.h"
#include "data/model/batch.h"
#include "data/model/run.h"

namespace sextant::data {

/// Version of what the summaries say; grows when the same spans would be summed up differently.
inline constexpr uint32_t kSummaryVersion = 1;

/// Collects the spans of one trace, from any number of batches and in any order. Thread-confined value; costs about 40
/// bytes a span and the texts of the summary. Adding a span twice changes nothing; of copies that differ, the span
/// counts once.
///
///   GenAiReader reader(batch);                      // one for all rows of a batch, whatever their trace
///   for (row …) summarizers[trace].add(reader, row);
///   RunSummary summary = summarizers[trace].finish();
class RunSummarizer {
 public:
  void add(GenAiReader& reader, uint32_t row);
  /// For single rows: what the batch's shapes hold is found out anew each time.
  void add(const Batch& batch, uint32_t row);

  bool empty() const { return nodes_.size() == 0; }
  /// The summary of what was added so far; more may follow. `last_arrival` is left 0: the spans do not tell it.
  RunSummary finish() const;

 private:
  /// The first span that named an agent.
  struct AgentMark {
    std::string name;
    UnixNanos start;
    uint32_t node;
  };
  uint32_t add_node(const Batch& batch, uint32_t row);
  void add_times(const Batch& batch, uint32_t row, std::string_view service);
  void add_error(const Batch& batch, uint32_t row, uint32_t node);
  void add_step(const StepFacts& facts, uint32_t node, UnixNanos start);
  void add_agent(std::string_view name, uint32_t node, UnixNanos start);
  void add_task(GenAiReader& reader, uint32_t row, const StepFacts& facts);
  void choose_agent(const StepTree& tree, RunSummary& summary) const;

  RunSummary summary_;
  StepNodes nodes_;
  std::vector<TokenCounts> usages_;
  std::vector<AgentMark> agents_;
  bool task_from_messages_ = false;
};

/// Adds the summary of one part of a run to that of another: the parts lie in different segments of a store. Requires:
/// equal trace ids. Exact for times, lists, states, names and the first error. Approximate, because parts do not know
/// each other's spans:
/// - a span that is in both parts (a client's retry) counts twice in span_count, error_count and tokens;
/// - an agent's own sum of tokens is dropped when the other part has model calls, be they below it or not, and a model
///   call seen twice (by two libraries) counts twice when the two spans lie in different parts;
/// - the agent nearest the root is the one that started first.
void merge(RunSummary& into, const RunSummary& from);

}  // namespace sextant::data
