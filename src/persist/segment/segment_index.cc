#include "persist/segment/segment_index.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/core/hash.h"
#include "persist/format/bytes.h"
#include "persist/format/limits.h"
#include "persist/segment/segment_format.h"

namespace sextant::persist {
namespace {

using data::Batch;
using data::TraceId;

/// Kinds and statuses beyond share the last bit of a zone.
constexpr int64_t kZoneBitLast = 31;
/// Distinct services or names of one block that are listed; a block with more may hold any.
constexpr size_t kZoneTextsMax = 256;
/// Longest service or name listed in zones.
constexpr size_t kZoneTextBytesMax = 256;

void sort_unique(std::vector<uint32_t>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

uint32_t zone_bit(int64_t number) {
  return 1U << (number < 0 || number > kZoneBitLast ? kZoneBitLast : number);
}

uint64_t trace_fingerprint(const TraceId& id) {
  return hash64(id.view());
}

uint64_t SegmentIndex::run_count() const {
  return rebuilt ? rebuilt_runs.size() : traces.size();
}

uint32_t SegmentIndex::block_of(uint32_t row) const {
  const auto after = std::ranges::upper_bound(blocks, row, {}, &BlockEntry::first_row);
  CHECK(after != blocks.begin());
  return static_cast<uint32_t>(after - blocks.begin() - 1);
}

uint64_t SegmentIndex::byte_size() const {
  uint64_t bytes =
      blocks.size() * sizeof(BlockEntry) + traces.size() * sizeof(TraceEntry) + chunks.size() * sizeof(RunChunkEntry);
  for (const BlockEntry& block : blocks) {
    bytes += (block.zone.services.size() + block.zone.names.size()) * sizeof(uint32_t);
  }
  for (const auto* texts : {&services, &names}) {
    for (const std::string& text : *texts) bytes += sizeof(std::string) + text.size();
  }
  return bytes + rebuilt_runs.size() * (sizeof(RunPart) + 256);
}

void SegmentIndexBuilder::add_block(uint64_t offset, uint64_t frame_bytes, const Batch& batch) {
  data::GenAiReader reader(batch);
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    const TraceId& id = batch.spans.trace_id[row];
    if (trace_ != id) {
      finish_rows();
      trace_ = id;
      index_.traces.push_back({trace_fingerprint(id), rows_ + row, 0, 0});
    }
    ++index_.traces.back().rows;
    summarizer_.add(reader, row);
  }
  BlockEntry block{offset, frame_bytes, rows_, batch.span_count(), zone_of(batch)};
  start_min_ = std::min(start_min_, block.zone.start_min);
  end_max_ = std::max(end_max_, block.zone.end_max);
  index_.blocks.push_back(std::move(block));
  rows_ += batch.span_count();
  names_table_.add(batch);
}

void SegmentIndexBuilder::finish_rows() {
  if (!trace_) return;
  RunPart part;
  part.summary = summarizer_.finish();
  RunHistory history = history_(*trace_, part.summary.start);
  part.summary.last_arrival = history.last_arrival;
  part.last_sequence = history.last_sequence;
  part.starts = std::move(history.starts);
  const uint64_t offset = runs_.size();
  encode_run(part, runs_);
  // Order and as-of places follow the history's last entry, which is the earliest start.
  run_keys_.push_back({part.starts.back().start, *trace_, static_cast<uint32_t>(index_.traces.size() - 1), offset,
                       static_cast<uint32_t>(runs_.size() - offset)});
  summarizer_ = {};
  trace_.reset();
}

const std::vector<SegmentIndexBuilder::RunKey>& SegmentIndexBuilder::sorted_runs() {
  CHECK(!trace_);
  std::ranges::sort(run_keys_, [](const RunKey& a, const RunKey& b) {
    return a.start != b.start ? a.start > b.start : a.trace_id > b.trace_id;
  });
  for (uint32_t run = 0; run < run_keys_.size(); ++run) index_.traces[run_keys_[run].trace].run = run;
  return run_keys_;
}

SegmentIndex SegmentIndexBuilder::take_index() {
  std::ranges::sort(index_.traces, {}, &TraceEntry::fingerprint);
  return std::move(index_);
}

uint32_t SegmentIndexBuilder::text_index(std::vector<std::string>& texts,
                                         std::map<std::string, uint32_t, std::less<>>& known, std::string_view text,
                                         bool& any) {
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  if (texts.size() >= kOperationsMax || text.size() > kZoneTextBytesMax) {
    any = true;
    return UINT32_MAX;
  }
  const auto index = static_cast<uint32_t>(texts.size());
  texts.emplace_back(text);
  known.emplace(text, index);
  return index;
}

BlockZone SegmentIndexBuilder::zone_of(const Batch& batch) {
  BlockZone zone;
  const data::SpanColumns& s = batch.spans;
  std::vector<uint32_t> names;
  std::vector<uint32_t> resources;
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    const UnixNanos start = s.start_unix_nanos[row];
    const UnixNanos end = std::max(start, s.end_unix_nanos[row]);
    zone.start_min = std::min(zone.start_min, start);
    zone.start_max = std::max(zone.start_max, start);
    zone.end_max = std::max(zone.end_max, end);
    zone.duration_min = std::min(zone.duration_min, end - start);
    zone.duration_max = std::max(zone.duration_max, end - start);
    zone.kinds |= zone_bit(s.kind[row]);
    zone.statuses |= zone_bit(s.status[row]);
    names.push_back(s.name[row]);
    resources.push_back(s.resource[row]);
  }
  sort_unique(names);
  sort_unique(resources);
  for (const uint32_t code : names) {
    const uint32_t index = text_index(index_.names, known_names_, batch.values.text(code), zone.any_name);
    if (index != UINT32_MAX) zone.names.push_back(index);
  }
  for (const uint32_t resource : resources) {
    const data::ValueView service = batch.attribute(batch.resources[resource].attributes, "service.name");
    const std::string_view text = service.type == data::ValueType::kString ? service.bytes : std::string_view{};
    const uint32_t index = text_index(index_.services, known_services_, text, zone.any_service);
    if (index != UINT32_MAX) zone.services.push_back(index);
  }
  for (auto [list, any] : {std::pair{&zone.services, &zone.any_service}, std::pair{&zone.names, &zone.any_name}}) {
    sort_unique(*list);
    *any = *any || list->size() > kZoneTextsMax;
    if (*any) list->clear();
  }
  return zone;
}

namespace {

void put_index_list(std::string& out, const std::vector<uint32_t>& list) {
  put_varint(out, list.size());
  uint32_t previous = 0;
  for (const uint32_t value : list) {
    put_varint(out, value - previous);
    previous = value;
  }
}

std::vector<uint32_t> take_index_list(ByteReader& in, size_t bound) {
  std::vector<uint32_t> list(in.count(1, kZoneTextsMax));
  uint64_t previous = 0;
  for (uint32_t& value : list) {
    previous += in.varint_max(UINT32_MAX);
    if (previous >= bound) in.fail();
    value = static_cast<uint32_t>(previous);
  }
  return list;
}

void put_block(std::string& out, const BlockEntry& block) {
  put_varint(out, block.offset);
  put_varint(out, block.frame_bytes);
  put_varint(out, block.rows);
  const BlockZone& zone = block.zone;
  put_varint(out, zone.start_min);
  put_varint(out, zone.start_max - zone.start_min);
  put_varint(out, zone.end_max - zone.start_min);
  put_varint(out, zone.duration_min);
  put_varint(out, zone.duration_max - zone.duration_min);
  put_u32(out, zone.kinds);
  put_u32(out, zone.statuses);
  put_u8(out, static_cast<uint8_t>((zone.any_service ? 1 : 0) | (zone.any_name ? 2 : 0)));
  put_index_list(out, zone.services);
  put_index_list(out, zone.names);
}

bool inside(uint64_t offset, uint64_t bytes, uint64_t file_bytes) {
  return offset % kFrameAlignment == 0 && bytes >= kFrameHeaderBytes && offset <= file_bytes &&
         bytes <= file_bytes - offset;
}

BlockEntry take_block(ByteReader& in, const SegmentIndex& index, uint64_t file_bytes) {
  BlockEntry block;
  block.offset = in.varint();
  block.frame_bytes = in.varint();
  block.rows = static_cast<uint32_t>(in.varint_max(kBlockRowsMax));
  if (block.rows == 0 || !inside(block.offset, block.frame_bytes, file_bytes)) in.fail();
  BlockZone& zone = block.zone;
  zone.start_min = in.varint();
  zone.start_max = zone.start_min + in.varint();
  zone.end_max = zone.start_min + in.varint();
  zone.duration_min = in.varint();
  zone.duration_max = zone.duration_min + in.varint();
  zone.kinds = in.u32();
  zone.statuses = in.u32();
  const uint64_t any = in.varint_max(3);
  zone.any_service = (any & 1) != 0;
  zone.any_name = (any & 2) != 0;
  zone.services = take_index_list(in, index.services.size());
  zone.names = take_index_list(in, index.names.size());
  return block;
}

}  // namespace

void SegmentIndex::encode(std::string& out) const {
  for (const auto* texts : {&services, &names}) {
    put_varint(out, texts->size());
    for (const std::string& text : *texts) put_text(out, text);
  }
  put_varint(out, blocks.size());
  for (const BlockEntry& block : blocks) put_block(out, block);
  put_varint(out, chunks.size());
  for (const RunChunkEntry& chunk : chunks) {
    put_varint(out, chunk.offset);
    put_varint(out, chunk.frame_bytes);
    put_varint(out, chunk.runs);
    put_varint(out, chunk.start_max);
  }
  put_varint(out, traces.size());
  uint64_t previous = 0;
  for (const TraceEntry& trace : traces) {
    put_varint(out, trace.fingerprint - previous);
    put_varint(out, trace.first_row);
    put_varint(out, trace.rows);
    put_varint(out, trace.run);
    previous = trace.fingerprint;
  }
}

namespace {

/// Every row belongs to a block, every run to a chunk, every trace's rows and run exist.
bool is_consistent(const SegmentIndex& index, uint64_t rows) {
  uint64_t runs = 0;
  for (const RunChunkEntry& chunk : index.chunks) runs += chunk.runs;
  if (runs != index.traces.size()) return false;
  for (const TraceEntry& trace : index.traces) {
    if (trace.rows == 0 || uint64_t{trace.first_row} + trace.rows > rows || trace.run >= runs) return false;
  }
  return true;
}

}  // namespace

Result<SegmentIndex> SegmentIndex::decode(std::string_view bytes, uint64_t file_bytes) {
  SegmentIndex index;
  ByteReader in(bytes);
  for (auto* texts : {&index.services, &index.names}) {
    texts->resize(in.count(1, kOperationsMax));
    for (std::string& text : *texts) text = in.text(kZoneTextBytesMax);
  }
  const uint64_t blocks = in.count(20, kBlocksMax);
  uint64_t rows = 0;
  for (uint64_t i = 0; i < blocks && !in.failed(); ++i) {
    index.blocks.push_back(take_block(in, index, file_bytes));
    index.blocks.back().first_row = static_cast<uint32_t>(rows);
    rows += index.blocks.back().rows;
  }
  const uint64_t chunks = in.count(4, kBlocksMax);
  uint32_t runs = 0;
  for (uint64_t i = 0; i < chunks && !in.failed(); ++i) {
    RunChunkEntry chunk;
    chunk.offset = in.varint();
    chunk.frame_bytes = in.varint();
    chunk.first_run = runs;
    chunk.runs = static_cast<uint32_t>(in.varint_max(kRunChunkRuns));
    chunk.start_max = in.varint();
    if (!inside(chunk.offset, chunk.frame_bytes, file_bytes)) in.fail();
    runs += chunk.runs;
    index.chunks.push_back(chunk);
  }
  index.traces.resize(in.count(4, UINT32_MAX));
  uint64_t previous = 0;
  for (TraceEntry& trace : index.traces) {
    if (in.failed()) break;
    previous += in.varint();
    trace.fingerprint = previous;
    trace.first_row = static_cast<uint32_t>(in.varint_max(UINT32_MAX));
    trace.rows = static_cast<uint32_t>(in.varint_max(UINT32_MAX));
    trace.run = static_cast<uint32_t>(in.varint_max(UINT32_MAX));
  }
  if (in.failed() || !in.at_end() || rows > UINT32_MAX || !is_consistent(index, rows)) {
    return fail(ErrorCode::kDataLoss, "the index of the segment does not follow the format");
  }
  return index;
}

}  // namespace sextant::persist
