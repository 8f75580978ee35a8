// Compressed bodies for tests, bombs included.
#pragma once

#include <string>
#include <string_view>

namespace sextant::testing {

enum class ZlibFormat { kGzip, kZlib, kRawDeflate };

std::string compress_zlib(ZlibFormat format, std::string_view bytes);
inline std::string gzip(std::string_view bytes) {
  return compress_zlib(ZlibFormat::kGzip, bytes);
}
/// `window_log` 0: the library's choice.
std::string zstd(std::string_view bytes, int window_log = 0);

/// Gzip data that unpacks to `bytes` zeros.
std::string gzip_bomb(size_t bytes);
std::string zstd_bomb(size_t bytes);

}  // namespace sextant::testing
