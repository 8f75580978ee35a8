#include "persist/segment/segment_format.h"

#include <zstd.h>

#include <array>
#include <charconv>
#include <chrono>

#include "base/core/check.h"
#include "persist/column/zstd_bytes.h"
#include "persist/format/bytes.h"
#include "persist/format/checksum.h"
#include "persist/format/limits.h"
#include "persist/stripe/limits.h"
#include "persist/text/limits.h"

namespace sextant::persist {
namespace {

constexpr std::string_view kSuffix = ".segment";
constexpr size_t kFrameChecksumEnd = 8;  // magic and checksum stand in front of what is checked

void put_checksum(std::string& out, size_t begin) {
  put_u32(out, crc32c(std::string_view(out).substr(begin)));
}

bool checksum_matches(std::string_view bytes) {
  ByteReader in(bytes.substr(bytes.size() - 4));
  return in.u32() == crc32c(bytes.substr(0, bytes.size() - 4));
}

uint64_t raw_bytes_max(FrameKind kind) {
  switch (kind) {
    case FrameKind::kStripe:
      return kStripeBytesMax;
    case FrameKind::kRuns:
      return kRunChunkBytesMax;
    case FrameKind::kTextBlock:
      return ZSTD_compressBound(kTextBlockBytesMax);
    case FrameKind::kIndex:
    case FrameKind::kNames:
    case FrameKind::kGlobals:
    case FrameKind::kDictionaries:
    case FrameKind::kTextTable:
    case FrameKind::kVocabulary:
    case FrameKind::kFilters:
    case FrameKind::kWordFilter:
      return kSectionBytesMax;
  }
  return 0;
}

/// The others are encoded as small as they get before they come here.
bool is_compressed(FrameKind kind) {
  return kind == FrameKind::kRuns || kind == FrameKind::kIndex || kind == FrameKind::kNames ||
         kind == FrameKind::kGlobals;
}

/// Days and seconds of the calendar, without the C library's global state.
std::string stamp(UnixNanos time, bool with_seconds) {
  const auto seconds = std::chrono::sys_seconds(std::chrono::seconds(time / kNanosPerSecond));
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  std::string out = fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()));
  if (with_seconds) {
    out += fmt::format("T{:02}{:02}{:02}", clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  }
  return out;
}

std::optional<uint64_t> parse_number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<UnixNanos> parse_stamp(std::string_view text) {
  if (text.size() != 15 || text[8] != 'T') return std::nullopt;
  const auto day = parse_number(text.substr(0, 8), 10);
  const auto clock = parse_number(text.substr(9), 10);
  if (!day || !clock) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*day / 10'000)),
                                         std::chrono::month(static_cast<unsigned>(*day / 100 % 100)),
                                         std::chrono::day(static_cast<unsigned>(*day % 100)));
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(days).count() +
                          static_cast<int64_t>(*clock / 10'000 * 3600 + *clock / 100 % 100 * 60 + *clock % 100);
  if (seconds < 0 || static_cast<uint64_t>(seconds) > UINT64_MAX / kNanosPerSecond) return std::nullopt;
  return static_cast<uint64_t>(seconds) * kNanosPerSecond;
}

}  // namespace

void encode_segment_header(const SegmentInfo& info, std::string& out) {
  const size_t begin = out.size();
  put_u64(out, kSegmentMagic);
  put_u32(out, info.version);
  put_u32(out, info.level);
  put_u64(out, info.file_id);
  put_u64(out, info.first_sequence);
  put_u64(out, info.last_sequence);
  put_u64(out, info.first_arrival);
  put_u64(out, info.last_arrival);
  put_u32(out, 0);
  put_checksum(out, begin);
  CHECK(out.size() - begin == kSegmentHeaderBytes);
}

std::optional<SegmentInfo> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return std::nullopt;
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  ByteReader in(bytes);
  SegmentInfo info;
  if (in.u64() != kSegmentMagic || !checksum_matches(bytes)) return std::nullopt;
  info.version = in.u32();
  info.level = in.u32();
  info.file_id = in.u64();
  info.first_sequence = in.u64();
  info.last_sequence = in.u64();
  info.first_arrival = in.u64();
  info.last_arrival = in.u64();
  return info;
}

void encode_segment_footer(const SegmentInfo& info, std::string& out) {
  const size_t begin = out.size();
  put_u64(out, kFooterMagic);
  put_u32(out, info.version);
  put_u32(out, info.level);
  for (const uint64_t number :
       {info.file_id, info.first_sequence, info.last_sequence, info.first_arrival, info.last_arrival, info.start_min,
        info.end_max, info.rows, info.runs, info.index_offset, info.names_offset}) {
    put_u64(out, number);
  }
  put_u64(out, 0);
  put_u64(out, 0);
  put_u32(out, 0);
  put_checksum(out, begin);
  CHECK(out.size() - begin == kSegmentFooterBytes);
}

std::optional<SegmentInfo> decode_segment_footer(std::string_view bytes) {
  if (bytes.size() != kSegmentFooterBytes) return std::nullopt;
  ByteReader in(bytes);
  SegmentInfo info;
  if (in.u64() != kFooterMagic || !checksum_matches(bytes)) return std::nullopt;
  info.version = in.u32();
  info.level = in.u32();
  for (uint64_t* number :
       {&info.file_id, &info.first_sequence, &info.last_sequence, &info.first_arrival, &info.last_arrival,
        &info.start_min, &info.end_max, &info.rows, &info.runs, &info.index_offset, &info.names_offset}) {
    *number = in.u64();
  }
  return info;
}

Result<void> encode_frame(FrameKind kind, uint64_t file_id, uint64_t offset, uint32_t rows, std::string_view raw,
                          Effort effort, std::string& out) {
  CHECK(offset % kFrameAlignment == 0);
  if (raw.size() > raw_bytes_max(kind)) {
    return fail(ErrorCode::kTooLarge, "a piece of a segment would have {} bytes, the limit is {}", raw.size(),
                raw_bytes_max(kind));
  }
  const size_t begin = out.size();
  out.resize(begin + kFrameHeaderBytes);
  const bool compressed = is_compressed(kind) && effort != Effort::kNone;
  if (compressed) zstd_compress(raw, out);
  // What gains nothing is stored as it is, which the sizes tell.
  if (!compressed || out.size() - begin - kFrameHeaderBytes >= raw.size()) {
    out.resize(begin + kFrameHeaderBytes);
    out.append(raw);
  }
  const size_t stored = out.size() - begin - kFrameHeaderBytes;
  std::string header;
  put_u32(header, kFrameMagic);
  put_u32(header, 0);
  put_u64(header, file_id);
  put_u32(header, static_cast<uint32_t>(kind));
  put_u32(header, rows);
  put_u64(header, raw.size());
  put_u64(header, stored);
  CHECK(header.size() == kFrameHeaderBytes);
  std::memcpy(out.data() + begin, header.data(), header.size());
  const uint32_t checksum = checksum_at(file_id, offset, std::string_view(out).substr(begin + kFrameChecksumEnd));
  std::memcpy(out.data() + begin + 4, &checksum, 4);
  const FrameHeader frame{kind, file_id, rows, raw.size(), stored, checksum};
  out.resize(begin + frame.total_bytes());
  return {};
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  ByteReader in(bytes.substr(0, kFrameHeaderBytes));
  FrameHeader frame;
  if (in.u32() != kFrameMagic) return std::nullopt;
  frame.checksum = in.u32();
  frame.file_id = in.u64();
  const uint32_t kind = in.u32();
  frame.rows = in.u32();
  frame.raw_bytes = in.u64();
  frame.stored_bytes = in.u64();
  if (kind < 1 || kind > kFrameKindLast) return std::nullopt;
  frame.kind = static_cast<FrameKind>(kind);
  if (frame.raw_bytes > raw_bytes_max(frame.kind)) return std::nullopt;
  if (frame.stored_bytes > frame.raw_bytes) return std::nullopt;
  if (!is_compressed(frame.kind) && frame.stored_bytes != frame.raw_bytes) return std::nullopt;
  return frame;
}

namespace {

/// The frame with which the bytes begin, its checksum compared.
Result<FrameHeader> checked_frame(std::string_view bytes, FrameKind kind, uint64_t file_id, uint64_t offset) {
  const auto frame = decode_frame_header(bytes);
  if (!frame || frame->kind != kind || frame->file_id != file_id ||
      bytes.size() < kFrameHeaderBytes + frame->stored_bytes) {
    return fail(ErrorCode::kDataLoss, "no whole block at offset {}", offset);
  }
  const std::string_view checked =
      bytes.substr(kFrameChecksumEnd, kFrameHeaderBytes - kFrameChecksumEnd + frame->stored_bytes);
  if (frame->checksum != checksum_at(file_id, offset, checked)) {
    return fail(ErrorCode::kDataLoss, "the checksum of the block at offset {} does not match", offset);
  }
  return *frame;
}

}  // namespace

Result<std::string> decode_frame(std::string_view bytes, FrameKind kind, uint64_t file_id, uint64_t offset) {
  const FrameHeader frame = TRY(checked_frame(bytes, kind, file_id, offset));
  const std::string_view stored = bytes.substr(kFrameHeaderBytes, frame.stored_bytes);
  if (frame.stored_bytes == frame.raw_bytes) return std::string(stored);
  std::string raw;
  if (!zstd_decompress(stored, frame.raw_bytes, raw)) {
    return fail(ErrorCode::kDataLoss, "the block at offset {} does not unfold", offset);
  }
  return raw;
}

Result<std::string_view> frame_content(std::string_view bytes, FrameKind kind, uint64_t file_id, uint64_t offset) {
  CHECK(!is_compressed(kind));
  const FrameHeader frame = TRY(checked_frame(bytes, kind, file_id, offset));
  return bytes.substr(kFrameHeaderBytes, frame.stored_bytes);
}

std::string partition_name(UnixNanos arrival) {
  return stamp(arrival, false);
}

std::string segment_file_name(const SegmentInfo& info) {
  return fmt::format("{:016x}-{:016x}-{}-{}{}", info.first_sequence, info.last_sequence,
                     stamp(info.first_arrival, true), stamp(info.last_arrival, true), kSuffix);
}

std::optional<SegmentInfo> parse_segment_file_name(std::string_view name) {
  constexpr size_t kLength = 16 + 1 + 16 + 1 + 15 + 1 + 15;
  if (name.size() != kLength + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  if (name[16] != '-' || name[33] != '-' || name[49] != '-') return std::nullopt;
  const auto first = parse_number(name.substr(0, 16), 16);
  const auto last = parse_number(name.substr(17, 16), 16);
  const auto from = parse_stamp(name.substr(34, 15));
  const auto to = parse_stamp(name.substr(50, 15));
  if (!first || !last || !from || !to) return std::nullopt;
  SegmentInfo info;
  info.first_sequence = *first;
  info.last_sequence = *last;
  info.first_arrival = *from;
  info.last_arrival = *to;
  return info;
}

}  // namespace sextant::persist
