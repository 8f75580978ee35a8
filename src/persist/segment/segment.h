// An immutable segment that is read: its footer when the store opens, its index at the first question, blocks as they
// are asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/core/guarded.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/sys/files.h"
#include "data/model/batch.h"
#include "persist/segment/segment_format.h"
#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// Internally locked. What is damaged is named by errors of class kDataLoss; an index, run list or names table that is
/// damaged is made again from the blocks, and SegmentIndex::damages says so.
class Segment {
 public:
  /// Reads header and footer. kUnsupported for another version. A damaged footer is no error: what it would say is
  /// taken from the header, the file's name and the blocks.
  static Result<std::shared_ptr<Segment>> open(Files& files, const std::string& path, const std::string& name,
                                               MemoryLedger& ledger);

  const SegmentInfo& info() const { return info_; }
  const std::string& path() const { return path_; }
  uint64_t file_bytes() const { return file_bytes_; }

  /// The index, read at the first call. Errors: the operating system's.
  Result<std::shared_ptr<const SegmentIndex>> index();
  /// Rows of the trace: nothing when it is not here. More than one entry only where two ids share a hash.
  static std::vector<TraceEntry> find(const SegmentIndex& index, const data::TraceId& id);

  Result<data::Batch> read_block(const BlockEntry& block) const;
  /// The runs of chunk number `chunk`. A damaged one makes the index again: call index() anew after kDataLoss.
  Result<std::vector<RunPart>> read_runs(const SegmentIndex& index, uint32_t chunk);
  /// Number of chunks, and the chunk that holds a run.
  static uint32_t chunk_count(const SegmentIndex& index);
  static uint32_t chunk_of(const SegmentIndex& index, uint32_t run);
  Result<NamesTable> read_names();

  /// Reads every frame: what does not match, in words. For `inspect` and after a start on suspicious ground.
  Result<std::vector<std::string>> verify();

 private:
  struct Loaded {
    std::shared_ptr<const SegmentIndex> index;
    LedgerHold hold;
  };
  Segment(std::unique_ptr<File> file, std::string path, MemoryLedger& ledger)
      : file_(std::move(file)), path_(std::move(path)), ledger_(ledger) {}
  Result<void> read_ends(const std::string& name);
  Result<std::string> read_frame(uint64_t offset, uint64_t frame_bytes, FrameKind kind) const;
  Result<SegmentIndex> load_index();
  Result<std::shared_ptr<const SegmentIndex>> rebuild(const std::string& reason);
  Result<std::shared_ptr<const SegmentIndex>> keep(SegmentIndex index);

  std::unique_ptr<File> file_;
  const std::string path_;
  MemoryLedger& ledger_;
  SegmentInfo info_;
  uint64_t file_bytes_ = 0;
  std::string footer_damage_;  // why the footer is not believed; empty: it is
  Guarded<Loaded> loaded_;
};

/// Walks the frames of a segment from its start, over damage. Used to make an index again, and by `inspect`.
/// Thread-confined. Lifetime: not longer than the file.
class FrameWalk {
 public:
  FrameWalk(const File& file, uint64_t file_bytes, uint64_t file_id)
      : file_(file), file_bytes_(file_bytes), file_id_(file_id) {}

  struct Frame {
    uint64_t offset = 0;
    FrameHeader header;
    std::string raw;  // unfolded
  };
  /// The next whole frame; nothing at the end.
  Result<std::optional<Frame>> next();
  /// Stretches that hold no whole frame, in words.
  const std::vector<std::string>& damages() const { return damages_; }

 private:
  Result<std::optional<Frame>> frame_at(uint64_t offset);
  Result<bool> is_footer(uint64_t offset);
  const File& file_;
  const uint64_t file_bytes_;
  const uint64_t file_id_;
  uint64_t offset_ = kSegmentHeaderBytes;
  std::vector<std::string> damages_;
};

}  // namespace sextant::persist
