// Assertions that stay on in release builds: what they guard is our own fault, never the caller's or the disk's.
#pragma once

namespace sextant {

/// Prints the place and the condition on standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace sextant

#define CHECK(condition)                                            \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::sextant::check_failed(#condition, __FILE_NAME__, __LINE__); \
  } while (false)

#ifndef __FILE_NAME__
#define __FILE_NAME__ __FILE__
#endif
