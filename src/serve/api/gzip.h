// Compressing answers (RFC 1952).
#pragma once

#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant::serve {

/// Fast rather than small: over loopback and local networks the sender's time is what counts.
Result<std::string> gzip(std::string_view bytes);

}  // namespace sextant::serve
