#include "persist/segment/segment_index.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/core/hash.h"
#include "data/model/dictionary.h"
#include "persist/column/int_column.h"
#include "persist/column/limits.h"
#include "persist/format/bytes.h"
#include "persist/format/limits.h"
#include "persist/segment/segment_format.h"
#include "persist/stripe/limits.h"
#include "persist/text/limits.h"

namespace sextant::persist {
namespace {

using data::TraceId;

/// Kinds and statuses beyond share the last bit of a zone.
constexpr int64_t kZoneBitLast = 31;
/// Distinct services or names of one block that are listed; a block with more may hold any.
constexpr size_t kZoneTextsMax = 256;

/// Each value once, in order. Of thousands of rows few differ: sorting all of them would cost ten times as much.
std::vector<uint32_t> distinct(const std::vector<uint32_t>& values) {
  std::vector<uint32_t> seen;
  data::CodeTable table;
  for (const uint32_t value : values) {
    if (!seen.empty() && seen.back() == value) continue;
    const uint64_t hash = (value + 1) * 0x9E3779B97F4A7C15;
    const auto next = static_cast<uint32_t>(seen.size());
    const uint32_t known = table.find_or_insert(hash, next, [&](uint32_t other) { return seen[other] == value; });
    if (known == data::CodeTable::kNone) seen.push_back(value);
  }
  std::ranges::sort(seen);
  return seen;
}

void sort_unique(std::vector<uint32_t>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

uint32_t zone_bit(int64_t number) {
  return 1U << (number < 0 || number > kZoneBitLast ? kZoneBitLast : number);
}

uint32_t trace_fingerprint(const TraceId& id) {
  return static_cast<uint32_t>(hash64(id.view()) >> 32);
}

uint64_t SegmentIndex::run_count() const {
  return rebuilt ? rebuilt_runs.size() : traces.size();
}

uint32_t SegmentIndex::block_of(uint32_t row) const {
  const auto after = std::ranges::upper_bound(blocks, row, {}, &BlockEntry::first_row);
  CHECK(after != blocks.begin());
  return static_cast<uint32_t>(after - blocks.begin() - 1);
}

const SectionEntry* SegmentIndex::section(FrameKind kind, uint32_t number) const {
  const auto is_it = [&](const SectionEntry& entry) { return entry.kind == kind && entry.number == number; };
  const auto found = std::ranges::find_if(sections, is_it);
  return found == sections.end() ? nullptr : &*found;
}

uint64_t SegmentIndex::byte_size() const {
  uint64_t bytes = blocks.size() * sizeof(BlockEntry) + traces.size() * sizeof(TraceEntry) +
                   chunks.size() * sizeof(RunChunkEntry) + sections.size() * sizeof(SectionEntry) +
                   (dictionaries.size() + filters.size()) * sizeof(ColumnSection) +
                   text_blocks.size() * sizeof(FrameEntry);
  for (const BlockEntry& block : blocks) {
    bytes += (block.zone.services.size() + block.zone.names.size()) * sizeof(uint32_t);
  }
  for (const auto* texts : {&services, &names}) {
    for (const std::string& text : *texts) bytes += sizeof(std::string) + text.size();
  }
  return bytes + rebuilt_runs.size() * (sizeof(RunPart) + 256);
}

void SegmentIndexBuilder::add_rows(const TraceId& id, uint32_t rows) {
  if (trace_ != id) {
    trace_ = id;
    index_.traces.push_back({trace_fingerprint(id), rows_, 0, 0});
  }
  index_.traces.back().rows += rows;
  rows_ += rows;
}

void SegmentIndexBuilder::add_run(const RunPart& part) {
  const uint64_t offset = runs_.size();
  encode_run(part, runs_);
  // Order and as-of places follow the history's last entry, which is the earliest start.
  add_run_key(part.summary.trace_id, part.starts.back().start, offset);
}

void SegmentIndexBuilder::add_run(const RunLine& line) {
  const uint64_t offset = runs_.size();
  runs_.append(line.bytes);
  add_run_key(line.trace_id, line.start, offset);
}

void SegmentIndexBuilder::add_run_key(const TraceId& id, UnixNanos start, uint64_t offset) {
  CHECK(trace_ == id);
  run_keys_.push_back({start, id, static_cast<uint32_t>(index_.traces.size() - 1), offset,
                       static_cast<uint32_t>(runs_.size() - offset)});
  trace_.reset();
}

void SegmentIndexBuilder::add_block(BlockEntry block, const ZoneInput& input) {
  block.zone = zone_of(input);
  block.first_row = blocks_rows_;
  blocks_rows_ += block.rows;
  start_min_ = std::min(start_min_, block.zone.start_min);
  end_max_ = std::max(end_max_, block.zone.end_max);
  index_.blocks.push_back(std::move(block));
}

const std::vector<SegmentIndexBuilder::RunKey>& SegmentIndexBuilder::sorted_runs() {
  CHECK(run_keys_.size() == index_.traces.size() && blocks_rows_ == rows_);
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

BlockZone SegmentIndexBuilder::zone_of(const ZoneInput& input) {
  BlockZone zone;
  for (size_t row = 0; row < input.starts.size(); ++row) {
    const UnixNanos start = input.starts[row];
    const UnixNanos end = std::max(start, input.ends[row]);
    zone.start_min = std::min(zone.start_min, start);
    zone.start_max = std::max(zone.start_max, start);
    zone.end_max = std::max(zone.end_max, end);
    zone.duration_min = std::min(zone.duration_min, end - start);
    zone.duration_max = std::max(zone.duration_max, end - start);
    zone.kinds |= zone_bit(input.kinds[row]);
    zone.statuses |= zone_bit(input.statuses[row]);
  }
  for (const uint32_t code : distinct(input.names)) {
    const uint32_t index = text_index(index_.names, known_names_, input.name_of(code), zone.any_name);
    if (index != UINT32_MAX) zone.names.push_back(index);
  }
  for (const uint32_t resource : distinct(input.resources)) {
    const uint32_t index = text_index(index_.services, known_services_, input.service_of(resource), zone.any_service);
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
  put_varint(out, block.stripe_bytes);
  put_varint(out, block.directory_bytes);
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
  block.stripe_bytes = in.varint_max(kStripeBytesMax);
  block.directory_bytes = in.varint_max(block.stripe_bytes);
  block.frame_bytes = frame_bytes_of(block.stripe_bytes);
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

void put_frame_entry(std::string& out, const FrameEntry& entry) {
  put_varint(out, entry.offset);
  put_varint(out, entry.frame_bytes);
}

/// `optional`: an offset of zero stands for a frame that is not there.
FrameEntry take_frame_entry(ByteReader& in, uint64_t file_bytes, bool optional) {
  FrameEntry entry;
  entry.offset = in.varint();
  entry.frame_bytes = in.varint();
  if (entry.offset == 0 && optional) return {};
  if (!inside(entry.offset, entry.frame_bytes, file_bytes)) in.fail();
  return entry;
}

void put_column_sections(std::string& out, const std::vector<ColumnSection>& columns) {
  put_varint(out, columns.size());
  for (const ColumnSection& column : columns) {
    put_u8(out, static_cast<uint8_t>(column.id.family));
    put_varint(out, column.id.number);
    put_varint(out, column.section);
  }
}

void take_column_sections(ByteReader& in, std::vector<ColumnSection>& columns) {
  const uint64_t count = in.count(3, kSlicesMax);
  for (uint64_t i = 0; i < count && !in.failed(); ++i) {
    const auto family = static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast));
    const auto number = static_cast<uint32_t>(in.varint_max(UINT32_MAX));
    columns.push_back({ColumnId(family, number), static_cast<uint32_t>(in.varint_max(kSectionsMax))});
  }
  if (!std::ranges::is_sorted(columns, {}, &ColumnSection::id)) in.fail();
}

void put_sections(std::string& out, const SegmentIndex& index) {
  put_varint(out, index.sections.size());
  for (const SectionEntry& section : index.sections) {
    put_varint(out, static_cast<uint32_t>(section.kind));
    put_varint(out, section.number);
    for (const FrameEntry& copy : section.copies) put_frame_entry(out, copy);
  }
  put_column_sections(out, index.dictionaries);
  put_column_sections(out, index.filters);
  put_varint(out, index.text_blocks.size());
  for (const FrameEntry& block : index.text_blocks) put_frame_entry(out, block);
}

void take_sections(ByteReader& in, SegmentIndex& index, uint64_t file_bytes) {
  const uint64_t sections = in.count(6, kSectionsMax);
  for (uint64_t i = 0; i < sections && !in.failed(); ++i) {
    SectionEntry section;
    section.kind = static_cast<FrameKind>(in.varint_max(kFrameKindLast));
    section.number = static_cast<uint32_t>(in.varint_max(kSectionsMax));
    for (FrameEntry& copy : section.copies) copy = take_frame_entry(in, file_bytes, true);
    index.sections.push_back(section);
  }
  take_column_sections(in, index.dictionaries);
  take_column_sections(in, index.filters);
  const uint64_t blocks = in.count(2, kTextBlocksMax);
  for (uint64_t i = 0; i < blocks && !in.failed(); ++i) {
    index.text_blocks.push_back(take_frame_entry(in, file_bytes, false));
  }
}

/// Rows of each trace in their order; then, by fingerprint, the fingerprints and which trace each is of. Runs stand in
/// the opposite order of rows.
void put_traces(std::string& out, const std::vector<TraceEntry>& traces) {
  std::vector<uint64_t> rows(traces.size());
  std::vector<uint64_t> fingerprints;
  std::vector<uint64_t> numbers;
  for (const TraceEntry& trace : traces) {
    const uint64_t number = traces.size() - 1 - trace.run;
    rows[number] = trace.rows;
    fingerprints.push_back(trace.fingerprint);
    numbers.push_back(number);
  }
  put_varint(out, traces.size());
  for (const auto* column : {&rows, &fingerprints, &numbers}) {
    for (size_t begin = 0; begin < column->size(); begin += kColumnValuesMax) {
      std::string part;
      encode_ints(std::span(*column).subspan(begin, std::min<size_t>(column->size() - begin, kColumnValuesMax)), part);
      put_text(out, part);
    }
  }
}

bool take_column(ByteReader& in, std::vector<uint64_t>& column) {
  for (size_t begin = 0; begin < column.size(); begin += kColumnValuesMax) {
    const auto part = std::span(column).subspan(begin, std::min<size_t>(column.size() - begin, kColumnValuesMax));
    const Result<IntColumn> ints = IntColumn::open(in.text(kSectionBytesMax), static_cast<uint32_t>(part.size()));
    if (in.failed() || !ints) return false;
    ints->read(0, part);
  }
  return true;
}

bool take_traces(std::string_view bytes, uint64_t rows_total, std::vector<TraceEntry>& traces) {
  ByteReader in(bytes);
  const uint64_t count = in.varint_max(std::min<uint64_t>(rows_total, kTracesMax));
  if (in.failed()) return false;
  std::vector<uint64_t> rows(count);
  std::vector<uint64_t> fingerprints(count);
  std::vector<uint64_t> numbers(count);
  if (!take_column(in, rows) || !take_column(in, fingerprints) || !take_column(in, numbers)) return false;
  std::vector<uint32_t> begins(count);
  uint64_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    begins[i] = static_cast<uint32_t>(at);
    at += rows[i];
    if (rows[i] > UINT32_MAX || at > UINT32_MAX) return false;
  }
  traces.resize(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t number = numbers[i];
    if (number >= count || fingerprints[i] > UINT32_MAX) return false;
    traces[i] = {static_cast<uint32_t>(fingerprints[i]), begins[number], static_cast<uint32_t>(rows[number]),
                 static_cast<uint32_t>(count - 1 - number)};
  }
  return in.at_end() && std::ranges::is_sorted(traces, {}, &TraceEntry::fingerprint);
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
  put_sections(out, *this);
  put_traces(out, traces);
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
  take_sections(in, index, file_bytes);
  if (in.failed() || !take_traces(bytes.substr(bytes.size() - in.left()), rows, index.traces)) {
    return fail(ErrorCode::kDataLoss, "the index of the segment does not follow the format");
  }
  if (rows > UINT32_MAX || !is_consistent(index, rows)) {
    return fail(ErrorCode::kDataLoss, "the index of the segment does not follow the format");
  }
  return index;
}

}  // namespace sextant::persist
