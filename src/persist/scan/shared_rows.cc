#include "persist/scan/shared_rows.h"

#include <algorithm>

#include "base/core/check.h"
#include "persist/segment/fingerprint_walk.h"

namespace sextant::persist {
namespace {

constexpr auto kAny = [](const auto& /*entry*/) { return true; };

template <typename Mine, typename Other>
void mark_each(std::span<const Mine> mine, std::span<const Other> others, std::vector<bool>& marks) {
  CHECK(marks.size() == mine.size());
  for_each_common(mine, others, kAny, kAny, [&](size_t i, size_t /*other*/) { marks[i] = true; });
}

}  // namespace

void RowRanges::sort() {
  std::ranges::sort(ranges_);
  ranges_.erase(std::unique(ranges_.begin(), ranges_.end()), ranges_.end());
}

bool RowRanges::meet(uint32_t begin, uint32_t end) const {
  // The first range that ends behind `begin`.
  const auto found = std::ranges::upper_bound(ranges_, begin, {}, &std::pair<uint32_t, uint32_t>::second);
  return found != ranges_.end() && found->first < end;
}

void mark_common(std::span<const TraceEntry> mine, std::span<const uint32_t> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}
void mark_common(std::span<const uint32_t> mine, std::span<const TraceEntry> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}

}  // namespace sextant::persist
