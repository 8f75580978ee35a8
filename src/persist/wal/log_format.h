// The bytes of a log file, shared by the one that writes and the one that reads. Drawn in docs/formats/log.md.
//
// A log file has a fixed size, is reserved when it is made, and is used again when its data is sealed. Every use is a
// new generation with a salt of its own, and every record's checksum covers generation, salt and offset: what an
// earlier use left behind, or what a client put into an attribute, never passes for a record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sextant::persist {

inline constexpr uint64_t kLogMagic = 0x30474F4C54585453;  // "STXTLOG0"
inline constexpr uint32_t kLogRecordMagic = 0x43455253;    // "SREC"
inline constexpr uint64_t kLogHeaderBytes = 64;
inline constexpr uint64_t kLogRecordHeaderBytes = 64;
/// Two copies of the file's header, in pages of their own, so that no single damaged page hides a whole file.
inline constexpr uint64_t kLogHeaderOffsets[] = {0, 4096};
inline constexpr uint64_t kLogDataOffset = 8192;
/// Records begin at multiples of this; a search for the next one looks only there.
inline constexpr uint64_t kLogAlignment = 8;

/// What the first pages of a log file say of its present use. Value.
struct LogFileHeader {
  uint32_t version = 0;
  uint64_t file_bytes = 0;
  uint64_t generation = 0;     // counts uses over the whole log
  uint64_t salt = 0;           // not to be guessed by clients
  uint64_t base_sequence = 0;  // no record of this use has a smaller one
  uint64_t created_unix_nanos = 0;
};

enum class LogRecordKind : uint32_t {
  kBatch = 1,  // an encoded batch
  kEnd = 2,    // the log ends here: no payload, overwritten by the next record
};

/// Value.
struct LogRecordHeader {
  uint32_t checksum = 0;  // of this header: see encode_record_header
  uint64_t generation = 0;
  uint64_t sequence = 0;
  /// Everything up to here was known to be on the disk when the record was written. A later record that is whole thus
  /// tells whether a broken earlier one was acknowledged or just not finished.
  uint64_t synced_sequence = 0;
  uint64_t arrival_unix_nanos = 0;
  uint64_t payload_bytes = 0;
  uint32_t payload_checksum = 0;  // CRC32C of the payload
  LogRecordKind kind = LogRecordKind::kBatch;

  /// Bytes from this record to the next.
  uint64_t total_bytes() const {
    return kLogRecordHeaderBytes + (payload_bytes + kLogAlignment - 1) / kLogAlignment * kLogAlignment;
  }
};

/// Appends kLogHeaderBytes.
void encode_log_header(const LogFileHeader& header, std::string& out);
/// Nothing when the checksum or the magic does not match. The version is not judged.
std::optional<LogFileHeader> decode_log_header(std::string_view bytes);

/// Appends kLogRecordHeaderBytes; the checksum ties them to `salt` and `offset`.
void encode_record_header(const LogRecordHeader& record, uint64_t salt, uint64_t offset, std::string& out);
/// Nothing when the bytes are no header of this use of the file at this offset.
std::optional<LogRecordHeader> decode_record_header(std::string_view bytes, const LogFileHeader& file, uint64_t offset);
/// True when the bytes look like a broken header rather than like what an earlier use left.
bool resembles_record_header(std::string_view bytes, const LogFileHeader& file);

}  // namespace sextant::persist
