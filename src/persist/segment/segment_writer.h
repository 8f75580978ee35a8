// Writes a segment: stripes as rows come, then dictionaries, runs, index, names and footer.
#pragma once

#include <memory>
#include <span>
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
  Effort effort = Effort::kNone;
};

/// Thread-confined. The file is whole, synced and closed after finish(); it is the caller who gives it its name.
///
///   auto writer = TRY(SegmentWriter::create(files, path, info, settings));
///   RowSource source(batch, writer->tables());
///   for each trace, by (start, id): { TRY(writer->add_rows(source, rows)); writer->end_trace(run); }
///   const SegmentInfo info = TRY(writer->finish());
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
  /// Rows of one trace, by their start; those of one trace may come from several sources, one after the other.
  Result<void> add_rows(RowSource& source, std::span<const uint32_t> rows);
  /// All rows of the trace were added. Requires: traces ascend by (last start of the history, trace id).
  void end_trace(const RunPart& run);
  void end_trace(const RunLine& run);
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
