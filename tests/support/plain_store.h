// A store that keeps batches in a list and answers by looking at everything: slow, obvious, and therefore the measure
// of what the real one and the query module say. Header only, so that only tests that use it depend on data/model.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "base/core/guarded.h"
#include "data/model/aggregate.h"
#include "data/model/consumer.h"
#include "data/model/eraser.h"
#include "data/model/scan.h"

namespace sextant::testing {

/// A number, whether it came as int or double; nothing for other types.
inline std::optional<double> number_in(const data::ValueView& value) {
  if (value.type == data::ValueType::kInt) return static_cast<double>(value.number);
  if (value.type == data::ValueType::kDouble) return value.as_double();
  return std::nullopt;
}

inline bool compares(const data::ValueView& value, data::CompareOp op, const data::ValueView& literal) {
  using data::CompareOp;
  const auto left = number_in(value);
  const auto right = number_in(literal);
  const bool equal = left && right ? *left == *right : value == literal;
  if (op == CompareOp::kEqual) return equal;
  if (op == CompareOp::kNotEqual) return !equal;
  if (op == CompareOp::kExists) return true;
  if (op == CompareOp::kContains) {
    const bool texts = value.type == data::ValueType::kString && literal.type == data::ValueType::kString;
    return texts && value.bytes.find(literal.bytes) != std::string_view::npos;
  }
  if (!left || !right) return false;
  if (op == CompareOp::kLess) return *left < *right;
  if (op == CompareOp::kLessOrEqual) return *left <= *right;
  return op == CompareOp::kGreater ? *left > *right : *left >= *right;
}

/// The values a condition looks at on one span.
inline std::vector<data::ValueView> values_for(const data::Batch& b, uint32_t row, const data::Condition& c) {
  using data::SpanField;
  const auto integer = [](uint64_t n) { return data::ValueView::integer(static_cast<int64_t>(n)); };
  switch (c.field) {
    case SpanField::kService:
      return {data::ValueView::string(b.service_of(row))};
    case SpanField::kName:
      return {b.values.view(b.spans.name[row])};
    case SpanField::kKind:
      return {data::ValueView::integer(b.spans.kind[row])};
    case SpanField::kStatus:
      return {data::ValueView::integer(b.spans.status[row])};
    case SpanField::kDuration:
      return {integer(b.spans.end_unix_nanos[row] - b.spans.start_unix_nanos[row])};
    case SpanField::kStart:
      return {integer(b.spans.start_unix_nanos[row])};
    case SpanField::kAttribute:
      break;
  }
  std::vector<data::ValueView> found;
  const auto look = [&](const data::AttributeList& list) {
    bool present = false;
    const data::ValueView value = b.attribute(list, c.key, &present);
    if (present) found.push_back(value);
  };
  using data::AttributeScope;
  if (!c.scope || *c.scope == AttributeScope::kSpan) look(b.spans.attributes[row]);
  if (c.scope == AttributeScope::kResource || (!c.scope && found.empty())) {
    look(b.resources[b.spans.resource[row]].attributes);
  }
  if (c.scope == AttributeScope::kScope) look(b.scopes[b.spans.scope[row]].attributes);
  for (uint32_t i = b.events_of(row).begin; c.scope == AttributeScope::kEvent && i < b.events_of(row).end; ++i) {
    look(b.events.attributes[i]);
  }
  for (uint32_t i = b.links_of(row).begin; c.scope == AttributeScope::kLink && i < b.links_of(row).end; ++i) {
    look(b.links.attributes[i]);
  }
  return found;
}

/// The value of a column, or nothing.
inline std::optional<data::ValueView> value_of(const data::Batch& b, uint32_t row, const data::SpanColumn& column) {
  data::Condition c;
  c.field = column.field;
  c.scope = column.scope;
  c.key = column.key;
  const auto values = values_for(b, row, c);
  if (values.empty()) return std::nullopt;
  return values.front();
}

/// What a call says of these numbers; numbers are kept one by one.
inline double call_of(const data::AggregateCall& call, uint64_t spans, std::vector<double> numbers) {
  using data::AggregateFunction;
  std::ranges::sort(numbers);
  double sum = 0;
  for (const double number : numbers) sum += number;
  const auto count = static_cast<double>(numbers.size());
  if (call.function == AggregateFunction::kCount) return call.of ? count : static_cast<double>(spans);
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  switch (call.function) {
    case AggregateFunction::kSum:
      return sum;
    case AggregateFunction::kMin:
      return numbers.front();
    case AggregateFunction::kMax:
      return numbers.back();
    case AggregateFunction::kAvg:
      return sum / count;
    default:
      return numbers[static_cast<size_t>(std::max(std::ceil(call.quantile * count), 1.0)) - 1];
  }
}

inline bool holds(const data::SpanFilter& filter, const data::Batch& b, uint32_t row) {
  using Kind = data::SpanFilter::Kind;
  const auto child = [&](const data::SpanFilter& f) { return holds(f, b, row); };
  switch (filter.kind) {
    case Kind::kAnd:
      return std::ranges::all_of(filter.children, child);
    case Kind::kOr:
      return std::ranges::any_of(filter.children, child);
    case Kind::kNot:
      return !child(filter.children.at(0));
    case Kind::kCondition:
      break;
  }
  const data::Condition& c = filter.condition;
  const auto values = values_for(b, row, c);
  if (values.empty()) return c.op == data::CompareOp::kNotEqual;
  return std::ranges::any_of(values, [&](const auto& v) { return compares(v, c.op, c.literal()); });
}

/// Internally locked. The public members may be changed between calls: who changes them and calls sequence() afterwards
/// is ordered before every scan that follows, as scans begin with it too.
class PlainStore final : public data::Consumer, public data::Reader, public data::Eraser {
 public:
  /// Arrival time given to spans; the newest of a run is its last_arrival.
  UnixNanos arrival = 0;
  /// When set, every scan and names call ends with it.
  std::optional<Error> refuse;
  /// Said at the end of every scan.
  std::vector<data::Damage> damages;
  /// Called at the start of every scan, from the scanning thread.
  std::function<void(const data::ScanSpec&)> on_scan;

  void add(data::Batch batch) {
    auto kept = batches_.lock();
    kept->push_back({std::make_shared<data::Batch>(std::move(batch)), arrival, kept->size() + 1});
  }
  void consume(data::Batch&& batch, LedgerHold&&, data::ConsumeDone done) override {
    if (batch.span_count() > 0) add(std::move(batch));
    done({});
  }
  uint64_t sequence() const override { return batches_.lock()->size() + erased_.lock()->count; }
  Result<void> erase_trace(const data::TraceId& id) override {
    if (refuse) return std::unexpected(*refuse);
    const auto kept = snapshot(UINT64_MAX);
    if (!by_trace(kept).contains(id)) return fail(ErrorCode::kNotFound, "no run with trace id {} is stored", id.hex());
    auto erased = erased_.lock();
    ++erased->count;
    erased->up_to[id] = kept.size();
    return {};
  }

  Result<data::ScanEnd> scan(const data::ScanSpec& spec, data::ScanSink& sink) override {
    static_cast<void>(sequence());
    if (on_scan) on_scan(spec);
    if (refuse) return std::unexpected(*refuse);
    if (spec.cancel.stop_requested()) return fail(ErrorCode::kCancelled, "cancelled");
    return spec.rows == data::ScanSpec::Rows::kRuns ? scan_runs(spec, sink) : scan_spans(spec, sink);
  }

  Result<data::NamesEnd> names(const data::NamesSpec& spec) override {
    static_cast<void>(sequence());
    if (refuse) return std::unexpected(*refuse);
    std::map<std::tuple<std::string, std::string, int32_t, data::AttributeScope, data::ValueType, int64_t>, uint64_t>
        counts;
    for (const Kept& kept : snapshot(UINT64_MAX)) {
      for (uint32_t row = 0; row < kept.batch->span_count(); ++row) {
        if (!is_erased(kept, row)) collect_names(spec, *kept.batch, row, counts);
      }
    }
    data::NamesEnd end;
    for (const auto& [key, count] : counts) {
      data::Name name;
      std::tie(name.service, name.text, name.kind, name.scope, name.type, name.number) = key;
      name.count = count;
      end.names.push_back(std::move(name));
    }
    std::ranges::stable_sort(end.names, [](const auto& a, const auto& b) { return a.count > b.count; });
    end.truncated = end.names.size() > spec.names_max;
    if (end.truncated) end.names.resize(spec.names_max);
    return end;
  }

  Result<data::AggregateEnd> aggregate(const data::AggregateSpec& spec) override {
    static_cast<void>(sequence());
    if (refuse) return std::unexpected(*refuse);
    if (spec.cancel.stop_requested()) return fail(ErrorCode::kCancelled, "cancelled");
    std::map<std::vector<GroupValue>, Cell> groups;
    std::map<std::pair<std::vector<GroupValue>, UnixNanos>, Cell> cells;
    data::AggregateEnd end;
    for (const auto& [id, spans] : by_trace(snapshot(UINT64_MAX))) {
      for (const Place& p : spans) {
        ++end.stats.rows_read;
        const UnixNanos start = p.batch->spans.start_unix_nanos[p.row];
        if (start < spec.time.from || start > spec.time.to || !holds(spec.span, *p.batch, p.row)) continue;
        std::vector<GroupValue> key;
        for (const data::SpanColumn& column : spec.by) {
          const auto value = value_of(*p.batch, p.row, column).value_or(data::ValueView::empty());
          key.emplace_back(value.type, value.number, value.bytes);
        }
        add_to(groups[key], spec, p);
        add_to(cells[{key, spec.step_nanos == 0 ? 0 : start - start % spec.step_nanos}], spec, p);
      }
    }
    if (cells.size() > spec.cells_max) return fail(ErrorCode::kTooLarge, "too many cells");
    write_cells(spec, groups, cells, end);
    end.damages = damages;
    return end;
  }

 private:
  using GroupValue = std::tuple<data::ValueType, int64_t, std::string>;
  struct Cell {
    uint64_t spans = 0;
    std::vector<std::vector<double>> numbers;  // [call]
  };

  template <typename Place>
  static void add_to(Cell& cell, const data::AggregateSpec& spec, const Place& p) {
    ++cell.spans;
    cell.numbers.resize(spec.calls.size());
    for (size_t call = 0; call < spec.calls.size(); ++call) {
      const auto& of = spec.calls[call].of;
      if (!of) continue;
      const auto value = value_of(*p.batch, p.row, *of);
      const auto number = value ? number_in(*value) : std::nullopt;
      const bool unfinished = of->field == data::SpanField::kDuration && p.batch->spans.end_unix_nanos[p.row] == 0;
      if (number && std::isfinite(*number) && !unfinished) cell.numbers[call].push_back(*number);
    }
  }

  template <typename Groups, typename Cells>
  static void write_cells(const data::AggregateSpec& spec, const Groups& groups, const Cells& cells,
                          data::AggregateEnd& end) {
    std::vector<std::pair<double, std::vector<GroupValue>>> order;
    for (const auto& [key, cell] : groups) {
      const double size = call_of(spec.calls[spec.order_call], cell.spans, cell.numbers[spec.order_call]);
      order.emplace_back(std::isnan(size) ? std::numeric_limits<double>::infinity() : -size, key);
    }
    std::ranges::sort(order);
    end.groups_found = order.size();
    if (order.size() > spec.groups_max) order.resize(spec.groups_max);
    end.groups.resize(spec.by.size());
    end.columns.resize(spec.calls.size());
    for (const auto& [size, key] : order) {
      for (const auto& [place, cell] : cells) {
        if (place.first == key) write_cell(spec, key, place.second, cell, end);
      }
    }
  }

  static void write_cell(const data::AggregateSpec& spec, const std::vector<GroupValue>& key, UnixNanos step,
                         const Cell& cell, data::AggregateEnd& end) {
    ++end.rows;
    for (size_t i = 0; i < key.size(); ++i) {
      const auto& [type, number, bytes] = key[i];
      end.groups[i].push_back(end.values.intern({type, number, bytes}));
    }
    if (spec.step_nanos != 0) end.steps.push_back(step);
    for (size_t i = 0; i < spec.calls.size(); ++i) {
      const data::AggregateCall& call = spec.calls[i];
      if (call.function != data::AggregateFunction::kHistogram) {
        end.columns[i].numbers.push_back(call_of(call, cell.spans, cell.numbers[i]));
        continue;
      }
      std::vector<uint64_t> buckets(call.bounds.size() + 1);
      for (const double number : cell.numbers[i]) {
        ++buckets[static_cast<size_t>(std::ranges::count_if(call.bounds, [&](double b) { return b <= number; }))];
      }
      end.columns[i].buckets.push_back(std::move(buckets));
    }
  }

  struct Kept {
    std::shared_ptr<const data::Batch> batch;
    UnixNanos arrival;
    uint64_t sequence;
  };
  struct Place {
    const data::Batch* batch;
    uint32_t row;
    UnixNanos arrival;
    uint64_t sequence;
  };
  struct Run {
    data::RunSummary summary;
    std::vector<Place> spans;
    UnixNanos place = 0;  // start as it was at the cursor's sequence
  };

  /// Which traces were deleted, each up to which batch.
  struct Erased {
    std::map<data::TraceId, uint64_t> up_to;
    uint64_t count = 0;
  };
  bool is_erased(const Kept& kept, uint32_t row) const {
    const auto erased = erased_.lock();
    const auto found = erased->up_to.find(kept.batch->spans.trace_id[row]);
    return found != erased->up_to.end() && kept.sequence <= found->second;
  }

  std::vector<Kept> snapshot(uint64_t sequence_max) const {
    std::vector<Kept> out = *batches_.lock();
    if (out.size() > sequence_max) out.resize(sequence_max);
    return out;
  }

  static void add_once(std::vector<std::string>& list, std::string_view text) {
    if (!text.empty() && std::ranges::find(list, text) == list.end()) list.emplace_back(text);
  }

  static std::string text_of(const Place& p, std::string_view key, bool resource = false) {
    const auto& list =
        resource ? p.batch->resources[p.batch->spans.resource[p.row]].attributes : p.batch->spans.attributes[p.row];
    return std::string(p.batch->attribute(list, key).bytes);
  }

  static void add_tokens(data::TokenCounts& tokens, const Place& p) {
    const auto& list = p.batch->spans.attributes[p.row];
    bool present = false;
    const auto input = p.batch->attribute(list, "gen_ai.usage.input_tokens", &present);
    if (!present) return;
    tokens.known = true;
    tokens.input += static_cast<uint64_t>(input.number);
    tokens.output += static_cast<uint64_t>(p.batch->attribute(list, "gen_ai.usage.output_tokens").number);
  }

  static data::RunSummary summarize(const std::vector<Place>& spans) {
    data::RunSummary s;
    const Place* named = nullptr;
    s.start = UINT64_MAX;
    uint64_t newest_start = 0;
    for (const Place& p : spans) {
      const data::SpanColumns& c = p.batch->spans;
      s.trace_id = c.trace_id[p.row];
      const bool root = c.parent_span_id[p.row].is_zero();
      if (named == nullptr || (root && !s.root_seen) || (!s.root_seen && c.start_unix_nanos[p.row] < s.start))
        named = &p;
      s.root_seen |= root;
      const bool failed = c.status[p.row] == data::kError;
      s.root_error |= root && failed;
      s.error_count += failed ? 1 : 0;
      if (failed && s.error_step.empty()) {
        s.error_step = p.batch->values.text(c.name[p.row]);
        s.error_message = p.batch->values.text(c.status_message[p.row]);
      }
      ++s.span_count;
      s.start = std::min(s.start, c.start_unix_nanos[p.row]);
      s.end = std::max({s.end, c.end_unix_nanos[p.row], c.start_unix_nanos[p.row]});
      s.last_arrival = std::max(s.last_arrival, p.arrival);
      if (c.start_unix_nanos[p.row] >= newest_start) s.current_step = p.batch->values.text(c.name[p.row]);
      newest_start = std::max(newest_start, c.start_unix_nanos[p.row]);
      add_once(s.services, p.batch->service_of(p.row));
      add_once(s.agents, text_of(p, "gen_ai.agent.name"));
      add_once(s.models, text_of(p, "gen_ai.request.model"));
      add_once(s.tools, text_of(p, "gen_ai.tool.name"));
      if (s.environment.empty()) s.environment = text_of(p, "deployment.environment.name", true);
      if (s.conversation_id.empty()) s.conversation_id = text_of(p, "gen_ai.conversation.id");
      add_tokens(s.tokens, p);
    }
    s.name = named->batch->values.text(named->batch->spans.name[named->row]);
    s.service = named->batch->service_of(named->row);
    if (!s.agents.empty()) s.agent = s.agents.front();
    return s;
  }

  /// Spans of every trace, equal copies once.
  std::map<data::TraceId, std::vector<Place>> by_trace(const std::vector<Kept>& kept) const {
    std::map<data::TraceId, std::vector<Place>> traces;
    std::multimap<std::pair<data::TraceId, data::SpanId>, Place> seen;
    for (const Kept& k : kept) {
      for (uint32_t row = 0; row < k.batch->span_count(); ++row) {
        if (is_erased(k, row)) continue;
        const Place place{k.batch.get(), row, k.arrival, k.sequence};
        const auto [begin, end] = seen.equal_range({k.batch->spans.trace_id[row], k.batch->spans.span_id[row]});
        const bool known = std::any_of(begin, end, [&](const auto& entry) {
          return data::rows_equal(*entry.second.batch, entry.second.row, *k.batch, row);
        });
        if (known) continue;
        seen.emplace(std::pair(k.batch->spans.trace_id[row], k.batch->spans.span_id[row]), place);
        traces[k.batch->spans.trace_id[row]].push_back(place);
      }
    }
    return traces;
  }

  static bool matches(const data::ScanSpec& spec, const Run& run) {
    const data::RunFilter& f = spec.run;
    const data::RunSummary& s = run.summary;
    const auto among = [](const auto& wanted, const auto& value) {
      return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
    };
    const auto any = [&](const auto& wanted, const auto& values) {
      return wanted.empty() || std::ranges::any_of(values, [&](const auto& v) { return among(wanted, v); });
    };
    return spec.time.overlaps(s.start, s.end) && among(f.trace_ids, s.trace_id) && among(f.states, s.state()) &&
           any(f.services, s.services) && any(f.agents, s.agents) && any(f.models, s.models) && any(f.tools, s.tools) &&
           among(f.environments, s.environment) && among(f.conversation_ids, s.conversation_id) &&
           s.duration_nanos() >= f.duration_min_nanos && s.duration_nanos() <= f.duration_max_nanos &&
           (spec.span.always() ||
            std::ranges::any_of(run.spans, [&](const Place& p) { return holds(spec.span, *p.batch, p.row); }));
  }

  Result<data::ScanEnd> scan_runs(const data::ScanSpec& spec, data::ScanSink& sink) {
    const auto kept = snapshot(UINT64_MAX);
    const uint64_t now = spec.after ? spec.after->sequence : kept.size();
    std::vector<Run> runs;
    for (auto& [id, spans] : by_trace(kept)) {
      Run run{summarize(spans), spans, UINT64_MAX};
      for (const Place& p : spans) {
        if (p.sequence <= now) run.place = std::min(run.place, p.batch->spans.start_unix_nanos[p.row]);
      }
      if (run.place != UINT64_MAX && matches(spec, run)) runs.push_back(std::move(run));
    }
    const auto key = [](const Run& r) { return std::pair(r.place, r.summary.trace_id); };
    std::ranges::sort(runs, [&](const Run& a, const Run& b) { return key(a) > key(b); });
    data::ScanEnd end;
    end.damages = damages;
    uint64_t sent = 0;
    data::RunCursor last;
    for (Run& run : runs) {
      if (spec.after && key(run) >= std::pair(spec.after->start, spec.after->trace_id)) continue;
      if (sent == spec.rows_max) {
        end.next = last;
        break;
      }
      ++sent;
      last = data::RunCursor{now, run.place, run.summary.trace_id};
      ++end.stats.rows_read;
      if (sink.on_run(std::move(run.summary)) == data::ScanSink::Next::kStop) break;
    }
    return end;
  }

  Result<data::ScanEnd> scan_spans(const data::ScanSpec& spec, data::ScanSink& sink) {
    const auto kept = snapshot(UINT64_MAX);
    data::ScanEnd end;
    end.damages = damages;
    for (auto& [id, spans] : by_trace(kept)) {
      const Run run{summarize(spans), spans, 0};
      data::ScanSpec whole = spec;
      whole.span = {};
      if (!matches(whole, run)) continue;
      data::Batch out;
      data::BatchAppender appender(out);
      for (size_t i = 0; i < spans.size();) {  // rows of one batch at a time
        std::vector<uint32_t> rows;
        const data::Batch& batch = *spans[i].batch;
        for (; i < spans.size() && spans[i].batch == &batch; ++i) {
          if (holds(spec.span, batch, spans[i].row)) rows.push_back(spans[i].row);
        }
        appender.append(batch, rows);
      }
      end.stats.rows_read += out.span_count();
      if (sink.on_spans(std::move(out)) == data::ScanSink::Next::kStop) break;
    }
    return end;
  }

  template <typename Counts>
  static void collect_names(const data::NamesSpec& spec, const data::Batch& b, uint32_t row, Counts& counts) {
    using Of = data::NamesSpec::Of;
    const std::string service(b.service_of(row));
    if (spec.of == Of::kServices) ++counts[{"", service, 0, data::AttributeScope::kSpan, data::ValueType::kString, 0}];
    if (spec.of == Of::kOperations && (spec.service.empty() || spec.service == service)) {
      const std::string name(b.values.text(b.spans.name[row]));
      ++counts[{service, name, b.spans.kind[row], data::AttributeScope::kSpan, data::ValueType::kString, 0}];
    }
    const auto list_names = [&](data::AttributeScope scope, const data::AttributeList& list) {
      if (spec.scope && *spec.scope != scope) return;
      const auto keys = b.shapes.keys_of(list.shape);
      const auto values = b.values_of(list);
      for (size_t i = 0; i < keys.size(); ++i) {
        const std::string key(b.keys.text(keys[i]));
        const data::ValueView value = b.values.view(values[i]);
        if (spec.of == Of::kAttributeKeys) ++counts[{"", key, 0, scope, value.type, 0}];
        if (spec.of == Of::kAttributeValues && key == spec.key) {
          ++counts[{"", std::string(value.bytes), 0, scope, value.type, value.number}];
        }
      }
    };
    list_names(data::AttributeScope::kSpan, b.spans.attributes[row]);
    list_names(data::AttributeScope::kResource, b.resources[b.spans.resource[row]].attributes);
    for (uint32_t i = b.events_of(row).begin; i < b.events_of(row).end; ++i) {
      list_names(data::AttributeScope::kEvent, b.events.attributes[i]);
    }
  }

  Guarded<std::vector<Kept>> batches_;
  Guarded<Erased> erased_;
};

}  // namespace sextant::testing
