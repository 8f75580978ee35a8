// Makes the index of a segment again when its own is damaged: frames say themselves what they are.
#include <algorithm>
#include <set>

#include "base/core/check.h"
#include "data/genai/summarize.h"
#include "persist/format/limits.h"
#include "persist/segment/frame_walk.h"
#include "persist/segment/segment.h"
#include "persist/segment/segment_names.h"

namespace sextant::persist {
namespace {

/// Notes a section's copy: the first one found, then the other.
void add_section(SegmentIndex& index, const FrameWalk::Frame& frame) {
  const auto is_it = [&](const SectionEntry& entry) {
    return entry.kind == frame.header.kind && entry.number == frame.header.rows;
  };
  auto known = std::ranges::find_if(index.sections, is_it);
  if (known == index.sections.end()) {
    index.sections.push_back({frame.header.kind, frame.header.rows, {}});
    known = std::prev(index.sections.end());
  }
  FrameEntry& copy = known->copies[known->copies[0].offset == 0 ? 0 : 1];
  copy = {frame.offset, frame.header.total_bytes()};
}

void add_dictionaries(SegmentIndex& index, const FrameWalk::Frame& frame) {
  ByteReader in(frame.raw);
  while (!in.failed() && !in.at_end()) {
    const auto family = static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast));
    const ColumnId id(family, static_cast<uint32_t>(in.varint_max(UINT32_MAX)));
    in.text(kSectionBytesMax);
    if (!in.failed()) index.dictionaries.push_back({id, frame.header.rows});
  }
}

/// Blocks are found by their number, so a lost one keeps its place: its texts are then damaged, no others.
void add_text_block(SegmentIndex& index, const FrameWalk::Frame& frame) {
  const uint32_t number = frame.header.rows;
  if (number >= kTextBlocksMax) return;
  if (number >= index.text_blocks.size()) index.text_blocks.resize(number + 1);
  index.text_blocks[number] = {frame.offset, frame.header.total_bytes()};
}

ZoneInput zone_input(const data::Batch& batch) {
  const data::SpanColumns& s = batch.spans;
  return {s.start_unix_nanos,
          s.end_unix_nanos,
          s.kind,
          s.status,
          s.resource,
          s.name,
          [&batch](uint32_t resource) { return service_of(batch, resource); },
          [&batch](uint32_t code) { return std::string(batch.values.text(code)); }};
}

/// Sums up traces whose rows come one after the other, over the borders of stripes. Thread-confined.
class RunCollector {
 public:
  RunCollector(SegmentIndexBuilder& builder, const SegmentInfo& info) : builder_(builder), info_(info) {}

  void add(const data::Batch& batch) {
    data::GenAiReader reader(batch);
    for (uint32_t row = 0; row < batch.span_count(); ++row) {
      const data::TraceId& id = batch.spans.trace_id[row];
      if (trace_ != id) finish();
      trace_ = id;
      builder_.add_rows(id, 1);
      summarizer_.add(reader, row);
    }
  }

  /// Ends the last run. When its batches came, the spans do not tell.
  void finish() {
    if (!trace_) return;
    RunPart part;
    part.summary = summarizer_.finish();
    part.summary.last_arrival = info_.last_arrival;
    part.last_sequence = info_.last_sequence;
    part.starts = {{info_.first_sequence, part.summary.start}};
    builder_.add_run(part);
    summarizer_ = {};
    trace_.reset();
  }

 private:
  SegmentIndexBuilder& builder_;
  const SegmentInfo& info_;
  std::optional<data::TraceId> trace_;
  data::RunSummarizer summarizer_;
};

}  // namespace

/// Everything but rows: sections, texts, and where stripes stand.
Result<SegmentIndex> Segment::collect_frames(const std::string& reason, std::vector<BlockEntry>& stripes) {
  SegmentIndex index;
  index.rebuilt = true;
  index.damages.push_back(fmt::format("{}: {}; the index was made again from the stripes", path_, reason));
  FrameWalk walk(*file_, file_bytes_, info_.file_id);
  for (auto frame = TRY(walk.next()); frame; frame = TRY(walk.next())) {
    const FrameHeader& header = frame->header;
    if (is_mirrored(header.kind)) add_section(index, *frame);
    if (header.kind == FrameKind::kDictionaries) add_dictionaries(index, *frame);
    if (header.kind == FrameKind::kTextBlock) add_text_block(index, *frame);
    if (header.kind != FrameKind::kStripe) continue;
    const uint64_t directory_bytes = StripeDirectory::measure(frame->raw);
    stripes.push_back(
        {frame->offset, header.total_bytes(), header.stored_bytes, directory_bytes, 0, header.rows, BlockZone{}});
  }
  std::ranges::sort(index.dictionaries, {}, &ColumnSection::id);
  const auto repeated = std::ranges::unique(index.dictionaries, {}, &ColumnSection::id);
  index.dictionaries.erase(repeated.begin(), repeated.end());
  for (const std::string& damage : walk.damages()) index.damages.push_back(path_ + ": " + damage);
  return index;
}

Result<std::shared_ptr<SegmentContents>> Segment::rebuild(const std::string& reason) {
  std::vector<BlockEntry> stripes;
  SegmentIndex collected = TRY(collect_frames(reason, stripes));
  std::vector<std::string> damages;
  auto tables = load_contents(SegmentIndex(collected));
  if (!tables) {
    damages.push_back(tables.error().message());
    stripes.clear();  // nothing can be read without them
    tables = std::make_shared<SegmentContents>(*this, SegmentIndex(collected));
  }
  SegmentIndexBuilder builder;
  NamesTable names;
  RunCollector runs(builder, info_);
  for (BlockEntry& stripe : stripes) {
    const Result<data::Batch> batch = read_block(**tables, stripe);
    if (!batch) {
      damages.push_back(batch.error().message());
      continue;
    }
    runs.add(*batch);
    names.add(*batch);
    builder.add_block(std::move(stripe), zone_input(*batch));
  }
  runs.finish();
  SegmentIndex index = std::move(collected);
  for (const auto& key : builder.sorted_runs()) {
    ByteReader in(builder.run_bytes(key));
    index.rebuilt_runs.push_back(decode_run(in));
    CHECK(!in.failed());
  }
  SegmentIndex rows = builder.take_index();
  index.blocks = std::move(rows.blocks);
  index.traces = std::move(rows.traces);
  index.services = std::move(rows.services);
  index.names = std::move(rows.names);
  index.rebuilt_names = std::move(names);
  index.damages.insert(index.damages.end(), damages.begin(), damages.end());
  (*tables)->index_ = std::move(index);
  return keep(std::move(*tables));
}

}  // namespace sextant::persist
