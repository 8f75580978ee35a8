// Bounds of a repair, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::persist {

/// Memory for reading one segment: the largest that is written has a gigabyte on the disk, of which a few stripes are
/// held unfolded.
inline constexpr uint64_t kRepairBytesMax = 2ULL << 30;
inline constexpr uint64_t kRepairCacheBytesMax = 256ULL << 20;

/// Stripes that are held unfolded: traces lie together, so one and its neighbours do.
inline constexpr size_t kRepairStripesMax = 4;

/// Bytes that are copied at once.
inline constexpr uint64_t kRepairCopyBytes = 1ULL << 20;

/// Damaged files of one name that are kept; whoever repairs more often has to remove some.
inline constexpr uint32_t kDamagedNamesMax = 1000;

/// Places of one file that are named; the others are counted.
inline constexpr size_t kDamagesShownMax = 20;

}  // namespace sextant::persist
