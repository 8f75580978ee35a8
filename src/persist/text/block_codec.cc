#include "persist/text/block_codec.h"

#include <zstd.h>

#include <algorithm>

#include "base/core/check.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

/// First byte of a block. Format: docs/formats/text.md.
constexpr uint8_t kZstd = 1;
constexpr uint8_t kWords = 2;
constexpr uint8_t kPlain = 3;

constexpr int kLevel = 6;
/// A block that words leave larger than this part of it is tried with zstd as well.
constexpr size_t kPoorPart = 2;

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a text block does not follow the format");
}

void compress_zstd(std::string_view raw, std::string& out) {
  const size_t head = out.size();
  out.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress(out.data() + head, out.size() - head, raw.data(), raw.size(), kLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(head + size);
}

void put_head(uint8_t codec, std::string_view raw, std::string& out) {
  put_u8(out, codec);
  put_varint(out, raw.size());
}

}  // namespace

void compress_text_block(std::string_view raw, const TextVocabulary& vocabulary, Effort effort, std::string& out,
                         WordFilterWriter* unknown) {
  CHECK(raw.size() <= kTextBlockBytesMax);
  if (effort == Effort::kNone) {
    put_head(kPlain, raw, out);
    out.append(raw);
    return;
  }
  const size_t begin = out.size();
  if (!vocabulary.empty()) {
    put_head(kWords, raw, out);
    encode_words(raw, vocabulary, unknown, out);
    if (out.size() - begin <= raw.size() / kPoorPart) return;
  }
  // What are no words (images in base64, say) zstd may pack better.
  std::string zstd;
  put_head(kZstd, raw, zstd);
  compress_zstd(raw, zstd);
  if (vocabulary.empty() || zstd.size() < out.size() - begin) out.replace(begin, std::string::npos, zstd);
}

Result<std::string> decompress_text_block(std::string_view bytes, const TextVocabulary& vocabulary,
                                          uint64_t raw_bytes_max) {
  ByteReader reader(bytes);
  const uint8_t codec = reader.u8();
  const uint64_t raw_bytes = reader.varint_max(raw_bytes_max);
  if (reader.failed()) return damaged();
  const std::string_view packed = reader.bytes(reader.left());
  if (codec == kPlain && packed.size() == raw_bytes) return std::string(packed);
  if (codec == kWords && !vocabulary.empty()) return decode_words(packed, vocabulary, raw_bytes);
  if (codec != kZstd || ZSTD_getFrameContentSize(packed.data(), packed.size()) != raw_bytes) return damaged();
  std::string raw(raw_bytes, '\0');
  if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != raw_bytes) return damaged();
  return raw;
}

Result<std::unique_ptr<TextBlockReader>> TextBlockReader::open(std::string bytes, const TextVocabulary& vocabulary,
                                                               uint64_t raw_bytes_max) {
  ByteReader head(bytes);
  const uint8_t codec = head.u8();
  const uint64_t raw_bytes = head.varint_max(raw_bytes_max);
  if (head.failed()) return damaged();
  std::unique_ptr<TextBlockReader> reader(new TextBlockReader(std::move(bytes), raw_bytes));
  const std::string_view packed = std::string_view(reader->bytes_).substr(reader->bytes_.size() - head.left());
  if (codec == kWords && !vocabulary.empty()) {
    reader->words_ = TRY(WordsReader::open(packed, vocabulary, raw_bytes));
  } else if (codec == kPlain && packed.size() == raw_bytes) {
    reader->raw_ = packed;
  } else {
    reader->unfolded_ = TRY(decompress_text_block(reader->bytes_, vocabulary, raw_bytes_max));
    reader->raw_ = reader->unfolded_;
  }
  return reader;
}

Result<std::string_view> TextBlockReader::beginning(uint64_t bytes) {
  if (!words_) return raw_;
  TRY(words_->read_to(std::min(bytes, raw_bytes_)));
  return words_->text();
}

}  // namespace sextant::persist
