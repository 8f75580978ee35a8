// Two lists that ascend by fingerprint, walked together: which traces stand in both.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// A list so many times as long as the other is searched, not walked.
inline constexpr size_t kSearchedRatio = 16;

inline uint32_t fingerprint_of(const TraceEntry& trace) {
  return trace.fingerprint;
}
inline uint32_t fingerprint_of(uint32_t fingerprint) {
  return fingerprint;
}

/// Calls `found` for places in both lists of entries that are wanted and have the same fingerprint.
template <typename Mine, typename Other, typename WantMine, typename WantOther, typename Found>
void for_each_common(std::span<const Mine> mine, std::span<const Other> others, const WantMine& want_mine,
                     const WantOther& want_other, const Found& found) {
  const bool skip_mine = mine.size() / kSearchedRatio > others.size();
  const bool skip_others = others.size() / kSearchedRatio > mine.size();
  const auto before = [](const auto& entry, uint32_t fingerprint) { return fingerprint_of(entry) < fingerprint; };
  const auto next = [&](const auto& list, size_t at, uint32_t fingerprint, bool search) {
    if (!search) return at + 1;
    const auto from = list.begin() + static_cast<ptrdiff_t>(at);
    return static_cast<size_t>(std::lower_bound(from, list.end(), fingerprint, before) - list.begin());
  };
  size_t i = 0;
  size_t j = 0;
  while (i < mine.size() && j < others.size()) {
    const uint32_t left = fingerprint_of(mine[i]);
    const uint32_t right = fingerprint_of(others[j]);
    if (!want_mine(mine[i])) {
      ++i;
    } else if (left < right) {
      i = next(mine, i, right, skip_mine);
    } else if (!want_other(others[j])) {
      ++j;
    } else if (left > right) {
      j = next(others, j, left, skip_others);
    } else {
      for (size_t k = j; k < others.size() && fingerprint_of(others[k]) == left; ++k) found(i, k);
      ++i;
    }
  }
}

}  // namespace sextant::persist
