// Several segments as one: traces that lie scattered come together, equal copies of a span become one, dictionaries and
// texts are shared by more rows.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/core/result.h"
#include "persist/format/tombstones.h"
#include "persist/segment/segment.h"
#include "persist/segment/segment_writer.h"

namespace sextant::persist {

/// Writes all rows of the inputs that were not deleted, each of which is let go of as soon as nothing more of it is
/// needed: where they follow each other in time, few of them are in memory at once. `between` is called after every few
/// thousand rows, with their number: other work of the thread is done there; an error ends the merge. kDataLoss when a
/// part of an input cannot be read: nothing of it is left out, the inputs stay. Thread-confined.
Result<SegmentInfo> merge_segments(std::vector<std::shared_ptr<Segment>>&& inputs, const Tombstones& deleted,
                                   SegmentWriter& writer, const std::function<Result<void>(uint64_t rows)>& between);

}  // namespace sextant::persist
