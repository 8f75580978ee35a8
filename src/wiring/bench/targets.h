// The figures that the server is to reach, by id, and what a measured one is worth against them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/bench/figures.h"

namespace sextant::wiring {

struct Target {
  std::string_view id;
  double reach = 0;  // what is aimed at
  double least = 0;  // where work on it may end
  enum class Better : uint8_t { kLess, kMore } better = Better::kLess;
  /// Not empty: reach and least are multiples of that figure.
  std::string_view relative_to = {};
};

/// In the order in which a report shows them.
std::span<const Target> targets();

/// "reach", "least" or "short".
std::string_view verdict(const Target& target, double value);

/// A line for each target: id, value, unit, reach, least, verdict, calibrator; "-" where it was not measured.
std::string report_table(const std::vector<Measured>& measured);

}  // namespace sextant::wiring
