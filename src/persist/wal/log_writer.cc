#include "persist/wal/log_writer.h"

#include <algorithm>

#include "base/core/check.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

constexpr std::string_view kSuffix = ".log";
constexpr std::string_view kDamagedSuffix = ".damaged";
/// Digits of a file's number.
constexpr size_t kNumberDigits = 8;
/// A buffer that one huge batch has blown up is given back.
constexpr size_t kBufferBytesKept = 8ULL << 20;

}  // namespace

std::string log_file_name(uint64_t number) {
  return fmt::format("{:08}{}", number, kSuffix);
}

std::optional<uint64_t> log_file_number(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  if (name.size() < kNumberDigits || name.size() > 18) return std::nullopt;
  uint64_t number = 0;
  for (const char digit : name) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(digit - '0');
  }
  return number;
}

LogWriter::LogWriter(LogWriterSettings settings, Files& files, const Clock& clock)
    : settings_(std::move(settings)), files_(files), clock_(clock), random_(settings_.seed) {
  CHECK(settings_.file_bytes > kLogDataOffset + kLogRecordHeaderBytes);
}

std::string LogWriter::path_of(uint64_t number) const {
  return settings_.directory + "/" + log_file_name(number);
}

void LogWriter::skip_number(uint64_t number) {
  next_number_ = std::max(next_number_, number + 1);
}

void LogWriter::adopt(uint64_t number, std::unique_ptr<File> file, const LogScan& scan, uint64_t sealed_sequence) {
  skip_number(number);
  next_generation_ = std::max(next_generation_, scan.header.generation + 1);
  written_sequence_ = std::max(written_sequence_, scan.last_sequence);
  synced_sequence_ = written_sequence_;
  auto log_file = std::make_unique<LogFile>();
  log_file->number = number;
  log_file->file = std::move(file);
  log_file->bytes = scan.header.file_bytes;
  log_file->header = scan.header;
  log_file->offset = scan.end_offset;
  log_file->last_sequence = scan.last_sequence;
  log_file->damaged = !scan.damages.empty();
  // What was read may not be on the disk: only synced data may carry what is acknowledged next.
  log_file->in_doubt = log_file->damaged || !write_tail_again(*log_file, scan);
  if (scan.records == 0 || scan.last_sequence <= sealed_sequence) {
    retire(std::move(log_file));
    return;
  }
  if (current_) closed_.push_back(std::move(current_));
  if (log_file->in_doubt) {
    closed_.push_back(std::move(log_file));
  } else {
    current_ = std::move(log_file);
  }
}

Result<void> LogWriter::write_tail_again(LogFile& file, const LogScan& scan) {
  // Where no record is known to be synced, neither is the header: without it the whole file would be taken for unused.
  const uint64_t begin = scan.unsynced_offset <= kLogDataOffset ? 0 : scan.unsynced_offset;
  std::string tail(scan.end_offset - begin, '\0');
  tail.resize(TRY(file.file->read_at(begin, tail.data(), tail.size())));
  if (scan.end_offset + kLogRecordHeaderBytes <= file.bytes) {
    LogRecordHeader end;
    end.generation = file.header.generation;
    end.sequence = scan.last_sequence;
    end.kind = LogRecordKind::kEnd;
    tail.resize(scan.end_offset - begin);
    encode_record_header(end, file.header.salt, scan.end_offset, tail);
  }
  TRY(file.file->write_at(begin, tail));
  return file.file->sync();
}

Result<void> LogWriter::write(std::span<const LogEntry> entries) {
  bool part_written = false;
  while (!entries.empty()) {
    const size_t fit = current_ ? count_that_fit(entries, current_->offset, current_->bytes) : 0;
    if (fit == entries.size()) return write_part(entries);
    // The next file is taken before this one's part is written: without space, nothing of a usual group is.
    LogRecordHeader first;
    first.payload_bytes = entries[fit].payload.size();
    Result<LogFilePtr> next = take_file(kLogDataOffset + first.total_bytes());
    if (!next && part_written) abandon();
    if (!next) return std::unexpected(next.error());
    if (fit > 0) {
      const Result<void> written = write_part(entries.first(fit));
      if (!written) retire(std::move(*next));
      TRY(written);
    }
    part_written = true;
    entries = entries.subspan(fit);
    if (current_) closed_.push_back(std::move(current_));
    current_ = std::move(*next);
    begin_use(*current_, entries.front().sequence);
  }
  return {};
}

size_t LogWriter::count_that_fit(std::span<const LogEntry> entries, uint64_t offset, uint64_t bytes) const {
  size_t count = 0;
  for (const LogEntry& entry : entries) {
    LogRecordHeader record;
    record.payload_bytes = entry.payload.size();
    offset += record.total_bytes();
    if (offset > bytes) break;
    ++count;
  }
  return count;
}

Result<void> LogWriter::write_part(std::span<const LogEntry> entries) {
  LogFile& file = *current_;
  buffer_.clear();
  uint64_t begin = file.offset;
  if (fresh_) {
    begin = 0;
    for (const uint64_t offset : kLogHeaderOffsets) {
      buffer_.resize(offset);
      encode_log_header(file.header, buffer_);
    }
    buffer_.resize(kLogDataOffset);
  }
  LogRecordHeader record;
  record.generation = file.header.generation;
  record.synced_sequence = synced_sequence_;
  uint64_t offset = file.offset;
  for (const LogEntry& entry : entries) {
    CHECK(entry.sequence > written_sequence_ && entry.payload.size() <= kBatchBytesMax);
    written_sequence_ = record.sequence = entry.sequence;
    record.arrival_unix_nanos = entry.arrival_unix_nanos;
    record.payload_bytes = entry.payload.size();
    record.payload_checksum = entry.payload_checksum;
    encode_record_header(record, file.header.salt, offset, buffer_);
    buffer_.append(entry.payload);
    offset += record.total_bytes();
    buffer_.resize(offset - begin);
  }
  CHECK(offset <= file.bytes);
  if (offset + kLogRecordHeaderBytes <= file.bytes) {
    record.kind = LogRecordKind::kEnd;
    record.payload_bytes = 0;
    record.payload_checksum = 0;
    encode_record_header(record, file.header.salt, offset, buffer_);
  }
  unsynced_ = file.dirty = true;
  const Result<void> written = file.file->write_at(begin, buffer_);
  if (!written) {
    abandon();
    return written;
  }
  file.offset = offset;
  file.last_sequence = written_sequence_;
  fresh_ = false;
  if (buffer_.capacity() > kBufferBytesKept) std::string().swap(buffer_);
  return {};
}

Result<void> LogWriter::sync() {
  std::vector<LogFile*> dirty;
  for (const auto& file : closed_) {
    if (file->dirty) dirty.push_back(file.get());
  }
  if (current_ && current_->dirty) dirty.push_back(current_.get());
  for (LogFile* file : dirty) {
    const Result<void> synced = file->file->sync();
    if (!synced) {
      abandon();
      return synced;
    }
    file->dirty = false;
  }
  synced_sequence_ = written_sequence_;
  unsynced_ = false;
  return {};
}

void LogWriter::abandon() {
  if (current_) closed_.push_back(std::move(current_));
  for (const auto& file : closed_) {
    if (file->dirty) file->in_doubt = true;
    file->dirty = false;
  }
  fresh_ = false;
  unsynced_ = false;
}

void LogWriter::release(uint64_t sequence) {
  std::vector<LogFilePtr> kept;
  std::vector<LogFilePtr> done;
  for (LogFilePtr& file : closed_) (file->last_sequence <= sequence ? done : kept).push_back(std::move(file));
  closed_ = std::move(kept);
  // Also the file at hand, so that a start need not read over what is sealed. One that waits for its sync stays.
  const bool current_done =
      current_ && !current_->dirty && current_->offset > kLogDataOffset && current_->last_sequence <= sequence;
  if (current_done) done.push_back(std::move(current_));
  for (LogFilePtr& file : done) retire(std::move(file));
}

void LogWriter::drop_spares() {
  for (LogFilePtr& file : spare_) {
    const std::string path = path_of(file->number);
    file.reset();
    // What fails here is an unused file, found again by the next start.
    (void)files_.remove(path);
  }
  spare_.clear();
}

void LogWriter::retire(LogFilePtr file) {
  const bool reusable = !file->in_doubt && file->bytes == settings_.file_bytes;
  if (reusable && spare_.size() < settings_.files_spare_max) {
    spare_.push_back(std::move(file));
    return;
  }
  const std::string path = path_of(file->number);
  const bool damaged = file->damaged;
  file.reset();
  // What fails here is found again by the next start: the file's records are sealed.
  if (damaged) {
    (void)files_.rename(path, path + std::string(kDamagedSuffix));
  } else {
    (void)files_.remove(path);
  }
}

Result<LogWriter::LogFilePtr> LogWriter::take_file(uint64_t bytes_needed) {
  if (bytes_needed <= settings_.file_bytes && !spare_.empty()) {
    LogFilePtr file = std::move(spare_.back());
    spare_.pop_back();
    return file;
  }
  return create_file(std::max(bytes_needed, settings_.file_bytes));
}

Result<LogWriter::LogFilePtr> LogWriter::create_file(uint64_t bytes) {
  auto log_file = std::make_unique<LogFile>();
  log_file->number = next_number_++;
  log_file->bytes = bytes;
  const std::string path = path_of(log_file->number);
  const auto make = [&]() -> Result<void> {
    log_file->file = TRY(files_.open(path, Files::Open::kCreate));
    TRY(log_file->file->preallocate(bytes));
    // Its size is durable from the start, so that a shorter file later is known to be damaged.
    TRY(log_file->file->sync());
    return files_.sync_directory(settings_.directory);
  };
  const Result<void> made = make();
  if (made) return log_file;
  log_file->file.reset();
  (void)files_.remove(path);
  return std::unexpected(made.error());
}

void LogWriter::begin_use(LogFile& file, uint64_t base_sequence) {
  file.header = {.version = kFormatVersion,
                 .file_bytes = file.bytes,
                 .generation = next_generation_++,
                 .salt = random_.next() ^ (base_sequence * 0x9E3779B97F4A7C15),
                 .base_sequence = base_sequence,
                 .created_unix_nanos = clock_.unix_nanos()};
  file.offset = kLogDataOffset;
  file.last_sequence = 0;
  fresh_ = true;
}

uint64_t LogWriter::file_bytes() const {
  uint64_t bytes = current_ ? current_->bytes : 0;
  for (const auto& file : closed_) bytes += file->bytes;
  for (const auto& file : spare_) bytes += file->bytes;
  return bytes;
}

}  // namespace sextant::persist
