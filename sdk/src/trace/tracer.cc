// How a span begins.
#include <cstring>
#include <mutex>

#include "base/clock.h"
#include "base/installed.h"
#include "sextant/trace.h"
#include "trace/record_stock.h"
#include "trace/thread_state.h"

namespace sextant {

namespace detail {
std::atomic<bool> tracing_on{false};
}

namespace trace {
namespace {

std::atomic<std::uint64_t> unrecorded{0};

template <std::size_t kBytes>
void fill(Id<kBytes>& id, Random& random) noexcept {
  do {
    for (std::size_t at = 0; at < kBytes; at += 8) {
      const std::uint64_t word = random.next();
      std::memcpy(id.bytes.data() + at, &word, 8);
    }
  } while (!id.valid());
}

Installed<Runtime>& runtimes() noexcept {
  static Installed<Runtime>& instance = *new Installed<Runtime>;
  return instance;
}

Sampling decide(const Runtime& runtime, const SamplingInput& input, Attributes& added) noexcept {
  if (runtime.sampler == nullptr) {
    return !input.parent.valid() || input.parent.sampled() ? Sampling::kRecordAndSample : Sampling::kDrop;
  }
  const SamplingDecision decision = runtime.sampler->decide(input);
  added = decision.attributes;
  return decision.sampling;
}

}  // namespace

void install(std::unique_ptr<const Runtime> runtime) {
  const std::lock_guard<std::mutex> lock(runtimes().mutex());
  detail::tracing_on.store(runtime != nullptr, std::memory_order_release);
  runtimes().set(std::move(runtime));
}

const Runtime* installed() noexcept {
  return runtimes().get();
}

void lock_for_fork() noexcept {
  runtimes().mutex().lock();
  stock().mutex().lock();
}

void unlock_after_fork() noexcept {
  stock().mutex().unlock();
  runtimes().mutex().unlock();
}

std::uint64_t unrecorded_count() noexcept {
  return unrecorded.load(std::memory_order_relaxed);
}

}  // namespace trace

Tracer tracer(std::string_view name, std::string_view version, std::string_view schema_url, Attributes attributes) {
  Tracer made;
  made.scope_ = &detail::intern_scope(name, version, schema_url, attributes);
  return made;
}

Span Tracer::start_recorded(std::string_view name, const SpanOptions& options) const noexcept {
  const trace::Runtime* runtime = trace::installed();
  if (runtime == nullptr) return {};
  trace::ThreadState& state = trace::thread_state;
  if (!state.registered) trace::handle_thread_end(state);
  if (!state.random.seeded()) state.random.seed();

  static const Context& kNone = *new Context;  // spans may start while static objects are destroyed
  const Context& parent_context = options.root_                ? kNone
                                  : options.parent_ != nullptr ? *options.parent_
                                                               : current_context();
  const SpanContext& parent = parent_context.span();
  Span span;
  SpanContext& context = span.context_;
  if (parent.valid()) {
    context.trace_id = parent.trace_id;
    context.trace_state = parent.trace_state;
    context.flags = parent.flags & trace_flags::kRandom;
    context.debug = parent.debug;
  } else {
    trace::fill(context.trace_id, state.random);
    context.flags = trace_flags::kRandom;
  }
  trace::fill(context.span_id, state.random);

  Attributes added;
  const Sampling sampling = trace::decide(
      *runtime, {parent, context.trace_id, name, options.kind_, options.attributes_, options.links_}, added);
  if (sampling == Sampling::kDrop) return span;
  if (sampling == Sampling::kRecordAndSample) context.flags |= trace_flags::kSampled;

  detail::SpanRecord* record = trace::take_record(state);
  if (record == nullptr) {
    trace::unrecorded.fetch_add(1, std::memory_order_relaxed);
    return span;
  }
  const std::int64_t now = monotonic_ns();
  const bool given = options.start_time_ != Time{};
  const detail::ScopeInfo* scope = scope_ != nullptr ? scope_ : &detail::scope_at(0);
  trace::begin_record(*record, {scope, runtime, context, parent, options.kind_, name, now,
                                given ? options.start_time_.time_since_epoch().count() : wall_of(now)});
  for (const Attribute& attribute : options.attributes_) trace::add_attribute(*record, attribute);
  for (const Attribute& attribute : added) trace::add_attribute(*record, attribute);
  for (const Link& link : options.links_) trace::add_link(*record, link.span, link.attributes);
  span.record_ = record;
  span.generation_ = record->generation.load(std::memory_order_relaxed) + 1;
  record->lock.reset(trace::owner_for(state));
  record->generation.store(span.generation_, std::memory_order_release);
  for (const auto& processor : runtime->processors) processor->on_start(span, parent_context);
  return span;
}

}  // namespace sextant
