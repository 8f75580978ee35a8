// An immutable segment that is read: its footer when the store opens, its index at the first question, stripes as they
// are asked for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/core/guarded.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/sys/files.h"
#include "data/model/batch.h"
#include "persist/segment/common_traces.h"
#include "persist/segment/segment_format.h"
#include "persist/segment/segment_index.h"
#include "persist/segment/slice_cache.h"
#include "persist/stripe/column_filter.h"
#include "persist/stripe/stripe_reader.h"
#include "persist/text/block_codec.h"
#include "persist/text/text_table.h"

namespace sextant::persist {

class Segment;

/// What a segment's stripes need of it, in memory: index, keys, shapes, resources, scopes; texts and dictionaries when
/// they are asked for. Immutable but for what is loaded later, which is internally locked. Lifetime: the segment's.
class SegmentContents final : public StripeContext {
 public:
  SegmentContents(Segment& segment, SegmentIndex&& index) : index_(std::move(index)), segment_(segment) {}

  const SegmentIndex& index() const { return index_; }
  const data::Batch& globals() const override { return globals_; }
  Result<std::shared_ptr<const ColumnDictionary>> dictionary(ColumnId id) override;
  uint32_t text_count() const override { return text_table_ ? text_table_->text_count() : 0; }
  std::unique_ptr<TextReading> read_texts() override;
  /// A text put together. Requires: id < text_count().
  Result<std::string> text(uint32_t id);
  /// What stripes keep themselves of a column: nullptr when that is not known, for whatever reason. Errors: those of
  /// the operating system; damage is reported.
  Result<std::shared_ptr<const ColumnFilters>> filters(ColumnId id);
  /// False when no long value of the segment contains these bytes. Errors as of filters().
  Result<bool> texts_may_contain(std::string_view bytes);
  /// nullptr: the segment has no texts.
  const TextTable* text_table() const { return text_table_ ? &*text_table_ : nullptr; }
  /// For those who read many texts: a block, unfolded.
  Result<std::shared_ptr<const std::string>> text_block(uint32_t number);
  /// For those who need the beginnings of blocks only: at least the first `bytes`, where that is in memory, or null.
  std::shared_ptr<const std::string> known_text_block(uint32_t number, uint64_t bytes) const;
  /// A block that nothing was unfolded of.
  Result<std::unique_ptr<TextBlockReader>> open_text_block(uint32_t number) const;
  /// True when a beginning of the block was kept: not all that is needed of it, where known_text_block() gives none.
  bool keeps_beginning(uint32_t number) const;
  void keep_beginning(uint32_t number, std::string&& raw) const;
  /// True when the segment may have values in the column; false is certain.
  bool has_column(ColumnId id) const { return find_dictionary(id) != nullptr; }
  /// True when it has values in slices of the column itself, not only among those of rare keys.
  bool has_own_column(ColumnId id) const;
  uint64_t byte_size() const;

 private:
  friend class Segment;
  /// Dictionaries that were written together, and where each of them stands.
  struct DictionarySection {
    struct Place {
      ColumnId id;
      uint32_t offset;
      uint32_t size;
    };
    std::string raw;
    std::vector<Place> places;  // by id
  };
  Result<std::shared_ptr<const DictionarySection>> dictionary_section(uint32_t number);
  Result<WordFilter> read_word_filter();
  Result<ColumnFilters> read_filters(ColumnId id, uint32_t section);
  /// The column's, or that of the rare keys of its family; nullptr when the segment has no values in the column.
  const ColumnSection* find_dictionary(ColumnId id) const;
  SegmentIndex index_;
  data::Batch globals_;
  std::optional<TextTable> text_table_;
  TextVocabulary vocabulary_;
  Segment& segment_;
};

/// How much of a stripe is read at once.
enum class StripeAccess : uint8_t {
  kWhole,   // for those who want rows
  kOnce,    // the same, not to be kept: for those who read everything
  kSlices,  // for those who want few columns
};

/// Internally locked. What is damaged is named by errors of class kDataLoss; an index, run list or names table that is
/// damaged is made again from the stripes, and SegmentIndex::damages says so.
class Segment {
 public:
  using OnDamage = std::function<void(const std::string& reason)>;
  /// Reads header and footer. kUnsupported for another version. A damaged footer is no error: what it would say is
  /// taken from the header, the file's name and the stripes. `on_damage`, which may be empty, is told of copies that
  /// cannot be read though the other one can. Lifetime: ledger and cache outlive the segment.
  static Result<std::shared_ptr<Segment>> open(Files& files, const std::string& path, const std::string& name,
                                               MemoryLedger& ledger, SliceCache& cache, OnDamage on_damage = {});
  ~Segment();

  const SegmentInfo& info() const { return info_; }
  const std::string& path() const { return path_; }
  uint64_t file_bytes() const { return file_bytes_; }

  /// Index and tables, read at the first call. Errors: the operating system's.
  Result<std::shared_ptr<SegmentContents>> contents();
  /// The index alone.
  Result<std::shared_ptr<const SegmentIndex>> index();
  /// Rows of the trace: nothing when it is not here. More than one entry only where two ids share a hash.
  static std::vector<TraceEntry> find(const SegmentIndex& index, const data::TraceId& id);

  /// What two segments may have in common, `a` being this one's. Kept as what is read of them is.
  std::shared_ptr<const CommonTraces> common_traces(const SegmentIndex& a, const Segment& other,
                                                    const SegmentIndex& b) const;

  Result<StripeReader> stripe(SegmentContents& contents, const BlockEntry& block, StripeAccess access) const;
  /// Appends rows of a stripe, which ascend, to a batch; `value_bytes_max`: see BatchTarget. Returns the bytes of
  /// blocks of texts that were unfolded for them.
  Result<uint64_t> read_rows(SegmentContents& contents, const BlockEntry& block, std::span<const uint32_t> rows,
                             data::Batch& out, uint64_t value_bytes_max = UINT64_MAX) const;
  /// All rows of a stripe.
  Result<data::Batch> read_block(SegmentContents& contents, const BlockEntry& block) const;

  /// One run by its place in the list. A damaged chunk makes the index again, as with read_runs().
  Result<RunPart> read_run(const SegmentIndex& index, uint32_t run);
  /// The runs of chunk number `chunk`. A damaged one makes the index again: call index() anew after kDataLoss.
  Result<std::vector<RunPart>> read_runs(const SegmentIndex& index, uint32_t chunk);
  /// The same runs as they lie there, for those who hand them on. Requires: the index was not made again.
  struct RunLines {
    std::shared_ptr<const std::string> bytes;
    std::vector<RunLine> runs;
  };
  Result<RunLines> read_run_lines(const SegmentIndex& index, uint32_t chunk);
  /// Number of chunks, and the chunk that holds a run.
  static uint32_t chunk_count(const SegmentIndex& index);
  static uint32_t chunk_of(const SegmentIndex& index, uint32_t run);
  Result<NamesTable> read_names();

  /// Reads every frame: what does not match, in words. For `inspect` and after a start on suspicious ground.
  Result<std::vector<std::string>> verify();

 private:
  friend class SegmentContents;
  struct Loaded {
    std::shared_ptr<SegmentContents> contents;
    LedgerHold hold;
  };
  Segment(std::unique_ptr<File> file, std::string path, MemoryLedger& ledger, SliceCache& cache, OnDamage on_damage)
      : file_(std::move(file)),
        path_(std::move(path)),
        ledger_(ledger),
        cache_(cache),
        on_damage_(std::move(on_damage)),
        owner_(cache.new_owner()) {}
  Result<void> read_ends(const std::string& name);
  uint64_t id_of_frame(std::string_view frame) const;
  Result<std::string> read_frame(uint64_t offset, uint64_t frame_bytes, FrameKind kind) const;
  template <typename T>
  Result<T> or_rebuild(Result<T> read);
  Result<std::shared_ptr<const std::string>> run_chunk(const RunChunkEntry& entry) const;
  Result<std::string> read_section(const SegmentIndex& index, FrameKind kind, uint32_t number) const;
  Result<SegmentIndex> load_index();
  Result<std::shared_ptr<SegmentContents>> load_contents(SegmentIndex&& index);
  Result<std::shared_ptr<SegmentContents>> rebuild(const std::string& reason);
  Result<SegmentIndex> collect_frames(const std::string& reason, std::vector<BlockEntry>& stripes);
  Result<std::shared_ptr<SegmentContents>> keep(std::shared_ptr<SegmentContents> contents);
  Result<SliceBytes> whole_stripe(const BlockEntry& block, StripeAccess access) const;
  Result<std::shared_ptr<const StripeDirectory>> directory(const BlockEntry& block, std::string_view whole) const;
  Result<SliceBytes> load_slice(const BlockEntry& block, const StripeDirectory::Slice& slice) const;

  std::unique_ptr<File> file_;
  const std::string path_;
  MemoryLedger& ledger_;
  SliceCache& cache_;
  const OnDamage on_damage_;
  const uint64_t owner_;
  SegmentInfo info_;
  uint64_t file_bytes_ = 0;
  std::string footer_damage_;  // why the footer is not believed; empty: it is
  Guarded<Loaded> loaded_;
};

}  // namespace sextant::persist
