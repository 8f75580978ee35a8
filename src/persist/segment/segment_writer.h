// Writes a segment: stripes as rows come, then dictionaries, runs, index, names and footer.
#pragma once

#include <memory>
#include <string>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "persist/segment/segment_format.h"
#include "persist/segment/segment_index.h"
#include "persist/stripe/segment_tables.h"
#include "persist/text/block_codec.h"

namespace sextant::persist {

struct SegmentWriterSettings {
  uint32_t stripe_rows = 8192;  // at most kBlockRowsMax
  TextEffort effort = TextEffort::kNone;
};

/// Thread-confined. The file is whole, synced and closed after finish(); it is the caller who gives it its name.
///
///   auto writer = TRY(SegmentWriter::create(files, path, info, settings));
///   RowSource source(batch, writer->tables());
///   for each trace, by (start, id): { for each of its rows, by start: writer->add_row(source, row);
///   writer->end_trace(run); } const SegmentInfo info = TRY(writer->finish());
class SegmentWriter {
 public:
  /// Makes the file `path`, which must not exist. `info`: what is known before the spans.
  static Result<std::unique_ptr<SegmentWriter>> create(Files& files, const std::string& path, const SegmentInfo& info,
                                                       const SegmentWriterSettings& settings);
  ~SegmentWriter();

  /// Words for the texts, learned before from texts of the same kind. Without, those of the first block serve.
  void use_vocabulary(TextVocabulary&& vocabulary);
  /// What rows and their sources share.
  SegmentTables& tables();
  Result<void> add_row(RowSource& source, uint32_t row);
  /// All rows of the trace were added. Requires: traces ascend by (run.starts.back().start, trace id).
  Result<void> end_trace(RunPart&& run);
  /// Returns what the footer says.
  Result<SegmentInfo> finish();

  /// Memory held, for the ledger.
  uint64_t byte_size() const;

 private:
  class State;
  explicit SegmentWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sextant::persist
