// Compression of what is sent.
#pragma once

#include <string>
#include <string_view>

namespace sextant {

/// RFC 1952, at zlib's fastest level; empty where memory is out.
std::string gzip(std::string_view bytes);

}  // namespace sextant
