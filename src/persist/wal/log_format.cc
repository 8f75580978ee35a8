#include "persist/wal/log_format.h"

#include "base/core/check.h"
#include "persist/format/bytes.h"
#include "persist/format/checksum.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

constexpr size_t kChecksumEnd = 8;  // magic and checksum stand in front of what is checked

uint64_t place_id(uint64_t generation, uint64_t salt) {
  return salt ^ (generation * 0x9E3779B97F4A7C15);
}

}  // namespace

void encode_log_header(const LogFileHeader& header, std::string& out) {
  const size_t begin = out.size();
  put_u64(out, kLogMagic);
  put_u32(out, header.version);
  put_u32(out, 0);
  put_u64(out, header.file_bytes);
  put_u64(out, header.generation);
  put_u64(out, header.salt);
  put_u64(out, header.base_sequence);
  put_u64(out, header.created_unix_nanos);
  put_u32(out, 0);
  put_u32(out, crc32c(std::string_view(out).substr(begin)));
  CHECK(out.size() - begin == kLogHeaderBytes);
}

std::optional<LogFileHeader> decode_log_header(std::string_view bytes) {
  if (bytes.size() < kLogHeaderBytes) return std::nullopt;
  bytes = bytes.substr(0, kLogHeaderBytes);
  ByteReader in(bytes);
  LogFileHeader header;
  const uint64_t magic = in.u64();
  header.version = in.u32();
  in.u32();
  header.file_bytes = in.u64();
  header.generation = in.u64();
  header.salt = in.u64();
  header.base_sequence = in.u64();
  header.created_unix_nanos = in.u64();
  in.u32();
  const uint32_t checksum = in.u32();
  if (magic != kLogMagic || checksum != crc32c(bytes.substr(0, kLogHeaderBytes - 4))) return std::nullopt;
  return header;
}

void encode_record_header(const LogRecordHeader& record, uint64_t salt, uint64_t offset, std::string& out) {
  CHECK(offset % kLogAlignment == 0 && offset >= kLogDataOffset);
  const size_t begin = out.size();
  put_u32(out, kLogRecordMagic);
  put_u32(out, 0);
  put_u64(out, record.generation);
  put_u64(out, record.sequence);
  put_u64(out, record.synced_sequence);
  put_u64(out, record.arrival_unix_nanos);
  put_u64(out, record.payload_bytes);
  put_u32(out, record.payload_checksum);
  put_u32(out, static_cast<uint32_t>(record.kind));
  put_u64(out, 0);
  CHECK(out.size() - begin == kLogRecordHeaderBytes);
  const uint32_t checksum =
      checksum_at(place_id(record.generation, salt), offset, std::string_view(out).substr(begin + kChecksumEnd));
  std::memcpy(out.data() + begin + 4, &checksum, 4);
}

std::optional<LogRecordHeader> decode_record_header(std::string_view bytes, const LogFileHeader& file,
                                                    uint64_t offset) {
  if (bytes.size() < kLogRecordHeaderBytes) return std::nullopt;
  bytes = bytes.substr(0, kLogRecordHeaderBytes);
  ByteReader in(bytes);
  if (in.u32() != kLogRecordMagic) return std::nullopt;
  LogRecordHeader record;
  record.checksum = in.u32();
  record.generation = in.u64();
  record.sequence = in.u64();
  record.synced_sequence = in.u64();
  record.arrival_unix_nanos = in.u64();
  record.payload_bytes = in.u64();
  record.payload_checksum = in.u32();
  const uint32_t kind = in.u32();
  record.kind = static_cast<LogRecordKind>(kind);
  if (record.generation != file.generation) return std::nullopt;
  if (record.checksum != checksum_at(place_id(file.generation, file.salt), offset, bytes.substr(kChecksumEnd))) {
    return std::nullopt;
  }
  const bool known_kind = record.kind == LogRecordKind::kBatch || record.kind == LogRecordKind::kEnd;
  if (!known_kind || record.payload_bytes > kBatchBytesMax) return std::nullopt;
  return record;
}

bool resembles_record_header(std::string_view bytes, const LogFileHeader& file) {
  ByteReader in(bytes);
  const bool magic = in.u32() == kLogRecordMagic;
  in.u32();
  const bool generation = in.u64() == file.generation;
  const uint64_t sequence = in.u64();
  // Of an earlier use: the magic is right, generation and sequence are old.
  return !in.failed() && (generation || (magic && sequence >= file.base_sequence));
}

}  // namespace sextant::persist
