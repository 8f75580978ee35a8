// What each thread keeps at hand, so that a span touches nothing that other threads touch.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "queue/record_queue.h"
#include "trace/span_record.h"

namespace sextant {
class Scope;
}

namespace sextant::trace {

/// Thread-confined; zero at first, and again after the thread's end has been handled.
struct ThreadState {
  const Scope* scope = nullptr;  // the innermost
  queue::Lane* lane = nullptr;
  SpanRecord* free_records = nullptr;
  std::uint32_t free_count = 0;
  std::uint32_t shared_score = 0;  // how often, of late, spans begun here were used by other threads
  Random random;
  bool registered = false;  // its end will be handled
};

// Why: what is known to need no code to be initialised is reached without a call.
#if defined(__clang__)
#define SEXTANT_CONSTINIT [[clang::require_constant_initialization]]
#else
#define SEXTANT_CONSTINIT __constinit
#endif
SEXTANT_CONSTINIT extern thread_local ThreadState thread_state;

/// Makes the end of this thread give back what it holds. Once for a thread.
void handle_thread_end(ThreadState& state) noexcept;

/// Who owns the lock of a span that begins on this thread: the thread, unless its spans are used by others all the
/// time.
std::uintptr_t owner_for(const ThreadState& state) noexcept;

/// Records of this thread, or of the common stock; null where too many are open or memory is out.
SpanRecord* take_record(ThreadState& state) noexcept;
void give_back_record(ThreadState& state, SpanRecord* record) noexcept;

inline constexpr std::uint32_t kFreeRecordsMax = 64;  // that a thread keeps: more than spans it has open at a time
inline constexpr std::size_t kOpenSpansMax = 65'536;  // some 80 MiB of records

}  // namespace sextant::trace
