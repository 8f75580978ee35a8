#include "persist/segment/frame_walk.h"

#include <algorithm>

namespace sextant::persist {

Result<std::string> read_exactly(const File& file, uint64_t offset, uint64_t size) {
  // Without filling with zeros first. The callback is told a capacity, not the size that was asked for.
  std::string bytes;
  Result<size_t> read = size_t{0};
  bytes.resize_and_overwrite(size, [&](char* to, size_t) {
    read = file.read_at(offset, to, size);
    return read.value_or(0);
  });
  TRY(read);
  return bytes;
}

Result<std::optional<FrameWalk::Frame>> FrameWalk::next() {
  const uint64_t begin = offset_;
  for (; offset_ + kFrameHeaderBytes <= file_bytes_; offset_ += kFrameAlignment) {
    auto frame = TRY(frame_at(offset_));
    if (frame) {
      if (begin != offset_) damages_.push_back(fmt::format("no whole block at bytes {} to {}", begin, offset_));
      offset_ += frame->header.total_bytes();
      return frame;
    }
    if (TRY(is_footer(offset_))) break;
  }
  if (begin != offset_ && begin + kSegmentFooterBytes < file_bytes_) {
    damages_.push_back(fmt::format("no whole block at bytes {} to {}", begin, std::min(offset_, file_bytes_)));
  }
  offset_ = file_bytes_;
  return std::nullopt;
}

Result<bool> FrameWalk::is_footer(uint64_t offset) {
  if (offset + kSegmentFooterBytes != file_bytes_) return false;
  return decode_segment_footer(TRY(read_exactly(file_, offset, kSegmentFooterBytes))).has_value();
}

Result<std::optional<FrameWalk::Frame>> FrameWalk::frame_at(uint64_t offset) {
  const auto header = decode_frame_header(TRY(read_exactly(file_, offset, kFrameHeaderBytes)));
  if (!header || header->stored_bytes > file_bytes_ - offset - kFrameHeaderBytes) return std::nullopt;
  if (file_id_ != 0 && header->file_id != file_id_) return std::nullopt;
  const std::string bytes = TRY(read_exactly(file_, offset, kFrameHeaderBytes + header->stored_bytes));
  Result<std::string> raw = decode_frame(bytes, header->kind, header->file_id, offset);
  if (!raw) return std::nullopt;
  return Frame{offset, *header, std::move(*raw)};
}

}  // namespace sextant::persist
