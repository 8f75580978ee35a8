#include "persist/repair/mend_log.h"

#include <algorithm>

#include "persist/format/batch_codec.h"
#include "persist/wal/log_reader.h"

namespace sextant::persist {
namespace {

/// Records one behind the other, as the log's writer would have left them. Thread-confined.
class LogRewrite {
 public:
  explicit LogRewrite(const LogFileHeader& header) : header_(header) { content_.resize(kLogDataOffset); }

  void add(LogRecordHeader record, std::string_view payload) {
    encode_record_header(record, header_.salt, content_.size(), content_);
    content_.append(payload);
    content_.resize((content_.size() + kLogAlignment - 1) / kLogAlignment * kLogAlignment);
    last_sequence_ = record.sequence;
  }

  /// As large as the file was, so that it can be used again.
  std::string finish(uint64_t file_bytes) {
    LogRecordHeader end;
    end.generation = header_.generation;
    end.sequence = last_sequence_;
    end.kind = LogRecordKind::kEnd;
    encode_record_header(end, header_.salt, content_.size(), content_);
    content_.resize(std::max<uint64_t>(content_.size(), file_bytes));
    header_.file_bytes = content_.size();
    for (const uint64_t offset : kLogHeaderOffsets) {
      std::string bytes;
      encode_log_header(header_, bytes);
      content_.replace(offset, bytes.size(), bytes);
    }
    return std::move(content_);
  }

 private:
  LogFileHeader header_;
  std::string content_;
  uint64_t last_sequence_ = 0;
};

Result<bool> was_never_used(const File& file) {
  std::string head(kLogDataOffset, '\0');
  head.resize(TRY(file.read_at(0, head.data(), head.size())));
  return std::ranges::all_of(head, [](char byte) { return byte == 0; });
}

}  // namespace

Result<LogState> look_at_log(Files& files, const std::string& path, uint64_t sealed_sequence) {
  const auto file = TRY(files.open(path, Files::Open::kRead));
  LogState state;
  std::vector<std::string> of_header;  // scan_log() says them again
  const Result<LogFileHeader> header = read_log_header(*file, of_header);
  if (!header) {
    if (header.error().code() != ErrorCode::kDataLoss) return std::unexpected(header.error());
    state.readable = false;
    state.never_used = TRY(was_never_used(*file));
    if (!state.never_used) state.damages.push_back(header.error().message());
    return state;
  }
  LogRewrite rewrite(*header);
  const auto visit = [&](const LogRecordHeader& record, uint64_t, std::string_view payload) -> Result<void> {
    const bool sealed = record.sequence <= sealed_sequence;
    const Result<data::Batch> batch = decode_batch(payload);
    if (!sealed && (!batch || batch->span_count() == 0)) {
      state.damages.push_back(fmt::format("record {} cannot be decoded", record.sequence));
      ++state.losses;
      return {};
    }
    if (!sealed) state.spans += batch->span_count();
    rewrite.add(record, payload);
    return {};
  };
  LogScan scan = TRY_CONTEXT(scan_log(*file, visit, sealed_sequence), path);
  // The header's own damage costs nothing; each other one is a stretch of records.
  for (const std::string& damage : scan.damages) state.losses += damage.find("are lost") != std::string::npos ? 1 : 0;
  state.damages.insert(state.damages.end(), scan.damages.begin(), scan.damages.end());
  state.torn = scan.torn;
  if (!state.is_well()) state.content = rewrite.finish(TRY(file->size()));
  return state;
}

}  // namespace sextant::persist
