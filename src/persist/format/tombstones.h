// Which traces were deleted, and up to which batch. A tombstone hides what heads and segments hold of its trace until
// sealing and merging have left that out. See docs/adr/019-deletion.md; the file is drawn in docs/formats/deleted.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/ids.h"

namespace sextant::persist {

/// How their file begins.
inline constexpr std::string_view kTombstonesMark = "deleted traces, format ";

/// Value.
struct Tombstone {
  data::TraceId trace_id;
  uint64_t sequence = 0;  // of the last batch of which the trace's spans are deleted; what came later is not
  UnixNanos deleted_at = 0;
};

/// Value; at most one tombstone a trace.
class Tombstones {
 public:
  struct Decoded;

  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  const std::vector<Tombstone>& list() const { return list_; }  // by trace id

  /// The last sequence up to which spans of the trace are deleted; 0: none are.
  uint64_t deleted_up_to(const data::TraceId& id) const {
    const Tombstone* found = find(id);
    return found == nullptr ? 0 : found->sequence;
  }
  /// True when the spans of the trace in a batch with this sequence are deleted, or in a segment with this last
  /// sequence. Invariant: where a segment's last sequence is beyond the tombstone's, none of its spans of the trace
  /// are, since those that were had been left out when it was made.
  bool cover(const data::TraceId& id, uint64_t last_sequence) const {
    const Tombstone* found = find(id);
    return found != nullptr && last_sequence <= found->sequence;
  }
  /// The largest sequence of all; 0: there are none.
  uint64_t last_sequence() const;
  /// When the oldest was made; UINT64_MAX: there are none.
  UnixNanos oldest() const;

  /// In the place of one for the same trace.
  void add(const Tombstone& tombstone);
  /// Unless the trace was deleted again since.
  void remove(const Tombstone& tombstone);

  std::string encode() const;
  /// Takes every line that is whole. kUnsupported for another version.
  static Result<Decoded> decode(std::string_view text);

 private:
  const Tombstone* find(const data::TraceId& id) const;

  std::vector<Tombstone> list_;
};

/// What was read, and what of it could not be. Value.
struct Tombstones::Decoded {
  Tombstones tombstones;
  std::vector<std::string> damages;
};

}  // namespace sextant::persist
