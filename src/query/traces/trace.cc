#include "query/traces/trace.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "query/traces/limits.h"

namespace sextant::query {
namespace {

/// Gathers spans into one batch; when only one comes, it is taken as it is. Thread-confined.
class Gather final : public data::ScanSink {
 public:
  Gather(Trace& trace, std::optional<data::SpanId> only) : trace_(trace), only_(only) {}

  Next on_spans(data::Batch&& batch) override {
    if (trace_.spans.span_count() == 0 && !only_) {
      trace_.spans = std::move(batch);
    } else {
      append(batch);
    }
    if (!trace_.hold.resize(trace_.spans.byte_size())) {
      full_ = true;
      return Next::kStop;
    }
    too_many_ = trace_.spans.span_count() > kTraceSpansMax;
    return too_many_ ? Next::kStop : Next::kContinue;
  }
  Next on_run(data::RunSummary&&) override { return Next::kContinue; }

  Result<void> verdict() const {
    if (full_) {
      return fail(ErrorCode::kResourceExhausted, "the run needs more memory than is free; it has at least {} spans",
                  trace_.spans.span_count());
    }
    if (too_many_) return fail(ErrorCode::kTooLarge, "the run has more than {} spans", kTraceSpansMax);
    return {};
  }

 private:
  void append(const data::Batch& batch) {
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < batch.span_count(); ++row) {
      if (!only_ || batch.spans.span_id[row] == *only_) rows.push_back(row);
    }
    data::BatchAppender(trace_.spans).append(batch, rows);
  }

  Trace& trace_;
  std::optional<data::SpanId> only_;
  bool full_ = false;
  bool too_many_ = false;
};

/// Thread-confined.
class OneRun final : public data::ScanSink {
 public:
  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(data::RunSummary&& run) override {
    found = std::move(run);
    return Next::kStop;
  }
  std::optional<data::RunSummary> found;
};

data::ScanSpec spec_for(const Context& context, const data::TraceId& id, data::ScanSpec::Rows rows) {
  RunQuestion question;
  question.run.trace_ids.push_back(id);
  data::ScanSpec spec = compile(question, context);
  spec.rows = rows;
  return spec;
}

void order_rows(Trace& trace) {
  const data::SpanColumns& spans = trace.spans.spans;
  trace.rows.resize(trace.spans.span_count());
  for (uint32_t i = 0; i < trace.rows.size(); ++i) trace.rows[i] = i;
  // Copies of a span stand where the earliest of them starts, so that they are neighbours.
  std::unordered_map<data::SpanId, uint64_t, data::IdHash> starts;
  starts.reserve(trace.rows.size());
  trace.conflicting.assign(trace.rows.size(), false);
  bool copies = false;
  for (const uint32_t row : trace.rows) {
    const auto [entry, fresh] = starts.try_emplace(spans.span_id[row], spans.start_unix_nanos[row]);
    if (fresh) continue;
    entry->second = std::min(entry->second, spans.start_unix_nanos[row]);
    copies = true;
  }
  const auto place = [&](uint32_t row) {
    return copies ? starts.find(spans.span_id[row])->second : spans.start_unix_nanos[row];
  };
  std::ranges::sort(trace.rows, [&](uint32_t a, uint32_t b) {
    if (const auto left = place(a), right = place(b); left != right) return left < right;
    if (spans.span_id[a] != spans.span_id[b]) return spans.span_id[a] < spans.span_id[b];
    if (spans.start_unix_nanos[a] != spans.start_unix_nanos[b]) {
      return spans.start_unix_nanos[a] < spans.start_unix_nanos[b];
    }
    return a < b;
  });
}

/// Marks copies and chooses for each span id the row that stands for it in tree and steps.
void choose_steps(Trace& trace) {
  const data::SpanColumns& spans = trace.spans.spans;
  for (size_t i = 0; i < trace.rows.size();) {
    uint32_t best = trace.rows[i];
    size_t end = i + 1;
    for (; end < trace.rows.size() && spans.span_id[trace.rows[end]] == spans.span_id[best]; ++end) {
      if (spans.end_unix_nanos[trace.rows[end]] > spans.end_unix_nanos[best]) best = trace.rows[end];
    }
    for (size_t copy = i; end - i > 1 && copy < end; ++copy) trace.conflicting[trace.rows[copy]] = true;
    trace.steps.push_back(best);
    i = end;
  }
  // The chosen copy may start later than the one that decided the place.
  std::ranges::stable_sort(trace.steps, [&](uint32_t a, uint32_t b) {
    return std::pair(spans.start_unix_nanos[a], spans.span_id[a]) <
           std::pair(spans.start_unix_nanos[b], spans.span_id[b]);
  });
}

void plant_tree(Trace& trace) {
  const data::SpanColumns& spans = trace.spans.spans;
  std::vector<data::TreeInput> input;
  input.reserve(trace.steps.size());
  for (const uint32_t row : trace.steps) input.push_back({spans.span_id[row], spans.parent_span_id[row]});
  trace.tree = data::build_tree(input);
}

Result<Trace> gather(const Context& context, const data::TraceId& id, std::optional<data::SpanId> only,
                     uint64_t value_bytes_max) {
  Trace trace;
  trace.hold = context.ledger.open();
  Gather sink(trace, only);
  data::ScanSpec spec = spec_for(context, id, data::ScanSpec::Rows::kSpans);
  spec.value_bytes_max = value_bytes_max;
  trace.findings.add(TRY(context.reader.scan(spec, sink)));
  TRY(sink.verdict());
  return trace;
}

}  // namespace

Result<Trace> load_trace(const Context& context, const data::TraceId& id, uint64_t value_bytes_max) {
  Trace trace = TRY(gather(context, id, std::nullopt, value_bytes_max));
  // After the spans: a run that is there at the second look had all of these spans at the first.
  OneRun run;
  trace.findings.add(TRY(context.reader.scan(spec_for(context, id, data::ScanSpec::Rows::kRuns), run)));
  if (!run.found || trace.spans.span_count() == 0) {
    return fail(ErrorCode::kNotFound, "no run with trace id {} is stored", id.hex());
  }
  trace.summary = std::move(*run.found);
  order_rows(trace);
  choose_steps(trace);
  plant_tree(trace);
  return trace;
}

Result<Trace> load_span(const Context& context, const data::TraceId& id, const data::SpanId& span,
                        uint64_t value_bytes_max) {
  Trace trace = TRY(gather(context, id, span, value_bytes_max));
  if (trace.spans.span_count() == 0) {
    return fail(ErrorCode::kNotFound, "no span {} of run {} is stored", span.hex(), id.hex());
  }
  order_rows(trace);
  choose_steps(trace);
  return trace;
}

}  // namespace sextant::query
