#include "data/genai/summarize.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/core/short_bytes.h"
#include "base/core/text.h"
#include "data/genai/limits.h"
#include "data/genai/step_view.h"

namespace sextant::data {
namespace {

/// Appends what is not yet there, up to the limit of a summary's lists.
void add_to_list(std::vector<std::string>& list, std::string_view text) {
  if (text.empty() || list.size() >= kRunListMax) return;
  if (std::ranges::any_of(list, [&](const std::string& known) { return equal_bytes(known, text); })) return;
  list.emplace_back(text);
}

/// Of two times of which 0 means "none".
bool is_before(UnixNanos time, UnixNanos other) {
  return time != 0 && (other == 0 || time < other);
}

}  // namespace

void RunSummarizer::add(const Batch& batch, uint32_t row) {
  GenAiReader reader(batch);
  add(reader, row);
}

void RunSummarizer::add(GenAiReader& reader, uint32_t row) {
  const Batch& batch = reader.batch();
  const uint32_t node = add_node(batch, row);
  const GenAiReader::ResourceFacts& resource = reader.resource_of(row);
  add_times(batch, row, resource.service);
  add_to_list(summary_.services, resource.service);
  if (summary_.environment.empty()) summary_.environment = resource.environment;
  if (batch.spans.status[row] == kError) add_error(batch, row, node);
  const auto facts = reader.facts(row);
  if (!facts) return;
  add_step(*facts, node, batch.spans.start_unix_nanos[row]);
  add_task(reader, row, *facts);
}

uint32_t RunSummarizer::add_node(const Batch& batch, uint32_t row) {
  const SpanId& id = batch.spans.span_id[row];
  const uint32_t known = nodes_.find(id);
  if (known != StepNodes::kNone) return known;
  if (nodes_.size() == 0) summary_.trace_id = batch.spans.trace_id[row];
  ++summary_.span_count;
  return nodes_.add({.id = id, .parent = batch.spans.parent_span_id[row]});
}

void RunSummarizer::add_times(const Batch& batch, uint32_t row, std::string_view service) {
  RunSummary& s = summary_;
  const UnixNanos start = batch.spans.start_unix_nanos[row];
  const UnixNanos end = std::max(start, batch.spans.end_unix_nanos[row]);
  const bool first = s.span_count == 1;
  const bool is_root = batch.spans.parent_span_id[row].is_zero();
  const bool names_run =
      is_root ? !s.root_seen || start < s.root_start : !s.root_seen && (s.name.empty() || start < s.start);
  if (names_run) {
    s.name = batch.values.text(batch.spans.name[row]);
    s.service = service;
  }
  if (is_root) {
    const bool error = batch.spans.status[row] == kError;
    // Several roots: the first of them is the run's; copies of one agree or count as failed.
    s.root_error = names_run ? error : s.root_error || (error && start == s.root_start);
    s.root_start = names_run ? start : s.root_start;
    s.root_seen = true;
  }
  if (first || start >= s.last_start) {
    s.last_start = start;
    s.current_step = batch.values.text(batch.spans.name[row]);
  }
  s.start = first ? start : std::min(s.start, start);
  s.end = std::max(s.end, end);
}

void RunSummarizer::add_error(const Batch& batch, uint32_t row, uint32_t node) {
  if (!nodes_[node].error) ++summary_.error_count;
  nodes_[node].error = true;
  // Errors travel up, so the span that failed first is the one that ended first, not the one that started first.
  const UnixNanos end = std::max<UnixNanos>(1, batch.spans.end_unix_nanos[row]);
  if (!is_before(end, summary_.error_end)) return;
  summary_.error_end = end;
  summary_.error_message = utf8_prefix(error_text(batch, row), kErrorCharactersMax);
  summary_.error_step = batch.values.text(batch.spans.name[row]);
}

void RunSummarizer::add_step(const StepFacts& facts, uint32_t node, UnixNanos start) {
  StepNode& step = nodes_[node];
  step.kind = facts.kind;
  if (facts.tokens.known && step.usage == StepNode::kNoUsage) {
    step.usage = static_cast<uint32_t>(usages_.size());
    usages_.push_back(facts.tokens);
  }
  if (facts.is_model_call()) add_to_list(summary_.models, facts.model());
  if (facts.kind == StepKind::kTool) add_to_list(summary_.tools, facts.tool);
  if (summary_.conversation_id.empty()) summary_.conversation_id = facts.conversation_id;
  if (!facts.agent.empty()) add_agent(facts.agent, node, start);
}

/// The task is what the earliest step was asked. Messages say it better than the input of a framework's step; of steps
/// that start together, the outer one arrives last.
void RunSummarizer::add_task(GenAiReader& reader, uint32_t row, const StepFacts& facts) {
  const UnixNanos start = reader.batch().spans.start_unix_nanos[row];
  const bool earlier = summary_.task.empty() || start <= summary_.task_start;
  if (!earlier && task_from_messages_) return;
  TaskPreview task = read_task(reader, row, facts);
  const bool better = task.from_messages == task_from_messages_ ? earlier : task.from_messages;
  if (task.text.empty() || (!better && !summary_.task.empty())) return;
  summary_.task = std::move(task.text);
  summary_.task_start = start;
  task_from_messages_ = task.from_messages;
}

void RunSummarizer::add_agent(std::string_view name, uint32_t node, UnixNanos start) {
  add_to_list(summary_.agents, name);
  const auto known = std::ranges::find(agents_, name, &AgentMark::name);
  if (known != agents_.end()) {
    // Clocks of a millisecond: a parent may start together with its child, and comes after it.
    if (start <= known->start) *known = {std::move(known->name), start, node};
  } else if (agents_.size() < kRunListMax) {
    agents_.push_back({std::string(name), start, node});
  }
}

void RunSummarizer::choose_agent(const StepTree& tree, RunSummary& summary) const {
  const std::vector<uint32_t> depth = tree.depths();
  const AgentMark* nearest = nullptr;
  for (const AgentMark& agent : agents_) {
    const bool better = nearest == nullptr || depth[agent.node] < depth[nearest->node] ||
                        (depth[agent.node] == depth[nearest->node] && agent.start < nearest->start);
    if (better) nearest = &agent;
  }
  if (nearest == nullptr) return;
  summary.agent = nearest->name;
  summary.agent_start = nearest->start;
}

RunSummary RunSummarizer::finish() const {
  RunSummary summary = summary_;
  if (usages_.empty() && agents_.empty()) return summary;
  const StepTree tree(nodes_);
  const TokenSum sum = sum_tokens(nodes_, tree, usages_);
  summary.tokens = sum.tokens;
  summary.tokens_aggregated = sum.tokens.known && !sum.from_calls;
  choose_agent(tree, summary);
  return summary;
}

namespace {

void merge_names(RunSummary& into, const RunSummary& from) {
  const bool from_has_first_root = from.root_seen && (!into.root_seen || from.root_start < into.root_start);
  const bool both_without = !from.root_seen && !into.root_seen;
  if (from_has_first_root || (both_without && from.start < into.start)) {
    into.name = from.name;
    into.service = from.service;
  }
  if (from_has_first_root) {
    into.root_error = from.root_error;
    into.root_start = from.root_start;
  } else if (from.root_seen && from.root_start == into.root_start) {
    into.root_error = into.root_error || from.root_error;
  }
  into.root_seen = into.root_seen || from.root_seen;
}

void merge_texts(RunSummary& into, const RunSummary& from) {
  if (!from.agent.empty() && (into.agent.empty() || from.agent_start < into.agent_start)) {
    into.agent = from.agent;
    into.agent_start = from.agent_start;
  }
  if (!from.task.empty() && (into.task.empty() || from.task_start < into.task_start)) {
    into.task = from.task;
    into.task_start = from.task_start;
  }
  if (from.last_start > into.last_start) {
    into.last_start = from.last_start;
    into.current_step = from.current_step;
  }
  if (is_before(from.error_end, into.error_end)) {
    into.error_end = from.error_end;
    into.error_message = from.error_message;
    into.error_step = from.error_step;
  }
  if (into.environment.empty()) into.environment = from.environment;
  if (into.conversation_id.empty()) into.conversation_id = from.conversation_id;
}

void merge_tokens(RunSummary& into, const RunSummary& from) {
  if (!from.tokens.known) return;
  if (!into.tokens.known || (into.tokens_aggregated && !from.tokens_aggregated)) {
    into.tokens = from.tokens;
    into.tokens_aggregated = from.tokens_aggregated;
  } else if (into.tokens_aggregated == from.tokens_aggregated) {
    into.tokens.add(from.tokens);
  }
}

}  // namespace

void merge(RunSummary& into, const RunSummary& from) {
  CHECK(into.trace_id == from.trace_id);
  merge_names(into, from);
  merge_texts(into, from);
  merge_tokens(into, from);
  for (const std::string& text : from.services) add_to_list(into.services, text);
  for (const std::string& text : from.agents) add_to_list(into.agents, text);
  for (const std::string& text : from.models) add_to_list(into.models, text);
  for (const std::string& text : from.tools) add_to_list(into.tools, text);
  into.start = std::min(into.start, from.start);
  into.end = std::max(into.end, from.end);
  into.last_arrival = std::max(into.last_arrival, from.last_arrival);
  into.span_count += from.span_count;
  into.error_count += from.error_count;
}

}  // namespace sextant::data
