// What propagators passed over.
#pragma once

#include <atomic>
#include <cstdint>

namespace sextant::propagation {

/// Internally locked (each by itself).
struct Counters {
  std::atomic<std::uint64_t> malformed_contexts{0};
  std::atomic<std::uint64_t> malformed_trace_states{0};
  std::atomic<std::uint64_t> truncated_trace_states{0};
  std::atomic<std::uint64_t> dropped_baggage{0};
};
extern Counters counters;

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace sextant::propagation
