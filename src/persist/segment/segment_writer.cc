#include "persist/segment/segment_writer.h"

#include "base/core/check.h"
#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

/// Written in one call: fewer calls cost less, and more memory is of no use.
constexpr size_t kWriteBytes = 1ULL << 20;

}  // namespace

SegmentWriter::SegmentWriter(std::unique_ptr<File> file, const SegmentInfo& info, RunHistoryLookup history)
    : file_(std::move(file)),
      info_(info),
      builder_(std::make_unique<SegmentIndexBuilder>(std::move(history))),
      offset_(kSegmentHeaderBytes) {
  info_.version = kFormatVersion;
  encode_segment_header(info_, buffer_);
}

Result<SegmentWriter> SegmentWriter::create(Files& files, const std::string& path, const SegmentInfo& info,
                                            RunHistoryLookup history) {
  auto file = TRY(files.open(path, Files::Open::kCreate));
  return SegmentWriter(std::move(file), info, std::move(history));
}

Result<void> SegmentWriter::add_block(const data::Batch& batch) {
  CHECK(batch.span_count() > 0 && batch.span_count() <= kBlockRowsMax);
  raw_.clear();
  encode_batch(batch, raw_);
  const uint64_t offset = offset_;
  TRY(write_frame(FrameKind::kSpans, batch.span_count(), raw_));
  builder_->add_block(offset, offset_ - offset, batch);
  return {};
}

Result<SegmentInfo> SegmentWriter::finish() {
  builder_->finish_rows();
  std::vector<RunChunkEntry> chunks;
  TRY(write_runs(chunks));
  info_.rows = builder_->rows();
  info_.start_min = builder_->start_min();
  info_.end_max = builder_->end_max();
  SegmentIndex index = builder_->take_index();
  info_.runs = index.traces.size();
  index.chunks = std::move(chunks);
  raw_.clear();
  index.encode(raw_);
  info_.index_offset = offset_;
  TRY(write_frame(FrameKind::kIndex, 0, raw_));
  raw_.clear();
  builder_->names().shrink();
  builder_->names().encode(raw_);
  info_.names_offset = offset_;
  TRY(write_frame(FrameKind::kNames, 0, raw_));
  encode_segment_footer(info_, buffer_);
  offset_ += kSegmentFooterBytes;
  TRY(write_buffered());
  TRY(file_->sync());
  file_.reset();
  return info_;
}

Result<void> SegmentWriter::write_runs(std::vector<RunChunkEntry>& chunks) {
  const auto& runs = builder_->sorted_runs();
  for (uint32_t begin = 0; begin < runs.size();) {
    raw_.clear();
    uint32_t end = begin;
    while (end < runs.size() && end - begin < kRunChunkRuns && raw_.size() < kRunChunkBytesTarget) {
      raw_.append(builder_->run_bytes(runs[end++]));
    }
    const uint64_t offset = offset_;
    TRY(write_frame(FrameKind::kRuns, end - begin, raw_));
    chunks.push_back({offset, offset_ - offset, begin, end - begin, runs[begin].start});
    begin = end;
  }
  return {};
}

Result<void> SegmentWriter::write_frame(FrameKind kind, uint32_t rows, std::string_view raw) {
  const size_t before = buffer_.size();
  TRY(encode_frame(kind, info_.file_id, offset_, rows, raw, buffer_));
  offset_ += buffer_.size() - before;
  return buffer_.size() >= kWriteBytes ? write_buffered() : Result<void>{};
}

Result<void> SegmentWriter::write_buffered() {
  const uint64_t begin = offset_ - buffer_.size();
  TRY(file_->write_at(begin, buffer_));
  buffer_.clear();
  return {};
}

}  // namespace sextant::persist
