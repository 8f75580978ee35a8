// The table that embed.py writes: which file of the built page lies where in the program's read-only data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

extern "C" {
// NOLINTNEXTLINE(modernize-avoid-c-arrays): a symbol of the assembler
extern const char sextant_webui_blob[];
}

namespace sextant::serve {

/// kImmutable: the name contains the content's hash. kRevalidate: ask with If-None-Match every time.
enum class Caching : uint8_t { kImmutable, kRevalidate };

struct AssetPlace {
  uint32_t offset;
  uint32_t size;
};

struct AssetRow {
  std::string_view path;  // "/assets/index-B3x_9aQz.js"
  std::string_view content_type;
  std::string_view etag;  // with its quotes
  Caching caching;
  AssetPlace plain;
  AssetPlace gzip;  // size 0: not worth it
};

using AssetTable = std::span<const AssetRow>;

/// The page of this program; empty when it was built without one.
extern const AssetTable kBuiltPage;

}  // namespace sextant::serve
