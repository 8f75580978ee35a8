// Writes a segment: blocks as they come, then runs, index, names and footer.
#pragma once

#include <memory>
#include <string>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "data/model/batch.h"
#include "persist/segment/segment_format.h"
#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// Thread-confined. The file is whole, synced and closed after finish(); it is the caller who gives it its name.
class SegmentWriter {
 public:
  /// Makes the file `path`, which must not exist. `info`: what is known before the spans.
  static Result<SegmentWriter> create(Files& files, const std::string& path, const SegmentInfo& info,
                                      RunHistoryLookup history);

  /// Rows of one trace stand together, also over the borders of blocks; the batch has at most kBlockRowsMax rows.
  Result<void> add_block(const data::Batch& batch);
  /// Returns what the footer says.
  Result<SegmentInfo> finish();

 private:
  SegmentWriter(std::unique_ptr<File> file, const SegmentInfo& info, RunHistoryLookup history);
  Result<void> write_frame(FrameKind kind, uint32_t rows, std::string_view raw);
  Result<void> write_runs(std::vector<RunChunkEntry>& chunks);
  Result<void> write_buffered();

  std::unique_ptr<File> file_;
  SegmentInfo info_;
  std::unique_ptr<SegmentIndexBuilder> builder_;
  uint64_t offset_ = 0;  // of the next frame
  std::string buffer_;   // what stands before it and is not written yet
  std::string raw_;      // kept from block to block
};

}  // namespace sextant::persist
