#include "metrics/slots.h"

#include <new>

namespace sextant::metrics {

void Shard::free_segments() noexcept {
  for (Word* segment : segments) delete[] segment;
  segments.clear();
}

Word* make_room(Shard& shard, std::uint32_t offset) noexcept {
  const std::uint32_t index = offset >> kSegmentBits;
  if (index >= shard.segments.size()) shard.segments.resize(index + 1, nullptr);
  Word*& segment = shard.segments[index];
  if (segment == nullptr) segment = new (std::nothrow) Word[kSegmentWords]();
  return segment != nullptr ? segment + (offset & (kSegmentWords - 1)) : nullptr;
}

}  // namespace sextant::metrics
