#include "persist/segment/segment.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/core/hash.h"
#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"
#include "persist/segment/frame_walk.h"
#include "persist/segment/segment_texts.h"
#include "persist/stripe/batch_target.h"

namespace sextant::persist {
namespace {

/// Kinds of content in the cache.
enum CacheKind : uint32_t {
  kStripeFrame,
  kDirectory,
  kSlice,
  kDictionariesSection,
  kDictionary,
  kTextBlock,
  kTextBlockBeginning,
  kRunChunk,
  kColumnFilters,
  kWords,
  kCommonTraces  // with the segment that has the place for its owner
};

/// The stripe within its frame, which was checked.
SliceBytes stripe_in(std::shared_ptr<const std::string> frame, const BlockEntry& block) {
  const std::string_view bytes = std::string_view(*frame).substr(kFrameHeaderBytes, block.stripe_bytes);
  return {std::move(frame), bytes};
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::open(Files& files, const std::string& path, const std::string& name,
                                               MemoryLedger& ledger, SliceCache& cache, OnDamage on_damage) {
  auto file = TRY(files.open(path, Files::Open::kRead));
  std::shared_ptr<Segment> segment(new Segment(std::move(file), path, ledger, cache, std::move(on_damage)));
  TRY_CONTEXT(segment->read_ends(name), path);
  return segment;
}

Segment::~Segment() {
  cache_.drop_owner(owner_);
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

/// The id may be unknown where both ends are damaged; a frame's own is then as good.
uint64_t Segment::id_of_frame(std::string_view frame) const {
  const auto header = decode_frame_header(frame);
  return info_.file_id == 0 && header ? header->file_id : info_.file_id;
}

Result<std::string> Segment::read_frame(uint64_t offset, uint64_t frame_bytes, FrameKind kind) const {
  const std::string bytes = TRY(read_exactly(*file_, offset, frame_bytes));
  return decode_frame(bytes, kind, id_of_frame(bytes), offset);
}

/// Of the two copies the first one that is whole.
Result<std::string> Segment::read_section(const SegmentIndex& index, FrameKind kind, uint32_t number) const {
  const SectionEntry* entry = index.section(kind, number);
  if (entry == nullptr) return fail(ErrorCode::kDataLoss, "{}: a section of the segment is missing", path_);
  Error error(ErrorCode::kDataLoss, "both copies of a section are missing");
  for (const FrameEntry& copy : entry->copies) {
    if (copy.offset == 0) continue;
    Result<std::string> raw = read_frame(copy.offset, copy.frame_bytes, kind);
    if (raw) return raw;
    error = raw.error();
    if (on_damage_) on_damage_(path_ + ": " + error.message());
  }
  return std::unexpected(std::move(error).with_context(path_));
}

Result<std::shared_ptr<SegmentContents>> Segment::contents() {
  if (auto known = loaded_.lock()->contents) return known;
  Result<SegmentIndex> index = load_index();
  if (!index) return rebuild(index.error().message());
  auto contents = load_contents(std::move(*index));
  if (!contents) return rebuild(contents.error().message());
  return keep(std::move(*contents));
}

Result<std::shared_ptr<const SegmentIndex>> Segment::index() {
  const auto contents = TRY(this->contents());
  return std::shared_ptr<const SegmentIndex>(contents, &contents->index());
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

/// The tables that every stripe needs. kDataLoss when one is damaged in both copies.
Result<std::shared_ptr<SegmentContents>> Segment::load_contents(SegmentIndex&& index) {
  auto contents = std::make_shared<SegmentContents>(*this, std::move(index));
  const SegmentIndex& known = contents->index_;
  contents->globals_ = TRY(decode_batch(TRY(read_section(known, FrameKind::kGlobals, 0))));
  if (known.text_blocks.empty()) return contents;
  const std::string table = TRY(read_section(known, FrameKind::kTextTable, 0));
  contents->text_table_ = TRY(TextTable::decode(table, static_cast<uint32_t>(known.text_blocks.size())));
  contents->vocabulary_ = TRY(TextVocabulary::decode(TRY(read_section(known, FrameKind::kVocabulary, 0))));
  return contents;
}

/// Keeps index and tables in memory when the ledger has room; without room they serve this question only.
Result<std::shared_ptr<SegmentContents>> Segment::keep(std::shared_ptr<SegmentContents> contents) {
  auto loaded = loaded_.lock();
  if (loaded->contents && !contents->index().rebuilt) return loaded->contents;
  LedgerHold hold;
  if (contents->index().rebuilt || ledger_.reserve(contents->byte_size(), hold)) {
    loaded->hold = std::move(hold);
    loaded->contents = contents;
  }
  return contents;
}

std::vector<TraceEntry> Segment::find(const SegmentIndex& index, const data::TraceId& id) {
  const auto range = std::ranges::equal_range(index.traces, trace_fingerprint(id), {}, &TraceEntry::fingerprint);
  return {range.begin(), range.end()};
}

std::shared_ptr<const CommonTraces> Segment::common_traces(const SegmentIndex& a, const Segment& other,
                                                           const SegmentIndex& b) const {
  const auto find = [&] { return std::make_shared<const CommonTraces>(find_common_traces(a, b)); };
  // In an index that was made again traces have other places.
  if (a.rebuilt || b.rebuilt) return find();
  const SliceCache::Key key{owner_, other.owner_, kCommonTraces};
  if (auto known = cache_.find<CommonTraces>(key)) return known;
  auto common = find();
  cache_.put(key, common, common->byte_size());
  return common;
}

Result<SliceBytes> Segment::whole_stripe(const BlockEntry& block, StripeAccess access) const {
  const SliceCache::Key key{owner_, block.offset, kStripeFrame};
  auto frame = cache_.find<std::string>(key);
  if (!frame) {
    frame = std::make_shared<const std::string>(TRY(read_exactly(*file_, block.offset, block.frame_bytes)));
    const std::string_view content =
        TRY_CONTEXT(frame_content(*frame, FrameKind::kStripe, id_of_frame(*frame), block.offset), path_);
    if (content.size() != block.stripe_bytes) {
      return fail(ErrorCode::kDataLoss, "{}: the stripe at offset {} has {} bytes instead of {}", path_, block.offset,
                  content.size(), block.stripe_bytes);
    }
    if (access != StripeAccess::kOnce) cache_.put(key, frame, frame->size());
  }
  return stripe_in(std::move(frame), block);
}

/// `whole`: the stripe, where it was read; empty: only its beginning is.
Result<std::shared_ptr<const StripeDirectory>> Segment::directory(const BlockEntry& block,
                                                                  std::string_view whole) const {
  const SliceCache::Key key{owner_, block.offset, kDirectory};
  if (auto known = cache_.find<StripeDirectory>(key)) return known;
  const auto parse = [&](std::string_view bytes) -> Result<std::shared_ptr<const StripeDirectory>> {
    StripeDirectory directory = TRY_CONTEXT(StripeDirectory::parse(bytes, block.stripe_bytes), path_);
    if (directory.rows != block.rows) {
      return fail(ErrorCode::kDataLoss, "{}: the stripe at offset {} has {} rows instead of {}", path_, block.offset,
                  directory.rows, block.rows);
    }
    auto shared = std::make_shared<const StripeDirectory>(std::move(directory));
    cache_.put(key, shared, shared->byte_size());
    return shared;
  };
  if (!whole.empty()) return parse(whole.substr(0, block.directory_bytes));
  return parse(TRY(read_exactly(*file_, block.offset + kFrameHeaderBytes, block.directory_bytes)));
}

Result<SliceBytes> Segment::load_slice(const BlockEntry& block, const StripeDirectory::Slice& slice) const {
  if (auto frame = cache_.find<std::string>({owner_, block.offset, kStripeFrame})) {
    const SliceBytes whole = stripe_in(std::move(frame), block);
    return SliceBytes{whole.owner, whole.bytes.substr(slice.offset, slice.bytes)};
  }
  const uint64_t offset = block.offset + kFrameHeaderBytes + slice.offset;
  const SliceCache::Key key{owner_, offset, kSlice};
  auto bytes = cache_.find<std::string>(key);
  if (!bytes) {
    auto read = std::make_shared<const std::string>(TRY(read_exactly(*file_, offset, slice.bytes)));
    if (crc32c(*read) != slice.checksum) {
      return fail(ErrorCode::kDataLoss, "{}: the checksum of a column at offset {} does not match", path_, offset);
    }
    cache_.put(key, read, read->size());
    bytes = std::move(read);
  }
  return SliceBytes{bytes, *bytes};
}

Result<StripeReader> Segment::stripe(SegmentContents& contents, const BlockEntry& block, StripeAccess access) const {
  SliceBytes whole;
  // Kept by the reader, whether the cache has room for it or not.
  if (access != StripeAccess::kSlices) whole = TRY(whole_stripe(block, access));
  auto known = TRY(directory(block, whole.bytes));
  if (access == StripeAccess::kSlices) {
    const auto load = [this, block](const StripeDirectory::Slice& slice) { return load_slice(block, slice); };
    return StripeReader(std::move(known), contents, load);
  }
  const auto load = [whole](const StripeDirectory::Slice& slice) -> Result<SliceBytes> {
    return SliceBytes{whole.owner, whole.bytes.substr(slice.offset, slice.bytes)};
  };
  return StripeReader(std::move(known), contents, load);
}

Result<uint64_t> Segment::read_rows(SegmentContents& contents, const BlockEntry& block, std::span<const uint32_t> rows,
                                    data::Batch& out, uint64_t value_bytes_max) const {
  StripeReader reader = TRY(stripe(contents, block, StripeAccess::kWhole));
  BatchTarget target(contents, out, value_bytes_max);
  TRY_CONTEXT(reader.read_rows(rows, target, out), path_);
  return target.text_bytes_unfolded();
}

Result<data::Batch> Segment::read_block(SegmentContents& contents, const BlockEntry& block) const {
  data::Batch batch;
  std::vector<uint32_t> rows(block.rows);
  for (uint32_t row = 0; row < block.rows; ++row) rows[row] = row;
  TRY(read_rows(contents, block, rows, batch));
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

/// What was read; where it is damaged the index is made again, for those who ask next.
template <typename T>
Result<T> Segment::or_rebuild(Result<T> read) {
  if (!read && read.error().code() == ErrorCode::kDataLoss) TRY(rebuild(read.error().message()));
  return read;
}

Result<std::vector<RunPart>> Segment::read_runs(const SegmentIndex& index, uint32_t chunk) {
  if (index.rebuilt) {
    const auto begin = index.rebuilt_runs.begin() + uint64_t{chunk} * kRunChunkRuns;
    const auto left = static_cast<size_t>(index.rebuilt_runs.end() - begin);
    return std::vector<RunPart>(begin, begin + static_cast<ptrdiff_t>(std::min<size_t>(left, kRunChunkRuns)));
  }
  const RunChunkEntry& entry = index.chunks[chunk];
  const auto read = [&]() -> Result<std::vector<RunPart>> {
    const auto raw = TRY(run_chunk(entry));
    ByteReader in(*raw);
    for (uint32_t i = 0; i < entry.runs; ++i) in.varint();
    std::vector<RunPart> runs;
    for (uint32_t i = 0; i < entry.runs && !in.failed(); ++i) runs.push_back(decode_run(in));
    if (in.failed() || !in.at_end()) return fail(ErrorCode::kDataLoss, "a list of runs does not follow the format");
    return runs;
  };
  return or_rebuild(read());
}

Result<Segment::RunLines> Segment::read_run_lines(const SegmentIndex& index, uint32_t chunk) {
  CHECK(!index.rebuilt);
  const RunChunkEntry& entry = index.chunks[chunk];
  const auto read = [&]() -> Result<RunLines> {
    RunLines lines;
    lines.bytes = TRY(run_chunk(entry));
    ByteReader sizes(*lines.bytes);
    std::vector<uint64_t> each(entry.runs);
    for (uint64_t& size : each) size = sizes.varint_max(kRunChunkBytesMax);
    for (const uint64_t size : each) {
      const auto line = run_line(sizes.bytes(size));
      if (!line) return fail(ErrorCode::kDataLoss, "a list of runs does not follow the format");
      lines.runs.push_back(*line);
    }
    if (!sizes.at_end()) return fail(ErrorCode::kDataLoss, "a list of runs is too long");
    return lines;
  };
  return or_rebuild(read());
}

Result<RunPart> Segment::read_run(const SegmentIndex& index, uint32_t run) {
  if (index.rebuilt) return index.rebuilt_runs[run];
  const RunChunkEntry& entry = index.chunks[chunk_of(index, run)];
  const auto read = [&]() -> Result<RunPart> {
    const auto raw = TRY(run_chunk(entry));
    ByteReader sizes(*raw);
    uint64_t before = 0;
    uint64_t size = 0;
    for (uint32_t i = 0; i < entry.runs; ++i) {
      const uint64_t one = sizes.varint_max(kRunChunkBytesMax);
      if (i < run - entry.first_run) before += one;
      if (i == run - entry.first_run) size = one;
    }
    sizes.bytes(before);
    ByteReader in(sizes.bytes(size));
    RunPart part = decode_run(in);
    if (sizes.failed() || in.failed() || !in.at_end()) {
      return fail(ErrorCode::kDataLoss, "a list of runs does not follow the format");
    }
    return part;
  };
  return or_rebuild(read());
}

Result<std::shared_ptr<const std::string>> Segment::run_chunk(const RunChunkEntry& entry) const {
  const SliceCache::Key key{owner_, entry.offset, kRunChunk};
  if (auto known = cache_.find<std::string>(key)) return known;
  auto raw = std::make_shared<const std::string>(TRY(read_frame(entry.offset, entry.frame_bytes, FrameKind::kRuns)));
  cache_.put(key, raw, raw->size());
  return raw;
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
  return TRY(rebuild(names.error().message()))->index().rebuilt_names;
}

Result<std::vector<std::string>> Segment::verify() {
  FrameWalk walk(*file_, file_bytes_, info_.file_id);
  std::vector<std::string> found;
  if (!footer_damage_.empty()) found.push_back(footer_damage_);
  uint64_t rows = 0;
  for (auto frame = TRY(walk.next()); frame; frame = TRY(walk.next())) {
    if (frame->header.kind == FrameKind::kStripe) rows += frame->header.rows;
  }
  found.insert(found.end(), walk.damages().begin(), walk.damages().end());
  if (footer_damage_.empty() && rows != info_.rows) {
    found.push_back(fmt::format("{} of {} spans can be read", rows, info_.rows));
  }
  return found;
}

namespace {

const ColumnSection* find_column(const std::vector<ColumnSection>& columns, ColumnId id) {
  const auto found = std::ranges::lower_bound(columns, id, {}, &ColumnSection::id);
  return found != columns.end() && found->id == id ? &*found : nullptr;
}

}  // namespace

bool SegmentContents::has_own_column(ColumnId id) const {
  return find_column(index_.dictionaries, id) != nullptr;
}

const ColumnSection* SegmentContents::find_dictionary(ColumnId id) const {
  if (const ColumnSection* own = find_column(index_.dictionaries, id)) return own;
  // A key that is rare in every stripe has no dictionary of its own.
  return id.number < globals_.keys.size() ? find_dictionary(ColumnId(id.family, kRareColumn)) : nullptr;
}

Result<std::shared_ptr<const ColumnDictionary>> SegmentContents::dictionary(ColumnId id) {
  SliceCache& cache = segment_.cache_;
  const ColumnSection* entry = find_dictionary(id);
  if (entry == nullptr) return fail(ErrorCode::kDataLoss, "{}: a column has no dictionary", segment_.path());
  id = entry->id;
  const SliceCache::Key key{segment_.owner_, id.packed(), kDictionary};
  if (auto known = cache.find<ColumnDictionary>(key)) return known;
  const auto section = TRY(dictionary_section(entry->section));
  const auto place = std::ranges::lower_bound(section->places, id, {}, &DictionarySection::Place::id);
  if (place == section->places.end() || place->id != id) {
    return fail(ErrorCode::kDataLoss, "{}: a section of dictionaries does not follow the format", segment_.path());
  }
  const std::string_view bytes = std::string_view(section->raw).substr(place->offset, place->size);
  ColumnDictionary dictionary = TRY_CONTEXT(ColumnDictionary::decode(bytes, text_count()), segment_.path());
  auto shared = std::make_shared<const ColumnDictionary>(std::move(dictionary));
  cache.put(key, shared, shared->byte_size());
  return shared;
}

/// Thousands of small dictionaries may share a section: where each stands is found out once.
Result<std::shared_ptr<const SegmentContents::DictionarySection>> SegmentContents::dictionary_section(uint32_t number) {
  SliceCache& cache = segment_.cache_;
  const SliceCache::Key key{segment_.owner_, number, kDictionariesSection};
  if (auto known = cache.find<DictionarySection>(key)) return known;
  auto section = std::make_shared<DictionarySection>();
  section->raw = TRY(segment_.read_section(index_, FrameKind::kDictionaries, number));
  ByteReader in(section->raw);
  while (!in.failed() && !in.at_end()) {
    const auto family = static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast));
    const ColumnId id(family, static_cast<uint32_t>(in.varint_max(UINT32_MAX)));
    const std::string_view bytes = in.text(kSectionBytesMax);
    if (in.failed()) break;
    section->places.push_back(
        {id, static_cast<uint32_t>(bytes.data() - section->raw.data()), static_cast<uint32_t>(bytes.size())});
  }
  // A writer sorts them. Of a section that it did not write, what is found is all that there is.
  std::ranges::sort(section->places, {}, &DictionarySection::Place::id);
  cache.put(key, section, section->raw.size() + section->places.size() * sizeof(DictionarySection::Place));
  return section;
}

Result<std::shared_ptr<const ColumnFilters>> SegmentContents::filters(ColumnId id) {
  SliceCache& cache = segment_.cache_;
  const ColumnSection* entry = find_column(index_.filters, id);
  if (entry == nullptr) return nullptr;
  const SliceCache::Key key{segment_.owner_, id.packed(), kColumnFilters};
  if (auto known = cache.find<ColumnFilters>(key)) return known;
  Result<ColumnFilters> filters = read_filters(id, entry->section);
  if (!filters) {
    if (filters.error().code() == ErrorCode::kDataLoss) return nullptr;
    return std::unexpected(filters.error());
  }
  auto shared = std::make_shared<const ColumnFilters>(std::move(*filters));
  cache.put(key, shared, shared->byte_size());
  return shared;
}

Result<bool> SegmentContents::texts_may_contain(std::string_view bytes) {
  if (!text_table_) return false;
  if (vocabulary_.empty() || index_.section(FrameKind::kWordFilter, 0) == nullptr) return true;
  const SliceCache::Key key{segment_.owner_, 0, kWords};
  auto filter = segment_.cache_.find<WordFilter>(key);
  if (!filter) {
    Result<WordFilter> read = read_word_filter();
    if (!read && read.error().code() == ErrorCode::kDataLoss) return true;
    filter = std::make_shared<const WordFilter>(TRY(std::move(read)));
    segment_.cache_.put(key, filter, filter->byte_size());
  }
  return filter->may_contain(bytes, vocabulary_.words());
}

Result<WordFilter> SegmentContents::read_word_filter() {
  std::string raw = TRY(segment_.read_section(index_, FrameKind::kWordFilter, 0));
  Result<WordFilter> filter = WordFilter::decode(std::move(raw));
  if (!filter && segment_.on_damage_) segment_.on_damage_(segment_.path() + ": " + filter.error().message());
  return filter;
}

Result<ColumnFilters> SegmentContents::read_filters(ColumnId id, uint32_t section) {
  const std::string raw = TRY(segment_.read_section(index_, FrameKind::kFilters, section));
  const auto find = [&]() -> Result<ColumnFilters> {
    ByteReader in(raw);
    while (!in.failed() && !in.at_end()) {
      const auto family = static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast));
      const ColumnId other(family, static_cast<uint32_t>(in.varint_max(UINT32_MAX)));
      const std::string_view bytes = in.text(kSectionBytesMax);
      if (!in.failed() && other == id) return ColumnFilters::decode(bytes);
    }
    return fail(ErrorCode::kDataLoss, "a section of filters does not follow the format");
  };
  Result<ColumnFilters> filters = find();
  if (!filters && segment_.on_damage_) segment_.on_damage_(segment_.path() + ": " + filters.error().message());
  return filters;
}

Result<std::shared_ptr<const std::string>> SegmentContents::text_block(uint32_t number) {
  CHECK(number < index_.text_blocks.size());
  const SliceCache::Key key{segment_.owner_, number, kTextBlock};
  if (auto known = segment_.cache_.find<std::string>(key)) return known;
  const FrameEntry& frame = index_.text_blocks[number];
  const auto read = [&]() -> Result<std::string> {
    const std::string bytes = TRY(segment_.read_frame(frame.offset, frame.frame_bytes, FrameKind::kTextBlock));
    return decompress_text_block(bytes, vocabulary_, text_table_->block_bytes(number));
  };
  auto shared = std::make_shared<const std::string>(TRY_CONTEXT(read(), segment_.path()));
  segment_.cache_.put(key, shared, shared->size());
  return shared;
}

std::shared_ptr<const std::string> SegmentContents::known_text_block(uint32_t number, uint64_t bytes) const {
  SliceCache& cache = segment_.cache_;
  if (auto whole = cache.find<std::string>({segment_.owner_, number, kTextBlock})) return whole;
  auto beginning = cache.find<std::string>({segment_.owner_, number, kTextBlockBeginning});
  return beginning && beginning->size() >= bytes ? beginning : nullptr;
}

Result<std::unique_ptr<TextBlockReader>> SegmentContents::open_text_block(uint32_t number) const {
  CHECK(number < index_.text_blocks.size());
  const FrameEntry& frame = index_.text_blocks[number];
  std::string bytes =
      TRY_CONTEXT(segment_.read_frame(frame.offset, frame.frame_bytes, FrameKind::kTextBlock), segment_.path());
  return TextBlockReader::open(std::move(bytes), vocabulary_, text_table_->block_bytes(number));
}

bool SegmentContents::keeps_beginning(uint32_t number) const {
  return segment_.cache_.find<std::string>({segment_.owner_, number, kTextBlockBeginning}) != nullptr;
}

void SegmentContents::keep_beginning(uint32_t number, std::string&& raw) const {
  raw.shrink_to_fit();
  auto shared = std::make_shared<const std::string>(std::move(raw));
  segment_.cache_.put({segment_.owner_, number, kTextBlockBeginning}, shared, shared->size());
}

std::unique_ptr<TextReading> SegmentContents::read_texts() {
  return std::make_unique<SegmentTexts>(*this);
}

Result<std::string> SegmentContents::text(uint32_t id) {
  return text_table_->text(id, [this](uint32_t number) { return text_block(number); });
}

uint64_t SegmentContents::byte_size() const {
  return sizeof(*this) + index_.byte_size() + globals_.byte_size() + vocabulary_.byte_size() +
         (text_table_ ? text_table_->byte_size() : 0);
}

}  // namespace sextant::persist
