// The texts of a segment as rows need them: whole, or their beginnings, for which blocks are unfolded only as far as
// the pieces reach that make them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "persist/segment/segment.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than the contents, which have texts if any is asked for.
class SegmentTexts final : public TextReading {
 public:
  explicit SegmentTexts(SegmentContents& contents) : contents_(contents) {}
  ~SegmentTexts() override { keep_open_blocks(); }
  SegmentTexts(const SegmentTexts&) = delete;
  SegmentTexts& operator=(const SegmentTexts&) = delete;

  uint64_t text_bytes(uint32_t id) const override { return contents_.text_table()->text_bytes(id); }
  Result<std::string> text(uint32_t id, uint64_t bytes_max) override;
  uint64_t unfolded_bytes() const override { return unfolded_; }

 private:
  Result<std::shared_ptr<const std::string>> whole(uint32_t block);
  Result<std::string_view> beginning(uint32_t block, uint64_t bytes);
  /// Lets others have what was unfolded.
  void keep_open_blocks();

  SegmentContents& contents_;
  std::unordered_map<uint32_t, std::unique_ptr<TextBlockReader>> open_;
  std::shared_ptr<const std::string> last_;  // was in memory, and is in use
  uint64_t open_bytes_ = 0;                  // raw, of open_
  uint64_t unfolded_ = 0;
};

}  // namespace sextant::persist
