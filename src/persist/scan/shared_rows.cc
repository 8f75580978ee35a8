#include "persist/scan/shared_rows.h"

#include <algorithm>

#include "base/core/check.h"

namespace sextant::persist {
namespace {

/// A list so many times as long as the other is searched, not walked.
constexpr size_t kSearchedRatio = 16;

uint32_t fingerprint_of(const TraceEntry& trace) {
  return trace.fingerprint;
}
uint32_t fingerprint_of(uint32_t fingerprint) {
  return fingerprint;
}

template <typename Mine, typename Other>
void mark_each(std::span<const Mine> mine, std::span<const Other> others, std::vector<bool>& marks) {
  CHECK(marks.size() == mine.size());
  const bool skip_mine = mine.size() / kSearchedRatio > others.size();
  const bool skip_others = others.size() / kSearchedRatio > mine.size();
  const auto before = [](const auto& entry, uint32_t fingerprint) { return fingerprint_of(entry) < fingerprint; };
  size_t i = 0;
  size_t j = 0;
  while (i < mine.size() && j < others.size()) {
    const uint32_t left = fingerprint_of(mine[i]);
    const uint32_t right = fingerprint_of(others[j]);
    if (left == right) {
      marks[i++] = true;
    } else if (left < right) {
      i = skip_mine ? static_cast<size_t>(
                          std::lower_bound(mine.begin() + static_cast<ptrdiff_t>(i), mine.end(), right, before) -
                          mine.begin())
                    : i + 1;
    } else {
      j = skip_others ? static_cast<size_t>(
                            std::lower_bound(others.begin() + static_cast<ptrdiff_t>(j), others.end(), left, before) -
                            others.begin())
                      : j + 1;
    }
  }
}

}  // namespace

void RowRanges::sort() {
  std::ranges::sort(ranges_);
}

bool RowRanges::meet(uint32_t begin, uint32_t end) const {
  // The first range that ends behind `begin`.
  const auto found = std::ranges::upper_bound(ranges_, begin, {}, &std::pair<uint32_t, uint32_t>::second);
  return found != ranges_.end() && found->first < end;
}

void mark_common(std::span<const TraceEntry> mine, std::span<const TraceEntry> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}
void mark_common(std::span<const TraceEntry> mine, std::span<const uint32_t> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}
void mark_common(std::span<const uint32_t> mine, std::span<const TraceEntry> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}

}  // namespace sextant::persist
