#include "persist/segment/segment.h"

#include <algorithm>

#include "base/core/check.h"
#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

Result<std::string> read_exactly(const File& file, uint64_t offset, uint64_t size) {
  std::string bytes(size, '\0');
  bytes.resize(TRY(file.read_at(offset, bytes.data(), size)));
  return bytes;
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::open(Files& files, const std::string& path, const std::string& name,
                                               MemoryLedger& ledger) {
  auto file = TRY(files.open(path, Files::Open::kRead));
  std::shared_ptr<Segment> segment(new Segment(std::move(file), path, ledger));
  TRY_CONTEXT(segment->read_ends(name), path);
  return segment;
}

Result<void> Segment::read_ends(const std::string& name) {
  file_bytes_ = TRY(file_->size());
  const std::string head = TRY(read_exactly(*file_, 0, std::min(file_bytes_, kSegmentHeaderBytes)));
  const auto header = decode_segment_header(head);
  std::optional<SegmentInfo> footer;
  if (file_bytes_ >= kSegmentHeaderBytes + kSegmentFooterBytes) {
    footer = decode_segment_footer(TRY(read_exactly(*file_, file_bytes_ - kSegmentFooterBytes, kSegmentFooterBytes)));
  }
  for (const auto& end : {header, footer}) {
    if (end && end->version != kFormatVersion) {
      return fail(ErrorCode::kUnsupported, "the segment has format version {}, this program reads version {}",
                  end->version, kFormatVersion);
    }
  }
  if (footer) {
    info_ = *footer;
    if (!header) footer_damage_ = "the header is damaged";
    return {};
  }
  footer_damage_ = "the footer is damaged or missing";
  if (header) {
    info_ = *header;
  } else {
    const auto named = parse_segment_file_name(name);
    if (!named) return fail(ErrorCode::kDataLoss, "neither header, footer nor name say what the segment holds");
    info_ = *named;
  }
  // Without a footer any time is possible, until the index is made again.
  info_.start_min = 0;
  info_.end_max = UINT64_MAX;
  return {};
}

Result<std::string> Segment::read_frame(uint64_t offset, uint64_t frame_bytes, FrameKind kind) const {
  const std::string bytes = TRY(read_exactly(*file_, offset, frame_bytes));
  return decode_frame(bytes, kind, info_.file_id, offset);
}

Result<std::shared_ptr<const SegmentIndex>> Segment::index() {
  if (auto known = loaded_.lock()->index) return known;
  Result<SegmentIndex> loaded = load_index();
  if (loaded) return keep(std::move(*loaded));
  return rebuild(loaded.error().message());
}

Result<SegmentIndex> Segment::load_index() {
  if (!footer_damage_.empty()) return fail(ErrorCode::kDataLoss, "{}", footer_damage_);
  const uint64_t offset = info_.index_offset;
  if (offset >= file_bytes_ || file_bytes_ - offset < kFrameHeaderBytes) {
    return fail(ErrorCode::kDataLoss, "the index lies outside the file");
  }
  const auto header = decode_frame_header(TRY(read_exactly(*file_, offset, kFrameHeaderBytes)));
  if (!header || header->total_bytes() > file_bytes_ - offset) {
    return fail(ErrorCode::kDataLoss, "the index is damaged");
  }
  return SegmentIndex::decode(TRY(read_frame(offset, header->total_bytes(), FrameKind::kIndex)), file_bytes_);
}

/// Keeps the index in memory when the ledger has room; without room it serves this question only.
Result<std::shared_ptr<const SegmentIndex>> Segment::keep(SegmentIndex index) {
  auto shared = std::make_shared<const SegmentIndex>(std::move(index));
  auto loaded = loaded_.lock();
  if (loaded->index && !shared->rebuilt) return loaded->index;
  LedgerHold hold;
  if (shared->rebuilt || ledger_.reserve(shared->byte_size(), hold)) {
    loaded->hold = std::move(hold);
    loaded->index = shared;
  }
  return shared;
}

Result<std::shared_ptr<const SegmentIndex>> Segment::rebuild(const std::string& reason) {
  const auto history = [this](const data::TraceId&, UnixNanos start) {
    return RunHistory{{{info_.first_sequence, start}}, info_.last_sequence, info_.last_arrival};
  };
  SegmentIndexBuilder builder(history);
  FrameWalk walk(*file_, file_bytes_, info_.file_id);
  for (auto frame = TRY(walk.next()); frame; frame = TRY(walk.next())) {
    if (frame->header.kind != FrameKind::kSpans) continue;
    const Result<data::Batch> batch = decode_batch(frame->raw);
    if (batch && batch->span_count() > 0) builder.add_block(frame->offset, frame->header.total_bytes(), *batch);
  }
  builder.finish_rows();
  std::vector<RunPart> runs;
  for (const auto& key : builder.sorted_runs()) {
    ByteReader in(builder.run_bytes(key));
    runs.push_back(decode_run(in));
    CHECK(!in.failed());
  }
  NamesTable names = std::move(builder.names());
  SegmentIndex index = builder.take_index();
  index.rebuilt = true;
  index.rebuilt_runs = std::move(runs);
  index.rebuilt_names = std::move(names);
  index.damages.push_back(fmt::format("{}: {}; the index was made again from the blocks", path_, reason));
  for (const std::string& damage : walk.damages()) index.damages.push_back(path_ + ": " + damage);
  return keep(std::move(index));
}

std::vector<TraceEntry> Segment::find(const SegmentIndex& index, const data::TraceId& id) {
  const auto range = std::ranges::equal_range(index.traces, trace_fingerprint(id), {}, &TraceEntry::fingerprint);
  return {range.begin(), range.end()};
}

Result<data::Batch> Segment::read_block(const BlockEntry& block) const {
  // The id may be unknown where both ends are damaged; the block's own is then as good.
  const std::string bytes = TRY_CONTEXT(read_exactly(*file_, block.offset, block.frame_bytes), path_);
  const auto header = decode_frame_header(bytes);
  const uint64_t id = info_.file_id == 0 && header ? header->file_id : info_.file_id;
  const std::string raw = TRY_CONTEXT(decode_frame(bytes, FrameKind::kSpans, id, block.offset), path_);
  data::Batch batch = TRY_CONTEXT(decode_batch(raw), path_);
  if (batch.span_count() != block.rows) {
    return fail(ErrorCode::kDataLoss, "{}: the block at offset {} has {} rows instead of {}", path_, block.offset,
                batch.span_count(), block.rows);
  }
  return batch;
}

uint32_t Segment::chunk_count(const SegmentIndex& index) {
  if (!index.rebuilt) return static_cast<uint32_t>(index.chunks.size());
  return static_cast<uint32_t>((index.rebuilt_runs.size() + kRunChunkRuns - 1) / kRunChunkRuns);
}

uint32_t Segment::chunk_of(const SegmentIndex& index, uint32_t run) {
  if (index.rebuilt) return run / kRunChunkRuns;
  const auto after = std::ranges::upper_bound(index.chunks, run, {}, &RunChunkEntry::first_run);
  CHECK(after != index.chunks.begin());
  return static_cast<uint32_t>(after - index.chunks.begin() - 1);
}

Result<std::vector<RunPart>> Segment::read_runs(const SegmentIndex& index, uint32_t chunk) {
  if (index.rebuilt) {
    const auto begin = index.rebuilt_runs.begin() + uint64_t{chunk} * kRunChunkRuns;
    const auto left = static_cast<size_t>(index.rebuilt_runs.end() - begin);
    return std::vector<RunPart>(begin, begin + static_cast<ptrdiff_t>(std::min<size_t>(left, kRunChunkRuns)));
  }
  const RunChunkEntry& entry = index.chunks[chunk];
  const auto read = [&]() -> Result<std::vector<RunPart>> {
    const std::string raw = TRY(read_frame(entry.offset, entry.frame_bytes, FrameKind::kRuns));
    ByteReader in(raw);
    std::vector<RunPart> runs;
    for (uint32_t i = 0; i < entry.runs && !in.failed(); ++i) runs.push_back(decode_run(in));
    if (in.failed() || !in.at_end()) return fail(ErrorCode::kDataLoss, "a list of runs does not follow the format");
    return runs;
  };
  Result<std::vector<RunPart>> runs = read();
  if (!runs && runs.error().code() == ErrorCode::kDataLoss) TRY(rebuild(runs.error().message()));
  return runs;
}

Result<NamesTable> Segment::read_names() {
  const auto index = TRY(this->index());
  if (index->rebuilt) return index->rebuilt_names;
  const auto read = [&]() -> Result<NamesTable> {
    const uint64_t offset = info_.names_offset;
    if (offset >= file_bytes_) return fail(ErrorCode::kDataLoss, "the table of names lies outside the file");
    const auto header = decode_frame_header(TRY(read_exactly(*file_, offset, kFrameHeaderBytes)));
    if (!header || header->total_bytes() > file_bytes_ - offset) {
      return fail(ErrorCode::kDataLoss, "the table of names is damaged");
    }
    return NamesTable::decode(TRY(read_frame(offset, header->total_bytes(), FrameKind::kNames)));
  };
  Result<NamesTable> names = read();
  if (names || names.error().code() != ErrorCode::kDataLoss) return names;
  return TRY(rebuild(names.error().message()))->rebuilt_names;
}

Result<std::vector<std::string>> Segment::verify() {
  FrameWalk walk(*file_, file_bytes_, info_.file_id);
  std::vector<std::string> found;
  if (!footer_damage_.empty()) found.push_back(footer_damage_);
  uint64_t rows = 0;
  for (auto frame = TRY(walk.next()); frame; frame = TRY(walk.next())) {
    if (frame->header.kind == FrameKind::kSpans) rows += frame->header.rows;
  }
  found.insert(found.end(), walk.damages().begin(), walk.damages().end());
  if (footer_damage_.empty() && rows != info_.rows) {
    found.push_back(fmt::format("{} of {} spans can be read", rows, info_.rows));
  }
  return found;
}

Result<std::optional<FrameWalk::Frame>> FrameWalk::next() {
  const uint64_t begin = offset_;
  for (; offset_ + kFrameHeaderBytes <= file_bytes_; offset_ += kFrameAlignment) {
    auto frame = TRY(frame_at(offset_));
    if (frame) {
      if (begin != offset_) damages_.push_back(fmt::format("no whole block at bytes {} to {}", begin, offset_));
      offset_ += frame->header.total_bytes();
      return frame;
    }
    if (TRY(is_footer(offset_))) break;
  }
  if (begin != offset_ && begin + kSegmentFooterBytes < file_bytes_) {
    damages_.push_back(fmt::format("no whole block at bytes {} to {}", begin, std::min(offset_, file_bytes_)));
  }
  offset_ = file_bytes_;
  return std::nullopt;
}

Result<bool> FrameWalk::is_footer(uint64_t offset) {
  if (offset + kSegmentFooterBytes != file_bytes_) return false;
  return decode_segment_footer(TRY(read_exactly(file_, offset, kSegmentFooterBytes))).has_value();
}

Result<std::optional<FrameWalk::Frame>> FrameWalk::frame_at(uint64_t offset) {
  const auto header = decode_frame_header(TRY(read_exactly(file_, offset, kFrameHeaderBytes)));
  if (!header || header->stored_bytes > file_bytes_ - offset - kFrameHeaderBytes) return std::nullopt;
  if (file_id_ != 0 && header->file_id != file_id_) return std::nullopt;
  const std::string bytes = TRY(read_exactly(file_, offset, kFrameHeaderBytes + header->stored_bytes));
  Result<std::string> raw = decode_frame(bytes, header->kind, header->file_id, offset);
  if (!raw) return std::nullopt;
  return Frame{offset, *header, std::move(*raw)};
}

}  // namespace sextant::persist
