// Instruments: what is measured. They live as long as the process, whichever SDK runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "scope/scope_registry.h"
#include "sextant/metrics.h"

namespace sextant::detail {

/// Immutable after construction, apart from what it knows about the SDK that runs. Lifetime: for ever.
struct Instrument {
  const ScopeInfo* scope = nullptr;
  InstrumentKind kind = InstrumentKind::kCounter;
  bool is_double = false;
  PrometheusName prometheus_name = PrometheusName::kTranslated;
  std::uint64_t seed = 0;  // of hashes
  std::string name;
  std::string unit;
  std::string description;
  std::vector<double> bounds;   // advice; empty: none
  std::int64_t created_ns = 0;  // wall
  // What is accepted; NaN is in no range.
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  std::int64_t lowest_int = INT64_MIN;
  // Generations of the SDK: for which streams were made, and for which there are none.
  mutable std::atomic<std::uint32_t> prepared_in{0};
  mutable std::atomic<std::uint32_t> dropped_in{0};
};

}  // namespace sextant::detail

namespace sextant::metrics {

using detail::Instrument;

inline bool is_observable(InstrumentKind kind) noexcept {
  return kind >= InstrumentKind::kObservableCounter;
}
inline bool is_monotonic(InstrumentKind kind) noexcept {
  return kind == InstrumentKind::kCounter || kind == InstrumentKind::kObservableCounter ||
         kind == InstrumentKind::kHistogram;
}
/// As messages name it, e.g. `counter`.
const char* name_of(InstrumentKind kind) noexcept;

/// Whether instruments may be called so (OpenTelemetry, "Instrument name syntax").
bool valid_instrument_name(std::string_view name) noexcept;

/// Finite and ascending, and at most kBoundsMax.
bool valid_bounds(const double* bounds, std::size_t count) noexcept;

struct InstrumentRequest {
  const detail::ScopeInfo* scope;
  InstrumentKind kind;
  bool is_double;
  std::string_view name;
  const InstrumentOptions& options;
};
/// The one of these there is, or a new one; null, which is told, where the name is none or there are too many. Any
/// thread.
const Instrument* intern_instrument(const InstrumentRequest& request);

/// To be held over a fork.
std::mutex& instruments_mutex() noexcept;

inline constexpr std::size_t kInstrumentsMax = 16'384;  // more would be names made from data
inline constexpr std::size_t kBoundsMax = 1'000;

}  // namespace sextant::metrics
