// Examples of measurements, with the span in which they were made.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "metrics/attribute_set.h"
#include "metrics/series.h"
#include "sextant/span_context.h"

namespace sextant::metrics {

/// A value.
struct Exemplar {
  std::int64_t time_ns = 0;  // wall
  std::uint64_t bits = 0;    // of an int64 or a double, as the instrument has it
  bool is_double = false;
  TraceId trace_id;  // invalid: made outside of any span
  SpanId span_id;
  std::string attributes;  // canonical: those that the view filtered out
};

/// The cells of one series: one for each bucket of an explicit histogram, a few for all values else. Internally locked,
/// cell by cell; a writer that finds a cell taken goes on without it.
class ExemplarStore {
 public:
  explicit ExemplarStore(std::size_t cells) : cells_(cells) {}
  std::size_t size() const noexcept { return cells_.size(); }
  /// Whether the cell has had none since this epoch began.
  bool empty_in(std::size_t cell, std::uint64_t epoch) const noexcept {
    return cells_[cell].epoch.load(std::memory_order_relaxed) != epoch;
  }
  void put(std::size_t cell, std::uint64_t epoch, const Exemplar& exemplar);
  /// Those that were taken in epochs after this one.
  std::vector<Exemplar> since(std::uint64_t epoch) const;

 private:
  struct Cell {
    mutable std::atomic<bool> locked{false};
    std::atomic<std::uint64_t> epoch{0};
    Exemplar exemplar;
  };
  std::vector<Cell> cells_;
};

inline constexpr std::size_t kSumCells = 1;
inline constexpr std::size_t kExponentialCells = 20;

/// What the attributes of a measurement are known by where it is made.
struct Measured {
  Attributes attributes;                   // of an unbound call
  const std::string* canonical = nullptr;  // of a bound one
};

/// Offers a measurement that may become an exemplar by the filter of its stream; `bucket` counts for explicit
/// histograms. Thread: the owner of the slot.
void offer_exemplar(Series& series, Word* slot, std::uint32_t bucket, std::uint64_t bits, bool is_double,
                    const Measured& measured, std::uint64_t random) noexcept;

}  // namespace sextant::metrics
