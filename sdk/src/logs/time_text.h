// Moments as lines of logs have them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sextant/log_output.h"

namespace sextant::logs {

inline constexpr std::size_t kTimeBytesMax = 32;

/// Whether it is a number, which JSON has without quotes.
constexpr bool is_number(LogTimeFormat format) noexcept {
  return format >= LogTimeFormat::kUnix;
}

/// Of nanoseconds since 1970. Requires: room for kTimeBytesMax. Returns the end.
char* write_time(char* out, std::int64_t wall_ns, LogTimeFormat format) noexcept;

}  // namespace sextant::logs
