// A context a thread: making one costs more than compressing a chunk.
#include "persist/column/zstd_bytes.h"

#include <zstd.h>

#include <memory>

#include "base/core/check.h"

namespace sextant::persist {
namespace {

/// 3 is zstd's own default: below, chunks of 16 KiB grow by some percent; above, time doubles for less.
constexpr int kLevel = 3;

/// A context grows with what it compresses: for more than this, which is rare, it is not worth keeping.
constexpr size_t kKeptRawBytesMax = 128 << 10;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

void zstd_compress(std::string_view raw, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  const size_t begin = out.size();
  out.resize(begin + ZSTD_compressBound(raw.size()));
  char* to = out.data() + begin;
  const size_t room = out.size() - begin;
  const size_t size = raw.size() <= kKeptRawBytesMax
                          ? ZSTD_compressCCtx(context.get(), to, room, raw.data(), raw.size(), kLevel)
                          : ZSTD_compress(to, room, raw.data(), raw.size(), kLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(begin + size);
}

Result<void> zstd_decompress(std::string_view stored, uint64_t raw_bytes, std::string& raw) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != raw_bytes) {
    return fail(ErrorCode::kDataLoss, "compressed bytes do not hold the {} they should", raw_bytes);
  }
  raw.resize(raw_bytes);
  const size_t size = ZSTD_decompressDCtx(context.get(), raw.data(), raw.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw_bytes) return fail(ErrorCode::kDataLoss, "compressed bytes do not unfold");
  return {};
}

}  // namespace sextant::persist
