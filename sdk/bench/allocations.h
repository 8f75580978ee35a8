// How often memory is asked for: counted by standing in for malloc in this program.
#pragma once

#include <cstdint>

namespace sextant::bench {

/// By all threads since the process began.
std::uint64_t allocations() noexcept;

}  // namespace sextant::bench
