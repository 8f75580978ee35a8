// zstd for the small pieces that columns consist of: the contexts, which are large, are kept per thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant::persist {

/// Appends the compressed bytes. Thread: any.
void zstd_compress(std::string_view raw, std::string& out);

/// Puts into `raw` what `stored` unfolds to. kDataLoss when that is not `raw_bytes` bytes; callers bound these before.
Result<void> zstd_decompress(std::string_view stored, uint64_t raw_bytes, std::string& raw);

}  // namespace sextant::persist
