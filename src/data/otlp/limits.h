// Bounds of decoding, each with its reason. What one batch may hold stands in data/model/limits.h.
#pragma once

#include <cstdint>

#include "data/model/limits.h"

namespace sextant::data {

/// Protobuf lets a sender give one message in several pieces, which are joined before they are read. No known client
/// does; the bound keeps one that does so on every level from having its bytes copied again and again.
inline constexpr uint64_t kMergedBytesMax = 1 << 20;

/// Arrays and maps inside one value. Each costs some 32 bytes while the value is built.
inline constexpr uint32_t kNestedListsMax = 1'000'000;

/// Levels of JSON objects and arrays: kValueDepthMax values of four levels each, and the levels above them, rounded up.
inline constexpr int kJsonDepthMax = 4 * kValueDepthMax + 64;

/// Attributes, events, links and spans between two looks at the memory they take together.
inline constexpr uint32_t kItemsPerMemoryCheck = 1024;

}  // namespace sextant::data
