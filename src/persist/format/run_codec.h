// What a segment keeps of one run, as bytes and back. Format: docs/formats/segment.md, "Runs".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/model/run.h"
#include "persist/format/bytes.h"

namespace sextant::persist {

/// The part of a run that lies in one place (a segment, a head). Value.
struct RunPart {
  data::RunSummary summary;
  uint64_t last_sequence = 0;  // newest batch with spans of the run
  /// Sequences ascend, starts descend; the first entry is the batch that brought the run here. Never empty.
  std::vector<data::StartChange> starts;

  uint64_t first_sequence() const { return starts.front().sequence; }
};

/// Where the run started as things stood when `sequence` was stored; nothing when it was not there yet.
std::optional<UnixNanos> start_as_of(const std::vector<data::StartChange>& starts, uint64_t sequence);

/// Adds what a batch knows to a history. Requires: `sequence` is not below the last entry's.
void note_start(std::vector<data::StartChange>& starts, uint64_t sequence, UnixNanos start);

/// An encoded run, and where it stands in a list of runs. Lifetime: that of the bytes.
struct RunLine {
  data::TraceId trace_id;
  UnixNanos start = 0;  // its history's last: the earliest
  std::string_view bytes;
};
/// For those who hand runs on without reading them: nothing when `bytes` are not one run that decode_run() would take.
std::optional<RunLine> run_line(std::string_view bytes);

void encode_run(const RunPart& part, std::string& out);
/// Fails the reader when the bytes do not follow the format.
RunPart decode_run(ByteReader& in);

}  // namespace sextant::persist
