// How a record is made, and goes where it is to go.
#include "base/installed.h"
#include "sextant/log.h"

#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/thread_end.h"
#include "base/type_name.h"
#include "logs/draft.h"
#include "logs/loggers.h"
#include "logs/record_view.h"
#include "logs/runtime.h"

namespace sextant {

namespace logs {
namespace {

/// Thread-confined; zero at first, and again after the thread's end has been handled.
struct ThreadState {
  queue::Lane* lane = nullptr;
  Random random;
  std::uint32_t part = 0;  // of counts that are kept in parts
  bool registered = false;
  bool inside = false;  // a record is being handled: what is logged by that would have no end
};
thread_local ThreadState thread_state;

/// A count in parts, so that threads do not wait for each other's lines of memory.
class SpreadCount {
 public:
  static constexpr std::uint32_t kParts = 16;
  void add_one(std::uint32_t part) noexcept { parts_[part % kParts].value.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t sum() const noexcept {
    std::uint64_t sum = 0;
    for (const Part& part : parts_) sum += part.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Part {
    std::atomic<std::uint64_t> value{0};
  };
  Part parts_[kParts];
};

std::atomic<std::uint32_t> threads{0};
std::atomic<std::uint64_t> refused{0};
std::atomic<std::uint64_t> discarded{0};
SpreadCount sampled_out;

Installed<Runtime>& runtimes() noexcept {
  static Installed<Runtime>& instance = *new Installed<Runtime>;
  return instance;
}

void on_thread_end(void* state) {
  auto& ended = *static_cast<ThreadState*>(state);
  if (ended.lane != nullptr) ended.lane->queue->abandon(ended.lane);
  ended.lane = nullptr;
  ended.registered = false;
}

void register_thread(ThreadState& state) noexcept {
  state.registered = true;
  state.part = threads.fetch_add(1, std::memory_order_relaxed);
  if (!state.random.seeded()) state.random.seed();
  at_thread_end<on_thread_end>(&state);
}

/// Whether a record of this severity is among the share of its kind that is kept.
bool is_drawn(const Runtime& runtime, Severity severity, ThreadState& state) noexcept {
  const std::size_t kind = (static_cast<std::size_t>(severity) - 1) / 4;
  if (kind >= sizeof(runtime.kept) / sizeof(runtime.kept[0])) return true;
  const std::uint64_t below = runtime.kept[kind].below;
  return below == UINT64_MAX || state.random.next() < below;
}

void enqueue(const Runtime& runtime, const RecordView& record, ThreadState& state) noexcept {
  RecordBuffer head;
  encode_head(head, record);
  if (state.lane == nullptr) state.lane = runtime.queue->open_lane();
  if (head.failed() || state.lane == nullptr) {
    refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::size_t bytes = head.size() + body_size(record);
  char* out = runtime.queue->begin(state.lane, bytes);
  if (out == nullptr) return;  // the queue counts it
  write_body(otlp::write_raw(out, head.view()), record);
  runtime.queue->commit(state.lane, record.scope.index, bytes);
}

void publish(const Runtime& runtime, const RecordView& record, ThreadState& state, std::int64_t now) noexcept {
  if (runtime.queue != nullptr) enqueue(runtime, record, state);
  for (const auto& output : runtime.outputs) {
    if (output->wants(record.severity)) output->write(record, now);
  }
}

/// The record as the processors leave it.
void process(const Runtime& runtime, const RecordView& record, const Context& context, ThreadState& state,
             std::int64_t now) noexcept {
  detail::LogDraft draft(record, context);
  LogRecord handle(draft);
  for (const auto& processor : runtime.processors) {
    processor->on_emit(handle);
    if (!draft.discarded) continue;
    discarded.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  otlp::KeptAttributes kept_ones(draft.all(), runtime.attributes_max);
  const bool same = draft.severity == record.severity;
  publish(runtime,
          {record.scope,
           record.span,
           draft.severity,
           same ? record.severity_text : severity_text(draft.severity),
           draft.body,
           draft.event_name,
           {},
           kept_ones,
           record.limits,
           record.time_ns,
           record.observed_ns},
          state, now);
}

/// Those of an exception that the attributes do not set themselves.
std::size_t exception_attributes(Attribute (&out)[2], std::string_view type, std::string_view message,
                                 Attributes given) noexcept {
  std::size_t count = 0;
  for (const Attribute& attribute : {Attribute{"exception.type", type}, Attribute{"exception.message", message}}) {
    bool is_given = false;
    for (const Attribute& other : given) is_given = is_given || other.key == attribute.key;
    if (!is_given) out[count++] = attribute;
  }
  return count;
}

std::int64_t given_or(Time time, std::int64_t now) noexcept {
  return time != Time{} ? time.time_since_epoch().count() : now;
}

}  // namespace

Share share_of(double rate) noexcept {
  if (rate >= 1) return {};
  return {static_cast<std::uint64_t>(std::ldexp(rate, 64))};
}

void install(std::unique_ptr<const Runtime> runtime) {
  const Runtime* before = nullptr;
  {
    const std::lock_guard<std::mutex> lock(runtimes().mutex());
    before = runtimes().last();
    apply_rules(runtime.get());
    runtimes().set(std::move(runtime));
  }
  // Outside the lock: closing may wait for a function of the program's, which may wait for anything.
  if (before == nullptr) return;
  for (const auto& output : before->outputs) output->close();
}

const Runtime* installed() noexcept {
  return runtimes().get();
}

LogCounts log_counts() noexcept {
  LogCounts counts;
  counts.refused = refused.load(std::memory_order_relaxed);
  counts.sampled_out = sampled_out.sum();
  counts.discarded = discarded.load(std::memory_order_relaxed);
  const std::lock_guard<std::mutex> lock(runtimes().mutex());
  if (runtimes().last() == nullptr) return counts;
  for (const auto& output : runtimes().last()->outputs) {
    const LineCounts lines = output->counts();
    counts.lines.written += lines.written;
    counts.lines.lost += lines.lost;
  }
  return counts;
}

void hold_for_fork() noexcept {
  runtimes().mutex().lock();
  loggers_mutex().lock();
}

void release_in_parent() noexcept {
  loggers_mutex().unlock();
  runtimes().mutex().unlock();
}

void release_in_child() noexcept {
  if (const Runtime* runtime = installed(); runtime != nullptr) {
    for (const auto& output : runtime->outputs) output->renew_in_child();
  }
  release_in_parent();
  thread_state.lane = nullptr;  // the parent's
  thread_state.random.seed();
}

}  // namespace logs

bool Logger::enabled(Severity severity, const Context& context) const noexcept {
  if (!enabled(severity)) return false;
  const SpanContext& span = context.span();
  return !state_->sampled_only.load(std::memory_order_relaxed) || !span.valid() || span.sampled();
}

void Logger::emit_message(Severity severity, std::string_view message, Attributes attributes,
                          const Context* context) const noexcept {
  LogEntry entry(severity, message);
  entry.attributes_ = attributes;
  entry.context_ = context;
  emit_enabled(entry);
}

void Logger::emit_enabled(const LogEntry& entry) const noexcept {
  const logs::Runtime* const runtime = logs::installed();
  if (runtime == nullptr || sextant::severity_text(entry.severity_).empty()) return;
  logs::ThreadState& state = logs::thread_state;
  if (!state.registered) logs::register_thread(state);
  if (state.inside) {
    logs::refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  state.inside = true;
  handle(*runtime, entry);
  state.inside = false;
}

void Logger::handle(const logs::Runtime& runtime, const LogEntry& entry) const noexcept {
  logs::ThreadState& state = logs::thread_state;
  const Context& context = entry.context_ != nullptr ? *entry.context_ : current_context();
  if (!enabled(entry.severity_, context) || !logs::is_drawn(runtime, entry.severity_, state)) {
    logs::sampled_out.add_one(state.part);
    return;
  }
  const std::int64_t now = monotonic_ns();
  const std::int64_t wall = wall_of(now);
  std::optional<TypeName> type;
  Attribute first[2];
  std::size_t first_count = 0;
  if (entry.exception_ != nullptr) {
    type.emplace(*entry.exception_);
    first_count = logs::exception_attributes(first, type->view(), entry.exception_->what(), entry.attributes_);
  }
  const auto reserved = static_cast<std::uint32_t>(first_count);
  otlp::KeptAttributes kept(entry.attributes_,
                            runtime.attributes_max > reserved ? runtime.attributes_max - reserved : 0);
  const logs::RecordView record{
      state_->scope != nullptr ? *state_->scope : detail::scope_at(0),
      context.span(),
      entry.severity_,
      entry.severity_text_.empty() ? sextant::severity_text(entry.severity_) : entry.severity_text_,
      entry.body_,
      entry.event_name_,
      {first, first_count},
      kept,
      {runtime.value_length_max},
      logs::given_or(entry.time_, wall),
      logs::given_or(entry.observed_time_, wall)};
  runtime.processors.empty() ? logs::publish(runtime, record, state, now)
                             : logs::process(runtime, record, context, state, now);
}

Logger logger(std::string_view name, std::string_view version, std::string_view schema_url, Attributes attributes) {
  Logger made;
  made.state_ = &logs::logger_of(detail::intern_scope(name, version, schema_url, attributes));
  return made;
}

}  // namespace sextant
