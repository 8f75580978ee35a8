// Bounds of what one scan does, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "persist/format/limits.h"

namespace sextant::persist {

/// How many steps (a run, a block) go by between looks at clock and stop token: a look costs as much as a small step.
inline constexpr uint32_t kChecksPerLook = 16;

/// Damages listed in one answer. Every one is counted; more of them tell a reader nothing new.
inline constexpr size_t kDamagesMax = 100;

/// Spans up to which a run that lies in several places is summed up from its spans; beyond, from its parts' summaries,
/// with counts that may include copies.
inline constexpr uint64_t kRebuiltSpansMax = 200'000;

/// Rows whose columns are laid out at a time: a few such columns fit the first-level cache.
inline constexpr uint32_t kAggregatedRows = 1024;

/// Stripes that a second thread gets at least: starting it takes as long as one or two.
inline constexpr size_t kLentStripesMin = 4;

/// Codes up to which a table from code to cell is made anew for each step: clearing it must cost less than it saves.
inline constexpr uint32_t kCodesByStepMax = 4096;

/// Rows of one trace in one batch up to which each is compared with each to see whether a span came twice.
inline constexpr size_t kRepeatsComparedMax = 16;

}  // namespace sextant::persist
