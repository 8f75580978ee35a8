// Walks the frames of a segment from its start, over damage. Used to make an index again, and by `inspect`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "persist/segment/segment_format.h"

namespace sextant::persist {

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

/// `size` bytes at `offset`, fewer at the end of the file.
Result<std::string> read_exactly(const File& file, uint64_t offset, uint64_t size);

}  // namespace sextant::persist
