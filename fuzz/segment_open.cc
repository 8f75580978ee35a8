// Any bytes as a segment, and as each of the pieces that a segment is made of.
#include <string>

#include "fuzz/store_check.h"
#include "persist/format/names_table.h"
#include "persist/inspect/inspect.h"
#include "persist/segment/segment.h"

namespace {

using namespace sextant;
using namespace sextant::persist;

const std::string kName = "0000000000000001-0000000000000002-20260101T000000-20260101T000001.segment";

void read_all(std::string_view bytes) {
  fuzz::BytesFiles files(bytes);
  MemoryLedger ledger(1ULL << 30);
  SliceCache cache(64ULL << 20, ledger);
  const auto segment = Segment::open(files, kName, kName, ledger, cache);
  if (!segment) return;
  const auto contents = (*segment)->contents();
  if (!contents) return;
  const SegmentIndex& index = (*contents)->index();
  for (const BlockEntry& block : index.blocks) (void)(*segment)->read_block(**contents, block);
  for (uint32_t chunk = 0; chunk < Segment::chunk_count(index); ++chunk) (void)(*segment)->read_runs(index, chunk);
  (void)(*segment)->read_names();
}

/// The input as one piece of each kind, whole and with right checksums, in a segment without footer.
std::string segment_around(std::string_view input) {
  SegmentInfo info;
  info.file_id = 7;
  std::string bytes;
  encode_segment_header(info, bytes);
  for (uint32_t number = 1; number <= kFrameKindLast; ++number) {
    const auto kind = static_cast<FrameKind>(number);
    if (kind == FrameKind::kIndex) info.index_offset = bytes.size();
    if (kind == FrameKind::kNames) info.names_offset = bytes.size();
    (void)encode_frame(kind, info.file_id, bytes.size(), is_mirrored(kind) ? 0 : 1, input, Effort::kSmall, bytes);
  }
  encode_segment_footer(info, bytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_all(input);
  const std::string around = segment_around(input);
  read_all(around);
  (void)SegmentIndex::decode(input, 1ULL << 40);
  (void)NamesTable::decode(input);
  fuzz::BytesFiles files(around);
  (void)inspect_file(files, kName, InspectDetail::kSpans, [](std::string_view) {});
  return 0;
}
