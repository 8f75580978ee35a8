#include "persist/wal/log_reader.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>

#include "base/core/hash.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

/// How much is read ahead: large enough that a call costs little beside the copy.
constexpr uint64_t kWindowBytes = 1ULL << 20;

/// A file seen through a window that moves forward and grows with the largest record. Thread-confined.
class Window {
 public:
  Window(const File& file, uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {}

  uint64_t file_bytes() const { return file_bytes_; }

  /// The bytes at `offset`, fewer at the end of the file. Lifetime: until the next call.
  Result<std::string_view> at(uint64_t offset, uint64_t size) {
    size = offset >= file_bytes_ ? 0 : std::min(size, file_bytes_ - offset);
    if (offset < begin_ || offset + size > begin_ + filled_) TRY(load(offset, std::max(size, kWindowBytes)));
    const uint64_t from = std::min(offset - begin_, filled_);
    return std::string_view(buffer_).substr(from, std::min(size, filled_ - from));
  }

 private:
  Result<void> load(uint64_t offset, uint64_t size) {
    if (buffer_.size() < size) buffer_.resize(size);
    begin_ = offset;
    filled_ = TRY(file_.read_at(offset, buffer_.data(), size));
    return {};
  }

  const File& file_;
  const uint64_t file_bytes_;
  std::string buffer_;
  uint64_t begin_ = 0;
  uint64_t filled_ = 0;
};

/// Where the reading stands. Thread-confined.
class LogScanner {
 public:
  LogScanner(const File& file, uint64_t file_bytes, const LogVisitor& visit, uint64_t needed_after)
      : window_(file, file_bytes), visit_(visit), needed_after_(needed_after) {}

  Result<LogScan> scan(LogFileHeader header, std::vector<std::string> damages) {
    scan_.header = header;
    scan_.damages = std::move(damages);
    if (window_.file_bytes() < header.file_bytes) {
      scan_.damages.push_back(
          fmt::format("the file has {} bytes instead of {}", window_.file_bytes(), header.file_bytes));
    }
    uint64_t offset = kLogDataOffset;
    for (;;) {
      const auto record = TRY(record_at(offset));
      if (!record) {
        const auto next = TRY(skip_broken(offset));
        if (!next) break;
        offset = *next;
        continue;
      }
      if (record->kind == LogRecordKind::kEnd) break;
      const std::string_view payload = TRY(window_.at(offset + kLogRecordHeaderBytes, record->payload_bytes));
      TRY(visit_(*record, offset, payload));
      ++scan_.records;
      scan_.last_sequence = record->sequence;
      unsynced_.emplace_back(record->sequence, offset);
      while (!unsynced_.empty() && unsynced_.front().first <= record->synced_sequence) unsynced_.pop_front();
      offset += record->total_bytes();
      scan_.end_offset = offset;
    }
    scan_.unsynced_offset = unsynced_.empty() ? scan_.end_offset : unsynced_.front().second;
    return std::move(scan_);
  }

 private:
  /// The whole record at an offset, or nothing.
  Result<std::optional<LogRecordHeader>> record_at(uint64_t offset) {
    const std::string_view bytes = TRY(window_.at(offset, kLogRecordHeaderBytes));
    const auto record = decode_record_header(bytes, scan_.header, offset);
    if (!record || !follows(*record)) return std::nullopt;
    const std::string_view payload = TRY(window_.at(offset + kLogRecordHeaderBytes, record->payload_bytes));
    if (payload.size() != record->payload_bytes || crc32c(payload) != record->payload_checksum) return std::nullopt;
    return record;
  }

  /// Sequences grow from record to record; the mark of the end repeats the last one.
  bool follows(const LogRecordHeader& record) const {
    if (record.kind == LogRecordKind::kEnd) return record.sequence == scan_.last_sequence || scan_.records == 0;
    return record.sequence > scan_.last_sequence && record.sequence >= scan_.header.base_sequence;
  }

  /// At `offset` there is no whole record. The offset of the next one, or nothing when the log ends here.
  Result<std::optional<uint64_t>> skip_broken(uint64_t offset) {
    const std::string_view bytes = TRY(window_.at(offset, kLogRecordHeaderBytes));
    const bool resembles = resembles_record_header(bytes, scan_.header);
    const uint64_t sequence = scan_.last_sequence;
    for (uint64_t next = offset + kLogAlignment; next + kLogRecordHeaderBytes <= window_.file_bytes();
         next += kLogAlignment) {
      const std::string_view candidate = TRY(window_.at(next, kLogRecordHeaderBytes));
      uint32_t magic = 0;
      if (candidate.size() >= sizeof magic) std::memcpy(&magic, candidate.data(), sizeof magic);
      if (magic != kLogRecordMagic) continue;
      const auto record = TRY(record_at(next));
      if (!record || record->sequence <= sequence) continue;
      note_gap(offset, next, *record);
      return next;
    }
    // A file that is full has no room for the mark of its end; any other one without it was left in the middle.
    const bool room = offset + kLogRecordHeaderBytes <= scan_.header.file_bytes;
    if (resembles || room) {
      scan_.torn = fmt::format("no whole record at offset {}", offset);
      scan_.torn_bytes = resembles ? broken_bytes(bytes, offset) : 0;
    }
    return std::nullopt;
  }

  /// A broken stretch with a whole record behind it. Had it been acknowledged, the later record would say so.
  void note_gap(uint64_t offset, uint64_t next, const LogRecordHeader& record) {
    const uint64_t first_lost = std::max(scan_.last_sequence + 1, scan_.header.base_sequence);
    if (record.sequence <= needed_after_ + 1) return;  // an earlier use of the file, partly written over
    if (record.synced_sequence >= first_lost) {
      scan_.damages.push_back(fmt::format("bytes {} to {} are damaged; records after sequence {} up to {} are lost",
                                          offset, next, scan_.last_sequence, record.sequence - 1));
    } else {
      scan_.torn_bytes += next - offset;
    }
  }

  uint64_t broken_bytes(std::string_view bytes, uint64_t offset) const {
    const auto record = decode_record_header(bytes, scan_.header, offset);
    return record ? record->total_bytes() : kLogRecordHeaderBytes;
  }

  Window window_;
  const LogVisitor& visit_;
  const uint64_t needed_after_;
  LogScan scan_;
  std::deque<std::pair<uint64_t, uint64_t>> unsynced_;  // sequence and offset of records not known to be synced
};

}  // namespace

Result<LogFileHeader> read_log_header(const File& file, std::vector<std::string>& damages) {
  std::optional<LogFileHeader> best;
  bool all_whole = true;
  for (const uint64_t offset : kLogHeaderOffsets) {
    char raw[kLogHeaderBytes];
    const size_t size = TRY(file.read_at(offset, raw, sizeof raw));
    const auto header = decode_log_header({raw, size});
    // Zeros are what a page holds whose first write never reached the disk.
    const bool never_written = std::all_of(raw, raw + size, [](char byte) { return byte == 0; });
    all_whole = all_whole && (header.has_value() || never_written);
    // A crash may leave the copies of two uses side by side; the newer one has begun.
    if (header && (!best || header->generation > best->generation)) best = header;
  }
  if (!best) return fail(ErrorCode::kDataLoss, "neither copy of the header of the log file is whole");
  if (!all_whole) damages.emplace_back("one copy of the file's header is damaged");
  return *best;
}

Result<LogScan> scan_log(const File& file, const LogVisitor& visit, uint64_t needed_after) {
  std::vector<std::string> damages;
  const LogFileHeader header = TRY(read_log_header(file, damages));
  if (header.version != kFormatVersion) {
    return fail(ErrorCode::kUnsupported, "the log file has format version {}, this program reads version {}",
                header.version, kFormatVersion);
  }
  const uint64_t size = TRY(file.size());
  LogScanner scanner(file, size, visit, needed_after);
  LogScan scan = TRY(scanner.scan(header, {}));
  // A file is used again when all it has is sealed. A header that was not finished then is no damage.
  const bool is_used_up =
      needed_after > 0 && scan.last_sequence <= needed_after && header.base_sequence <= needed_after;
  if (!is_used_up) {
    scan.damages.insert(scan.damages.begin(), damages.begin(), damages.end());
  } else if (!damages.empty() && scan.torn.empty()) {
    scan.torn = damages.front();
  }
  return scan;
}

}  // namespace sextant::persist
