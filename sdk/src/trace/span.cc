// What a span can be told while it is open, and how it ends.
#include "base/clock.h"
#include "base/type_name.h"
#include "sextant/trace.h"
#include "trace/record_stock.h"
#include "trace/thread_state.h"

namespace sextant {

using detail::SpanRecord;

namespace trace {
namespace {

std::atomic<std::uint64_t> timed_out{0};
std::atomic<bool> owners{owner_locks_available()};

constexpr std::uint32_t kSharedScoreMax = 1024;
constexpr std::uint32_t kSharedFrom = 64;  // from here on spans of this thread have ordinary locks
constexpr std::uint32_t kSharedCost =
    8;  // what one that was used by another thread adds; one that was not takes 1 away

void note_sharing(ThreadState& state, bool was_owned) noexcept {
  if (!was_owned && state.shared_score < kSharedScoreMax) state.shared_score += kSharedCost;
  if (was_owned && state.shared_score > 0) --state.shared_score;
}

/// Requires: the record's lock. Copies the message into the queue of the thread, and closes the record.
void finish(SpanRecord& record, std::int64_t end_ns) noexcept {
  ThreadState& state = thread_state;
  if (!state.registered) handle_thread_end(state);
  const std::size_t bytes = message_size(record);
  queue::RecordQueue& queue = *record.runtime->queue;
  if (state.lane == nullptr) state.lane = queue.open_lane();
  const bool exported = record.context.sampled();
  if (char* out = exported && state.lane != nullptr ? queue.begin(state.lane, bytes) : nullptr; out != nullptr) {
    write_message(out, record, end_ns);
    queue.commit(state.lane, record.scope->index, bytes);
  }
  record.generation.fetch_add(1, std::memory_order_release);
}

void tell_processors(const SpanRecord& record, std::int64_t end_ns) noexcept {
  if (record.runtime->processors.empty()) return;
  Buffer<1024> message;
  char* out = message.reserve(message_size(record));
  if (out == nullptr) return;
  message.set_end(write_message(out, record, end_ns));
  for (const auto& processor : record.runtime->processors) processor->on_end({message.view(), record.context});
}

/// Ends a span if it is still that one. False where it is not.
bool end_record(SpanRecord& record, std::uint64_t generation, Time time, bool by_timeout) noexcept {
  {
    const OwnerLock::Hold hold(record.lock, thread_mark());
    if (record.generation.load(std::memory_order_relaxed) != generation) return false;
    if (by_timeout) add_attribute(record, {"sextant.span.timed_out", true});
    const std::int64_t elapsed = monotonic_ns() - record.begun_at_ns.load(std::memory_order_relaxed);
    const std::int64_t end_ns = time != Time{} ? time.time_since_epoch().count() : record.start_ns + elapsed;
    tell_processors(record, end_ns);
    finish(record, end_ns);
  }
  note_sharing(thread_state, record.lock.owned());
  give_back_record(thread_state, &record);
  return true;
}

}  // namespace

std::uintptr_t owner_for(const ThreadState& state) noexcept {
  return owners.load(std::memory_order_relaxed) && state.shared_score < kSharedFrom ? thread_mark() : 0;
}

std::size_t end_spans_begun_before(std::int64_t monotonic_ns) noexcept {
  std::size_t ended = 0;
  stock().for_each([&](SpanRecord& record) {
    const std::uint64_t generation = record.generation.load(std::memory_order_acquire);
    if (generation % 2 == 0 || record.begun_at_ns.load(std::memory_order_relaxed) >= monotonic_ns) return;
    if (end_record(record, generation, {}, true)) ++ended;
  });
  timed_out.fetch_add(ended, std::memory_order_relaxed);
  return ended;
}

SpanCounts span_counts() noexcept {
  SpanCounts counts;
  counts.unrecorded = unrecorded_count();
  counts.timed_out = timed_out.load(std::memory_order_relaxed);
  stock().for_each([&](SpanRecord& record) { counts.open += record.generation.load(std::memory_order_relaxed) % 2; });
  return counts;
}

void after_fork_in_child() noexcept {
  owners.store(owner_locks_available(), std::memory_order_relaxed);
  thread_state.random.seed();
}

/// Does something to an open record under its lock.
template <class Change>
void change(SpanRecord* record, std::uint64_t generation, Change what) noexcept {
  if (record == nullptr || record->generation.load(std::memory_order_relaxed) != generation) return;
  const OwnerLock::Hold hold(record->lock, thread_mark());
  if (record->generation.load(std::memory_order_relaxed) == generation) what(*record);
}

std::int64_t wall_or_now(Time time) noexcept {
  return time != Time{} ? time.time_since_epoch().count() : wall_of(monotonic_ns());
}

}  // namespace trace

Span::Span(Span&& other) noexcept
    : context_(std::move(other.context_)),
      record_(other.record_),
      generation_(other.generation_),
      borrowed_(other.borrowed_) {
  other.record_ = nullptr;
}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  if (record_ != nullptr && !borrowed_) end();
  context_ = std::move(other.context_);
  record_ = other.record_;
  generation_ = other.generation_;
  borrowed_ = other.borrowed_;
  other.record_ = nullptr;
  return *this;
}

bool Span::recording() const noexcept {
  return record_ != nullptr && record_->generation.load(std::memory_order_relaxed) == generation_;
}

void Span::set_recorded(const Attribute& attribute) noexcept {
  trace::change(record_, generation_, [&](SpanRecord& record) { trace::add_attribute(record, attribute); });
}

Span& Span::set(Attributes attributes) noexcept {
  trace::change(record_, generation_, [&](SpanRecord& record) {
    for (const Attribute& attribute : attributes) trace::add_attribute(record, attribute);
  });
  return *this;
}

Span& Span::add_event(std::string_view name, Attributes attributes, Time time) noexcept {
  if (record_ == nullptr) return *this;
  const std::int64_t at = trace::wall_or_now(time);
  trace::change(record_, generation_, [&](SpanRecord& record) { trace::add_event(record, name, attributes, at); });
  return *this;
}

Span& Span::add_link(const SpanContext& span, Attributes attributes) noexcept {
  trace::change(record_, generation_, [&](SpanRecord& record) { trace::add_link(record, span, attributes); });
  return *this;
}

Span& Span::set_status(StatusCode code, std::string_view message) noexcept {
  trace::change(record_, generation_, [&](SpanRecord& record) { trace::set_status(record, code, message); });
  return *this;
}

Span& Span::update_name(std::string_view name) noexcept {
  trace::change(record_, generation_, [&](SpanRecord& record) {
    record.name.reset(SpanRecord::kKeptBytes);
    record.name.append(name);
  });
  return *this;
}

Span& Span::record_error(std::string_view type, std::string_view message, Attributes attributes) noexcept {
  if (record_ == nullptr) return *this;
  const std::int64_t at = trace::wall_or_now({});
  trace::change(record_, generation_, [&](SpanRecord& record) {
    constexpr std::size_t kMax = 32;
    Attribute all[kMax] = {{"exception.type", type}, {"exception.message", message}};
    std::size_t count = 2;
    for (const Attribute& attribute : attributes) {
      if (count < kMax) all[count++] = attribute;
    }
    trace::add_event(record, "exception", {all, count}, at);
    trace::add_attribute(record, {"error.type", type});
    trace::set_status(record, StatusCode::kError, message);
  });
  return *this;
}

Span& Span::record_error(const std::exception& error) noexcept {
  record_error(TypeName(error).view(), error.what());
  return *this;
}

void Span::end(Time time) noexcept {
  SpanRecord* const record = record_;
  record_ = nullptr;
  if (record == nullptr || record->generation.load(std::memory_order_relaxed) != generation_) return;
  if (!record->runtime->processors.empty()) {
    record_ = record;  // for as long as processors may set something
    for (const auto& processor : record->runtime->processors) processor->on_ending(*this);
    record_ = nullptr;
  }
  trace::end_record(*record, generation_, time, false);
}

}  // namespace sextant
