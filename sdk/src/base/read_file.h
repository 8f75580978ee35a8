// Files that are read whole.
#pragma once

#include <cstddef>
#include <string>

#include "sextant/result.h"

namespace sextant {

/// At most one byte more than `bytes_max`, by which the caller knows that it is longer. An error says what failed and
/// why, without the path: `cannot be opened: No such file or directory`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace sextant
