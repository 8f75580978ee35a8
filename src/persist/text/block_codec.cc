#include "persist/text/block_codec.h"

#include <zstd.h>

#include "base/core/check.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

constexpr uint8_t kZstd = 1;
constexpr int kFastLevel = 1;
constexpr int kSmallLevel = 6;

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a text block does not follow the format");
}

}  // namespace

void compress_text_block(std::string_view raw, const TextVocabulary&, TextEffort effort, std::string& out) {
  CHECK(raw.size() <= kTextBlockBytesMax);
  put_u8(out, kZstd);
  put_varint(out, raw.size());
  const size_t head = out.size();
  out.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress(out.data() + head, out.size() - head, raw.data(), raw.size(),
                                    effort == TextEffort::kFast ? kFastLevel : kSmallLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(head + size);
}

Result<std::string> decompress_text_block(std::string_view bytes, const TextVocabulary&, uint64_t raw_bytes_max) {
  ByteReader reader(bytes);
  const uint8_t codec = reader.u8();
  const uint64_t raw_bytes = reader.varint_max(raw_bytes_max);
  if (reader.failed() || codec != kZstd) return damaged();
  const std::string_view packed = reader.bytes(reader.left());
  std::string raw(raw_bytes, '\0');
  if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != raw_bytes) return damaged();
  return raw;
}

}  // namespace sextant::persist
