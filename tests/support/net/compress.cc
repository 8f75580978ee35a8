#include "tests/support/net/compress.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace sextant::testing {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

/// Compresses `piece` over and over until `bytes` bytes went in.
std::string compress_repeated(int window_bits, std::string_view piece, size_t bytes) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, bytes > kPieceBytes ? 9 : 1, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out;
  std::string buffer(64 * 1024, '\0');
  do {
    const size_t size = std::min(bytes, piece.size());
    bytes -= size;
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    z.avail_in = static_cast<uInt>(size);
    do {
      z.next_out = reinterpret_cast<Bytef*>(buffer.data());
      z.avail_out = static_cast<uInt>(buffer.size());
      deflate(&z, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer.data(), buffer.size() - z.avail_out);
    } while (z.avail_out == 0);
  } while (bytes > 0);
  deflateEnd(&z);
  return out;
}

}  // namespace

std::string compress_zlib(ZlibFormat format, std::string_view bytes) {
  const int window_bits = format == ZlibFormat::kGzip ? 15 + 16 : format == ZlibFormat::kZlib ? 15 : -15;
  return compress_repeated(window_bits, bytes, bytes.size());
}

std::string gzip_bomb(size_t bytes) {
  return compress_repeated(15 + 16, std::string(kPieceBytes, '\0'), bytes);
}

std::string zstd(std::string_view bytes, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log > 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  // In two steps, or the library shrinks the window to the size it sees.
  if (window_log > 0) {
    EXPECT_EQ(ZSTD_isError(ZSTD_compressStream2(context, &target, &in, ZSTD_e_continue)), 0U);
  }
  EXPECT_EQ(ZSTD_compressStream2(context, &target, &in, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  out.resize(target.pos);
  return out;
}

std::string zstd_bomb(size_t bytes) {
  return zstd(std::string(bytes, '\0'));
}

}  // namespace sextant::testing
