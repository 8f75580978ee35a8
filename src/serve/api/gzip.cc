#include "serve/api/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace sextant::serve {
namespace {

constexpr int kWindowBitsGzip = 15 + 16;  // zlib: 16 asks for gzip's frame
constexpr int kMemoryLevel = 8;           // zlib's default

}  // namespace

Result<std::string> gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindowBitsGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(ErrorCode::kResourceExhausted, "no memory to compress the answer");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  size_t written = 0;
  int state = Z_OK;
  // zlib counts in 32 bits; longer texts go in pieces.
  constexpr size_t kPiece = std::numeric_limits<uInt>::max() / 2;
  do {
    const size_t in = std::min(bytes.size(), kPiece);
    const size_t room = std::min(out.size() - written, kPiece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    state = deflate(&stream, in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(in - stream.avail_in);
    written += room - stream.avail_out;
  } while (state == Z_OK);
  deflateEnd(&stream);
  if (state != Z_STREAM_END) return fail(ErrorCode::kInternal, "compressing the answer failed");
  out.resize(written);
  return out;
}

}  // namespace sextant::serve
