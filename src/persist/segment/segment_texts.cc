#include "persist/segment/segment_texts.h"

namespace sextant::persist {
namespace {

/// Raw bytes of blocks that stay open for more. They are out of the ledger's sight; a trace's texts of one kind lie
/// together, so that it needs one or two blocks of each kind at a time.
constexpr uint64_t kOpenBytesMax = 4ULL << 20;

}  // namespace

Result<std::string> SegmentTexts::text(uint32_t id, uint64_t bytes_max) {
  const TextTable& table = *contents_.text_table();
  if (table.text_bytes(id) <= bytes_max) return table.text(id, [this](uint32_t block) { return whole(block); });
  return table.prefix(id, bytes_max, [this](uint32_t block, uint64_t bytes) { return beginning(block, bytes); });
}

Result<std::shared_ptr<const std::string>> SegmentTexts::whole(uint32_t block) {
  const uint64_t bytes = contents_.text_table()->block_bytes(block);
  if (auto known = contents_.known_text_block(block, bytes)) return known;
  unfolded_ += bytes;
  return contents_.text_block(block);
}

Result<std::string_view> SegmentTexts::beginning(uint32_t block, uint64_t bytes) {
  auto open = open_.find(block);
  if (open == open_.end()) {
    if ((last_ = contents_.known_text_block(block, bytes))) return std::string_view(*last_);
    if (contents_.keeps_beginning(block)) {
      // Asked for again, and further: it is worth being kept whole.
      last_ = TRY(whole(block));
      return std::string_view(*last_);
    }
    if (open_bytes_ > kOpenBytesMax) keep_open_blocks();
    open = open_.emplace(block, TRY(contents_.open_text_block(block))).first;
    open_bytes_ += contents_.text_table()->block_bytes(block);
  }
  TextBlockReader& reader = *open->second;
  const uint64_t before = reader.unfolded_bytes();
  const std::string_view raw = TRY(reader.beginning(bytes));
  unfolded_ += reader.unfolded_bytes() - before;
  return raw;
}

void SegmentTexts::keep_open_blocks() {
  for (auto& [number, reader] : open_) contents_.keep_beginning(number, reader->take());
  open_.clear();
  open_bytes_ = 0;
}

}  // namespace sextant::persist
