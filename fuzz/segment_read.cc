// Any bytes as a segment whose checksums are made right first: stripes, dictionaries, tables, texts, index and runs are
// reached with content that no writer makes, by way of every reader. segment_open has the checksums as they come.
#include <cstring>
#include <string>

#include "base/core/hash.h"
#include "fuzz/store_check.h"
#include "persist/format/checksum.h"
#include "persist/inspect/inspect.h"
#include "persist/segment/segment.h"

namespace {

using namespace sextant;
using namespace sextant::persist;

const std::string kName = "0000000000000001-0000000000000002-20260101T000000-20260101T000001.segment";
constexpr size_t kFrameChecksumOffset = 4;
constexpr size_t kFrameCheckedFrom = 8;
constexpr size_t kFrameStoredOffset = 32;
constexpr uint64_t kFileId = 7;

void put(std::string& bytes, size_t offset, const auto& number) {
  std::memcpy(bytes.data() + offset, &number, sizeof number);
}

/// The last four of `size` bytes at `begin` become the checksum of those before.
void mend_end(std::string& bytes, size_t begin, size_t size) {
  put(bytes, begin + size - 4, crc32c(std::string_view(bytes).substr(begin, size - 4)));
}

/// A frame at `offset`, and the directory in it; the offset of the next one.
size_t mend_frame(std::string& bytes, size_t offset, size_t end) {
  uint64_t stored = 0;
  std::memcpy(&stored, bytes.data() + offset + kFrameStoredOffset, sizeof stored);
  const size_t content = offset + kFrameHeaderBytes;
  if (stored > end - content) stored = end - content;
  put(bytes, offset + kFrameStoredOffset, stored);
  put(bytes, offset + kFrameCheckedFrom, kFileId);
  uint32_t kind = 0;
  std::memcpy(&kind, bytes.data() + offset + kFrameCheckedFrom + sizeof kFileId, sizeof kind);
  if (static_cast<FrameKind>(kind) == FrameKind::kStripe) {
    const uint64_t directory = StripeDirectory::measure(std::string_view(bytes).substr(content, stored));
    if (directory >= 4) mend_end(bytes, content, directory);
  }
  const std::string_view checked =
      std::string_view(bytes).substr(offset + kFrameCheckedFrom, kFrameHeaderBytes - kFrameCheckedFrom + stored);
  put(bytes, offset + kFrameChecksumOffset, checksum_at(kFileId, offset, checked));
  return offset + frame_bytes_of(stored);
}

std::string with_right_checksums(std::string_view input) {
  std::string bytes(input);
  put(bytes, 16, kFileId);
  mend_end(bytes, 0, kSegmentHeaderBytes);
  const size_t end = bytes.size() - kSegmentFooterBytes;
  put(bytes, end + 16, kFileId);
  mend_end(bytes, end, kSegmentFooterBytes);
  for (size_t offset = kSegmentHeaderBytes; offset + kFrameHeaderBytes <= end;) {
    uint32_t magic = 0;
    std::memcpy(&magic, bytes.data() + offset, sizeof magic);
    offset = magic == kFrameMagic ? mend_frame(bytes, offset, end) : offset + kFrameAlignment;
  }
  return bytes;
}

void read_all(std::string_view bytes) {
  fuzz::BytesFiles files(bytes);
  MemoryLedger ledger(1ULL << 30);
  SliceCache cache(64ULL << 20, ledger);
  const auto segment = Segment::open(files, kName, kName, ledger, cache);
  if (!segment) return;
  const auto contents = (*segment)->contents();
  if (!contents) return;
  const SegmentIndex& index = (*contents)->index();
  for (const BlockEntry& block : index.blocks) {
    (void)(*segment)->read_block(**contents, block);
    auto columns = (*segment)->stripe(**contents, block, StripeAccess::kSlices);
    if (!columns) continue;
    (void)columns->starts();
    (void)columns->ends();
    for (const StripeDirectory::Slice& slice : columns->directory().slices) {
      const ColumnFamily family = slice.id.family;
      const bool of_values = family == ColumnFamily::kSpanAttribute || family == ColumnFamily::kEventAttribute ||
                             family == ColumnFamily::kLinkAttribute;
      if (of_values) (void)columns->values(slice.id);
    }
  }
  for (const ColumnSection& entry : index.dictionaries) (void)(*contents)->dictionary(entry.id);
  for (const ColumnSection& entry : index.filters) {
    const auto filters = (*contents)->filters(entry.id);
    if (filters && *filters) (void)((*filters)->may_have(1) || (*filters)->stripe_may_have(0, 1));
  }
  (void)(*contents)->texts_may_contain(" word ");
  for (uint32_t chunk = 0; chunk < Segment::chunk_count(index); ++chunk) (void)(*segment)->read_runs(index, chunk);
  (void)(*segment)->read_names();
  (void)(*segment)->verify();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kSegmentHeaderBytes + kSegmentFooterBytes) return 0;
  const std::string bytes = with_right_checksums({reinterpret_cast<const char*>(data), size});
  read_all(bytes);
  fuzz::BytesFiles files(bytes);
  (void)inspect_file(files, kName, InspectDetail::kSpans, [](std::string_view) {});
  return 0;
}
