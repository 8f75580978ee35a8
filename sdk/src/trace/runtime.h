// What recording a span needs to know, and where the record goes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "queue/record_queue.h"
#include "sextant/limits.h"
#include "sextant/processor.h"
#include "sextant/sampler.h"

namespace sextant::trace {

/// Immutable after construction. Lifetime: never destroyed once installed, since spans may outlast the SDK that began
/// them; there is one for each start of an SDK.
struct Runtime {
  SamplerPtr sampler;  // null: what the parent did, and every trace that begins here; decided without a call
  Limits limits;
  std::vector<std::shared_ptr<SpanProcessor>> processors;
  queue::RecordQueue* queue = nullptr;
};

/// From now on spans are recorded by these rules; null: no more.
void install(std::unique_ptr<const Runtime> runtime);
const Runtime* installed() noexcept;

/// Counts since the process began.
struct SpanCounts {
  std::uint64_t unrecorded = 0;  // no memory, or too many open spans
  std::uint64_t timed_out = 0;
  std::size_t open = 0;
};
SpanCounts span_counts() noexcept;
std::uint64_t unrecorded_count() noexcept;

/// Ends, and marks with the attribute `sextant.span.timed_out`, spans that were begun before that moment of the
/// monotonic clock and have not ended. Returns how many.
std::size_t end_spans_begun_before(std::int64_t monotonic_ns) noexcept;

/// Around fork(): what is locked before it, and undone in the parent after it.
void lock_for_fork() noexcept;
void unlock_after_fork() noexcept;
/// In the child, whose other threads are gone, with the locks still held: ids differ from now on, and spans that the
/// parent began are the parent's alone to end.
void after_fork_in_child() noexcept;

}  // namespace sextant::trace
