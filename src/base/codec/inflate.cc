#include "base/codec/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace sextant {
namespace {

constexpr uint64_t kFirstBytes = 64 * 1024;
/// How far a size that the compressed bytes claim is believed before any output was seen, as a multiple of their
/// length.
constexpr uint64_t kBelievedRatio = 16;
/// What a zstd context may take besides the output: its window and tables.
constexpr uint64_t kZstdContextBytes = (1ULL << kZstdWindowLogMax) + (256 << 10);

/// The output while it grows. Thread-confined.
class Output {
 public:
  Output(uint64_t bytes_max, std::string& text, LedgerHold& hold) : bytes_max_(bytes_max), text_(text), hold_(hold) {}

  /// Memory that is needed besides, as long as the output grows.
  Result<void> account_for(uint64_t bytes) {
    overhead_ = bytes;
    return hold_.resize(text_.capacity() + overhead_) ? Result<void>() : no_room();
  }
  /// Makes room for more bytes; there is at least one after success. `hint`: size that is expected in the end, 0
  /// unknown.
  Result<void> grow(uint64_t hint) {
    if (filled_ >= bytes_max_ + 1) {
      return fail(ErrorCode::kTooLarge, "more than {} bytes after decompression", bytes_max_);
    }
    // One byte more than allowed, so that "exactly the limit" and "more" can be told apart.
    const uint64_t wanted = std::max({filled_ * 2, hint, kFirstBytes, uint64_t{text_.capacity()}});
    const uint64_t target = std::min(wanted, bytes_max_ + 1);
    if (target > text_.capacity()) TRY(move_to(target));
    extend(text_, target);
    return {};
  }
  char* end() { return text_.data() + filled_; }
  uint64_t room() const { return text_.size() - filled_; }
  void filled(uint64_t bytes) { filled_ += bytes; }
  uint64_t size() const { return filled_; }

  Result<void> finish() {
    if (filled_ > bytes_max_) return fail(ErrorCode::kTooLarge, "more than {} bytes after decompression", bytes_max_);
    extend(text_, filled_);
    return {};
  }

 private:
  /// Why not resize(): it writes zeros over memory that is filled right after.
  static void extend(std::string& text, uint64_t bytes) {
    text.resize_and_overwrite(bytes, [](char*, size_t size) { return size; });
  }
  Result<void> move_to(uint64_t capacity) {
    // While it moves, both copies exist.
    if (!hold_.resize(overhead_ + capacity + filled_)) return no_room();
    std::string larger;
    extend(larger, capacity);
    std::memcpy(larger.data(), text_.data(), filled_);
    text_ = std::move(larger);
    return hold_.resize(overhead_ + text_.capacity()) ? Result<void>() : no_room();
  }
  static std::unexpected<Error> no_room() {
    return fail(ErrorCode::kResourceExhausted, "no memory to decompress the request now");
  }

  const uint64_t bytes_max_;
  std::string& text_;
  LedgerHold& hold_;
  uint64_t filled_ = 0;
  uint64_t overhead_ = 0;
};

/// The size in a gzip trailer (RFC 1952 section 2.3.1): true for honest senders, believed up to a ratio.
uint64_t gzip_size_hint(std::string_view bytes) {
  if (bytes.size() < 18) return 0;
  std::array<uint8_t, 4> raw{};
  std::memcpy(raw.data(), bytes.data() + bytes.size() - 4, 4);
  const uint64_t size = raw[0] | raw[1] << 8 | raw[2] << 16 | static_cast<uint64_t>(raw[3]) << 24;
  return std::min(size + 1, bytes.size() * kBelievedRatio);
}

/// "deflate" means the zlib format (RFC 9110 section 8.4.1.2), but some senders leave its header out.
bool has_zlib_header(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  return (first & 0x0f) == 8 && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
}

struct ZlibStream {
  explicit ZlibStream(int window_bits) { ready = inflateInit2(&z, window_bits) == Z_OK; }
  ~ZlibStream() {
    if (ready) inflateEnd(&z);
  }
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  z_stream z{};
  bool ready = false;
};

Result<void> inflate_zlib(Coding coding, std::string_view bytes, Output& output) {
  const bool gzip = coding == Coding::kGzip;
  const std::string_view name = gzip ? "gzip" : "deflate";
  // 15: the largest window of the format; +16: gzip; negative: without header.
  ZlibStream stream(gzip ? 15 + 16 : has_zlib_header(bytes) ? 15 : -15);
  if (!stream.ready) return fail(ErrorCode::kResourceExhausted, "no memory to decompress the request now");
  z_stream& z = stream.z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  const uint64_t hint = gzip ? gzip_size_hint(bytes) : bytes.size() * 4;
  for (uint32_t member = 1;;) {
    if (output.room() == 0) TRY(output.grow(hint));
    const auto room = static_cast<uInt>(std::min<uint64_t>(output.room(), 1U << 30));
    z.next_out = reinterpret_cast<Bytef*>(output.end());
    z.avail_out = room;
    const int state = ::inflate(&z, Z_NO_FLUSH);
    output.filled(room - z.avail_out);
    if (state == Z_OK && (z.avail_in > 0 || z.avail_out == 0)) continue;
    if (state == Z_OK || state == Z_BUF_ERROR) {
      return fail(ErrorCode::kInvalidArgument, "the {} data ends before its end", name);
    }
    if (state != Z_STREAM_END) {
      return fail(ErrorCode::kInvalidArgument, "not {} data: {}", name, z.msg != nullptr ? z.msg : "damaged");
    }
    if (z.avail_in == 0) return {};
    if (!gzip) return fail(ErrorCode::kInvalidArgument, "{} bytes follow the {} data", z.avail_in, name);
    if (++member > kGzipMembersMax) {
      return fail(ErrorCode::kInvalidArgument, "more than {} gzip members", kGzipMembersMax);
    }
    inflateReset(&z);
  }
}

Result<void> inflate_zstd(std::string_view bytes, Output& output) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return fail(ErrorCode::kResourceExhausted, "no memory to decompress the request now");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  const unsigned long long claimed = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  const bool known = claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed != ZSTD_CONTENTSIZE_ERROR;
  const uint64_t hint = known ? std::min<uint64_t>(claimed + 1, bytes.size() * kBelievedRatio) : bytes.size() * 4;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t missing = 0;
  bool output_full = false;
  while (in.pos < in.size || output_full) {
    if (output.room() == 0) TRY(output.grow(hint));
    ZSTD_outBuffer out{output.end(), output.room(), 0};
    missing = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(missing) != 0) {
      return fail(ErrorCode::kInvalidArgument, "not zstd data: {}", ZSTD_getErrorName(missing));
    }
    output.filled(out.pos);
    output_full = out.pos == out.size && missing != 0;
  }
  if (missing != 0) return fail(ErrorCode::kInvalidArgument, "the zstd data ends before its end");
  return {};
}

Result<void> inflate_with(Coding coding, std::string_view bytes, Output& output) {
  if (bytes.empty()) return fail(ErrorCode::kInvalidArgument, "compressed data is never empty");
  if (coding != Coding::kZstd) return inflate_zlib(coding, bytes, output);
  TRY(output.account_for(kZstdContextBytes));
  return inflate_zstd(bytes, output);
}

}  // namespace

std::optional<Coding> parse_coding(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower.empty() || lower == "identity") return Coding::kIdentity;
  if (lower == "gzip" || lower == "x-gzip") return Coding::kGzip;
  if (lower == "deflate") return Coding::kDeflate;
  if (lower == "zstd") return Coding::kZstd;
  return std::nullopt;
}

Result<void> inflate(Coding coding, std::string_view bytes, uint64_t bytes_max, std::string& output, LedgerHold& hold) {
  output.clear();
  Output growing(bytes_max, output, hold);
  Result<void> done;
  if (coding == Coding::kIdentity) {
    done = fail(ErrorCode::kInternal, "identity needs no decompression");
  } else {
    done = inflate_with(coding, bytes, growing);
    if (done) done = growing.finish();
  }
  if (!done) output = {};
  if (!hold.resize(output.capacity()) && done) {
    output = {};
    return fail(ErrorCode::kResourceExhausted, "no memory to decompress the request now");
  }
  return done;
}

}  // namespace sextant
