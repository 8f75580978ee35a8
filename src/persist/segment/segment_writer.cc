#include "persist/segment/segment_writer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/core/check.h"
#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"
#include "persist/segment/segment_names.h"
#include "persist/stripe/column_dictionary.h"
#include "persist/stripe/limits.h"
#include "persist/stripe/stripe_writer.h"
#include "persist/text/text_writer.h"

namespace sextant::persist {
namespace {

/// Bytes that are gathered before they are written.
constexpr size_t kWriteBytes = 256 << 10;
/// Bytes after which a section of dictionaries or filters ends: one is read to look a value up.
constexpr size_t kColumnsBytesTarget = 32 << 10;
/// Rows that are added between two looks at the stripe's size.
constexpr size_t kRowsAtOnce = 256;

}  // namespace

/// Thread-confined. Stays where it is: the text writer calls back.
class SegmentWriter::State {
 public:
  State(std::unique_ptr<File> file, const SegmentInfo& info, const SegmentWriterSettings& settings)
      : settings_(settings),
        file_(std::move(file)),
        info_(info),
        texts_({.keeps_ends = settings.effort == Effort::kSmall},
               [this](std::string_view raw) { return write_text_block(raw); }),
        tables_(texts_),
        stripe_(tables_, settings.effort) {
    info_.version = kFormatVersion;
    encode_segment_header(info_, buffer_);
    offset_ = buffer_.size();
  }

  void use_vocabulary(TextVocabulary&& vocabulary) {
    vocabulary_ = std::move(vocabulary);
    vocabulary_learned_ = true;
  }
  SegmentTables& tables() { return tables_; }

  Result<void> add_rows(RowSource& source, std::span<const uint32_t> rows) {
    while (!rows.empty()) {
      const size_t count = std::min<size_t>({rows.size(), settings_.stripe_rows - stripe_.rows(), kRowsAtOnce});
      TRY(stripe_.add_rows(source, rows.first(count)));
      index_.add_rows(source.batch().spans.trace_id[rows[0]], static_cast<uint32_t>(count));
      rows = rows.subspan(count);
      if (stripe_.rows() >= settings_.stripe_rows || stripe_.byte_size() >= kStripeBytesTarget) TRY(write_stripe());
    }
    return {};
  }

  SegmentIndexBuilder& index() { return index_; }

  Result<SegmentInfo> finish();
  uint64_t byte_size() const {
    return word_filter_.byte_size() + texts_.byte_size() + tables_.byte_size() + stripe_.byte_size() +
           index_.byte_size() + buffer_.capacity();
  }

 private:
  Result<void> write_stripe();
  Result<void> write_text_block(std::string_view raw);
  Result<void> write_sections();
  Result<void> add_section(FrameKind kind, std::string&& raw);
  Result<void> write_runs(std::vector<RunChunkEntry>& chunks);
  std::string dictionaries_section(size_t& next, const std::vector<uint32_t>& columns);
  Result<void> write_filters(const std::vector<uint32_t>& columns);
  Result<void> write_word_filter();
  uint32_t section_count(FrameKind kind) const;
  Result<void> write_frame(FrameKind kind, uint32_t rows, std::string_view raw);
  Result<void> write_buffered();
  ZoneInput zone_input() const;

  const SegmentWriterSettings settings_;
  std::unique_ptr<File> file_;
  SegmentInfo info_;
  TextWriter texts_;
  SegmentTables tables_;
  StripeWriter stripe_;
  SegmentIndexBuilder index_;
  OperationCounter operations_;
  TextVocabulary vocabulary_;
  bool vocabulary_learned_ = false;
  WordFilterWriter word_filter_;       // of all texts, where there is a vocabulary
  std::vector<std::string> mirrored_;  // content of the sections that are written twice
  uint64_t offset_ = 0;                // of the next frame
  std::string buffer_;                 // what stands before it and is not written yet
  std::string raw_;                    // kept from stripe to stripe
  std::string compressed_;             // kept from text block to text block
};

SegmentWriter::SegmentWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SegmentWriter::~SegmentWriter() = default;
void SegmentWriter::use_vocabulary(TextVocabulary&& vocabulary) {
  state_->use_vocabulary(std::move(vocabulary));
}
SegmentTables& SegmentWriter::tables() {
  return state_->tables();
}
Result<void> SegmentWriter::add_rows(RowSource& source, std::span<const uint32_t> rows) {
  return state_->add_rows(source, rows);
}
void SegmentWriter::end_trace(const RunPart& run) {
  state_->index().add_run(run);
}
void SegmentWriter::end_trace(const RunLine& run) {
  state_->index().add_run(run);
}
Result<SegmentInfo> SegmentWriter::finish() {
  return state_->finish();
}
uint64_t SegmentWriter::byte_size() const {
  return state_->byte_size();
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(Files& files, const std::string& path,
                                                             const SegmentInfo& info,
                                                             const SegmentWriterSettings& settings) {
  CHECK(settings.stripe_rows > 0 && settings.stripe_rows <= kBlockRowsMax);
  auto file = TRY(files.open(path, Files::Open::kCreate));
  auto state = std::make_unique<State>(std::move(file), info, settings);
  return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(state)));
}

Result<void> SegmentWriter::State::write_stripe() {
  BlockEntry block;
  block.rows = stripe_.rows();
  block.offset = offset_;
  // Before the rows are taken: the zone is made from them.
  const ZoneInput input = zone_input();
  operations_.count(stripe_);
  raw_.clear();
  std::vector<uint64_t> starts = stripe_.starts();
  std::vector<uint64_t> ends = stripe_.ends();
  stripe_.take(raw_, block.directory_bytes);
  block.stripe_bytes = raw_.size();
  TRY(write_frame(FrameKind::kStripe, block.rows, raw_));
  block.frame_bytes = offset_ - block.offset;
  ZoneInput with_times = input;
  with_times.starts = starts;
  with_times.ends = ends;
  index_.add_block(std::move(block), with_times);
  return {};
}

ZoneInput SegmentWriter::State::zone_input() const {
  ZoneInput input;
  for (const uint64_t kind : stripe_.kinds()) input.kinds.push_back(static_cast<int32_t>(unzigzag(kind)));
  for (const uint64_t status : stripe_.statuses()) input.statuses.push_back(static_cast<int32_t>(unzigzag(status)));
  input.resources.assign(stripe_.resources().begin(), stripe_.resources().end());
  input.names.assign(stripe_.names().begin(), stripe_.names().end());
  input.service_of = [this](uint32_t resource) { return service_of(tables_.globals(), resource); };
  // A name that is too long for the list of zones makes the stripe one that may have any.
  input.name_of = [this](uint32_t code) {
    const auto name = tables_.name_text(code);
    return name ? std::string(*name) : std::string(kZoneTextBytesMax + 1, ' ');
  };
  return input;
}

/// Where no words were given the first block's serve all of them. What is compressed fast does without.
Result<void> SegmentWriter::State::write_text_block(std::string_view raw) {
  if (!vocabulary_learned_ && settings_.effort == Effort::kSmall) {
    vocabulary_ = TextVocabulary::learn(std::span(&raw, 1));
    vocabulary_learned_ = true;
  }
  compressed_.clear();
  compress_text_block(raw, vocabulary_, settings_.effort, compressed_, &word_filter_);
  const uint64_t offset = offset_;
  const auto number = static_cast<uint32_t>(index_.index().text_blocks.size());
  TRY(write_frame(FrameKind::kTextBlock, number, compressed_));
  index_.index().text_blocks.push_back({offset, offset_ - offset});
  return {};
}

Result<SegmentInfo> SegmentWriter::State::finish() {
  if (stripe_.rows() > 0) TRY(write_stripe());
  TRY(texts_.finish());
  TRY(write_sections());
  std::vector<RunChunkEntry> chunks;
  TRY(write_runs(chunks));
  info_.rows = index_.rows();
  info_.start_min = index_.start_min();
  info_.end_max = index_.end_max();
  SegmentIndex index = index_.take_index();
  info_.runs = index.traces.size();
  index.chunks = std::move(chunks);
  raw_.clear();
  index.encode(raw_);
  info_.index_offset = offset_;
  TRY(write_frame(FrameKind::kIndex, 0, raw_));
  raw_.clear();
  names_of(tables_, operations_).encode(raw_);
  info_.names_offset = offset_;
  TRY(write_frame(FrameKind::kNames, 0, raw_));
  encode_segment_footer(info_, buffer_);
  offset_ += kSegmentFooterBytes;
  TRY(write_buffered());
  TRY(file_->sync());
  file_.reset();
  return info_;
}

/// All sections once, then all that are mirrored again: no place on the disk holds both copies of one.
Result<void> SegmentWriter::State::write_sections() {
  std::string raw;
  encode_batch(tables_.globals(), raw);
  TRY(add_section(FrameKind::kGlobals, std::move(raw)));
  std::vector<uint32_t> columns;
  for (uint32_t i = 0; i < tables_.dictionaries().column_count(); ++i) {
    if (tables_.dictionaries().column(i).has_slices) columns.push_back(i);
  }
  std::ranges::sort(columns, {}, [&](uint32_t column) { return tables_.dictionaries().column(column).id; });
  for (size_t next = 0; next < columns.size();) {
    TRY(add_section(FrameKind::kDictionaries, dictionaries_section(next, columns)));
  }
  TRY(write_filters(columns));
  if (texts_.block_count() > 0) {
    raw.clear();
    texts_.encode_table(raw);
    TRY(add_section(FrameKind::kTextTable, std::move(raw)));
    raw.clear();
    vocabulary_.encode(raw);
    TRY(add_section(FrameKind::kVocabulary, std::move(raw)));
    TRY(write_word_filter());
  }
  std::vector<SectionEntry>& sections = index_.index().sections;
  for (size_t i = 0; i < sections.size(); ++i) {
    if (!is_mirrored(sections[i].kind)) continue;
    const uint64_t offset = offset_;
    TRY(write_frame(sections[i].kind, sections[i].number, mirrored_[i]));
    sections[i].copies[1] = {offset, offset_ - offset};
  }
  mirrored_.clear();
  return {};
}

/// Dictionaries from columns[next] on until there are enough for a section.
std::string SegmentWriter::State::dictionaries_section(size_t& next, const std::vector<uint32_t>& columns) {
  const uint32_t number = section_count(FrameKind::kDictionaries);
  std::string raw;
  do {
    const ColumnDictionaries::Column& column = tables_.dictionaries().column(columns[next++]);
    std::string dictionary;
    ColumnDictionary::encode(column, tables_.values(), settings_.effort, dictionary);
    put_u8(raw, static_cast<uint8_t>(column.id.family));
    put_varint(raw, column.id.number);
    put_text(raw, dictionary);
    index_.index().dictionaries.push_back({column.id, number});
  } while (next < columns.size() && raw.size() < kColumnsBytesTarget);
  return raw;
}

/// Of every column that has values outside its dictionary and can be asked for, be there filters for them or not: what
/// is not listed may have any value.
Result<void> SegmentWriter::State::write_filters(const std::vector<uint32_t>& columns) {
  std::string raw;
  std::string filters;
  for (const uint32_t number : columns) {
    const ColumnDictionaries::Column& column = tables_.dictionaries().column(number);
    filters.clear();
    if (!ColumnFiltersWriter::is_filtered(column.id) || column.direct_count() == 0) continue;
    if (!tables_.dictionaries().filters().encode(column.id, filters)) continue;
    if (raw.size() >= kColumnsBytesTarget) TRY(add_section(FrameKind::kFilters, std::exchange(raw, {})));
    put_u8(raw, static_cast<uint8_t>(column.id.family));
    put_varint(raw, column.id.number);
    put_text(raw, filters);
    index_.index().filters.push_back({column.id, section_count(FrameKind::kFilters)});
  }
  return raw.empty() ? Result<void>{} : add_section(FrameKind::kFilters, std::move(raw));
}

Result<void> SegmentWriter::State::write_word_filter() {
  if (vocabulary_.empty()) return {};
  texts_.collect_words(word_filter_);
  std::string raw;
  return word_filter_.encode(raw) ? add_section(FrameKind::kWordFilter, std::move(raw)) : Result<void>{};
}

uint32_t SegmentWriter::State::section_count(FrameKind kind) const {
  return static_cast<uint32_t>(std::ranges::count(index_.index().sections, kind, &SectionEntry::kind));
}

Result<void> SegmentWriter::State::add_section(FrameKind kind, std::string&& raw) {
  std::vector<SectionEntry>& sections = index_.index().sections;
  SectionEntry entry;
  entry.kind = kind;
  entry.number = section_count(kind);
  const uint64_t offset = offset_;
  TRY(write_frame(kind, entry.number, raw));
  entry.copies[0] = {offset, offset_ - offset};
  sections.push_back(entry);
  mirrored_.push_back(std::move(raw));
  return {};
}

Result<void> SegmentWriter::State::write_runs(std::vector<RunChunkEntry>& chunks) {
  const auto& runs = index_.sorted_runs();
  for (uint32_t begin = 0; begin < runs.size();) {
    // Their sizes first, so that one is found without reading the others.
    raw_.clear();
    uint32_t end = begin;
    for (uint64_t bytes = 0; end < runs.size() && end - begin < kRunChunkRuns && bytes < kRunChunkBytesTarget; ++end) {
      put_varint(raw_, runs[end].size);
      bytes += runs[end].size;
    }
    for (uint32_t run = begin; run < end; ++run) raw_.append(index_.run_bytes(runs[run]));
    const uint64_t offset = offset_;
    TRY(write_frame(FrameKind::kRuns, end - begin, raw_));
    chunks.push_back({offset, offset_ - offset, begin, end - begin, runs[begin].start});
    begin = end;
  }
  return {};
}

Result<void> SegmentWriter::State::write_frame(FrameKind kind, uint32_t rows, std::string_view raw) {
  const size_t before = buffer_.size();
  TRY(encode_frame(kind, info_.file_id, offset_, rows, raw, settings_.effort, buffer_));
  offset_ += buffer_.size() - before;
  return buffer_.size() >= kWriteBytes ? write_buffered() : Result<void>{};
}

Result<void> SegmentWriter::State::write_buffered() {
  const uint64_t begin = offset_ - buffer_.size();
  TRY(file_->write_at(begin, buffer_));
  buffer_.clear();
  return {};
}

}  // namespace sextant::persist
