// Observable instruments: callbacks, and what they say when they are asked.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/instrument.h"

namespace sextant::metrics {

/// One value that a callback told. A value.
struct Observation {
  std::string attributes;  // canonical, of all
  std::int64_t integer = 0;
  double real = 0;
};

/// By instrument, in the order in which they were told.
using Observations = std::unordered_map<const Instrument*, std::vector<Observation>>;

/// Asks every callback. Those of other threads that begin or end one wait.
Observations observe_all();

/// Over a fork: no callback begins or ends. In the child the lock is made anew, since its thread has another number.
void hold_callbacks() noexcept;
void release_callbacks() noexcept;
void renew_callbacks_in_child() noexcept;

inline constexpr std::size_t kObservationsMax = 100'000;  // of one instrument in one collection

}  // namespace sextant::metrics
