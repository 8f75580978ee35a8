#include "persist/text/block_codec.h"

#include <zstd.h>

#include "base/core/check.h"
#include "persist/format/bytes.h"
#include "persist/text/word_codec.h"

namespace sextant::persist {
namespace {

/// First byte of a block. Format: docs/formats/text.md.
constexpr uint8_t kZstd = 1;
constexpr uint8_t kWords = 2;

constexpr int kFastLevel = 1;
constexpr int kSmallLevel = 6;
/// A block that words leave larger than this part of it is tried with zstd as well.
constexpr size_t kPoorPart = 2;

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a text block does not follow the format");
}

}  // namespace

namespace {

void compress_zstd(std::string_view raw, TextEffort effort, std::string& out) {
  const size_t head = out.size();
  out.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress(out.data() + head, out.size() - head, raw.data(), raw.size(),
                                    effort == TextEffort::kFast ? kFastLevel : kSmallLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(head + size);
}

}  // namespace

void compress_text_block(std::string_view raw, const TextVocabulary& vocabulary, TextEffort effort, std::string& out) {
  CHECK(raw.size() <= kTextBlockBytesMax);
  const size_t begin = out.size();
  bool words = effort == TextEffort::kSmall && !vocabulary.empty();
  if (words) {
    put_u8(out, kWords);
    put_varint(out, raw.size());
    encode_words(raw, vocabulary, out);
    if (out.size() - begin <= raw.size() / kPoorPart) return;
  }
  // What are no words (images in base64, say) zstd may pack better.
  std::string zstd;
  put_u8(zstd, kZstd);
  put_varint(zstd, raw.size());
  compress_zstd(raw, effort, zstd);
  words = words && out.size() - begin <= zstd.size();
  if (!words) out.replace(begin, std::string::npos, zstd);
}

Result<std::string> decompress_text_block(std::string_view bytes, const TextVocabulary& vocabulary,
                                          uint64_t raw_bytes_max) {
  ByteReader reader(bytes);
  const uint8_t codec = reader.u8();
  const uint64_t raw_bytes = reader.varint_max(raw_bytes_max);
  if (reader.failed()) return damaged();
  const std::string_view packed = reader.bytes(reader.left());
  if (codec == kWords && !vocabulary.empty()) return decode_words(packed, vocabulary, raw_bytes);
  if (codec != kZstd || ZSTD_getFrameContentSize(packed.data(), packed.size()) != raw_bytes) return damaged();
  std::string raw(raw_bytes, '\0');
  if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != raw_bytes) return damaged();
  return raw;
}

}  // namespace sextant::persist
