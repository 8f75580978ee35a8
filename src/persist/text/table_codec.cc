#include "persist/text/table_codec.h"

#include <zstd.h>

#include "base/core/check.h"
#include "persist/format/bytes.h"
#include "persist/text/limits.h"

namespace sextant::persist {
namespace {

constexpr uint8_t kTableVersion = 0;
constexpr int kTableLevel = 3;

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a text table does not follow the format");
}

/// The number of a piece against the next one that no node has had: most nodes add just that.
class NextPiece {
 public:
  int64_t difference(uint32_t piece) {
    const int64_t out = static_cast<int64_t>(piece) - static_cast<int64_t>(next_);
    if (piece >= next_) next_ = uint64_t{piece} + 1;
    return out;
  }
  /// UINT32_MAX when there is no such piece.
  uint32_t piece(int64_t difference) {
    const int64_t piece = static_cast<int64_t>(next_) + difference;
    if (difference > UINT32_MAX || piece < 0 || piece >= UINT32_MAX) return UINT32_MAX;
    if (static_cast<uint64_t>(piece) >= next_) next_ = static_cast<uint64_t>(piece) + 1;
    return static_cast<uint32_t>(piece);
  }

 private:
  uint64_t next_ = 0;
};

Result<TableColumns> read_columns(std::string_view raw) {
  ByteReader reader(raw);
  const uint64_t blocks = reader.count(1, kTextBlocksMax);
  const uint64_t pieces = reader.count(1, kTextPiecesTotalMax);
  const uint64_t nodes = reader.count(2, kTextNodesMax);
  if (reader.failed()) return damaged();
  TableColumns columns;
  uint64_t end = 0;
  for (uint64_t i = 0; i < blocks; ++i) {
    end += reader.varint_max(pieces - end);
    columns.block_ends.push_back(static_cast<uint32_t>(end));
  }
  if (reader.failed() || end != pieces) return damaged();
  for (uint64_t i = 0; i < pieces; ++i) {
    columns.piece_bytes.push_back(static_cast<uint32_t>(reader.varint_max(kTextBlockBytesMax - 1) + 1));
  }
  for (uint64_t i = 0; i < nodes; ++i) columns.parents.push_back(static_cast<uint32_t>(i - reader.varint_max(i)));
  NextPiece next;
  for (uint64_t i = 0; i < nodes; ++i) columns.node_pieces.push_back(next.piece(unzigzag(reader.varint())));
  if (reader.failed() || !reader.at_end()) return damaged();
  return columns;
}

}  // namespace

void encode_table_columns(const TableColumns& columns, std::string& out) {
  std::string raw;
  put_varint(raw, columns.block_ends.size());
  put_varint(raw, columns.piece_bytes.size());
  put_varint(raw, columns.parents.size());
  uint32_t begin = 0;
  for (const uint32_t end : columns.block_ends) {
    put_varint(raw, end - begin);
    begin = end;
  }
  for (const uint32_t size : columns.piece_bytes) put_varint(raw, size - 1);
  for (size_t i = 0; i < columns.parents.size(); ++i) put_varint(raw, i - columns.parents[i]);
  NextPiece next;
  for (const uint32_t piece : columns.node_pieces) put_varint(raw, zigzag(next.difference(piece)));
  put_u8(out, kTableVersion);
  put_varint(out, raw.size());
  const size_t head = out.size();
  out.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress(out.data() + head, out.size() - head, raw.data(), raw.size(), kTableLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(head + size);
}

Result<TableColumns> decode_table_columns(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.u8();
  const uint64_t raw_bytes = reader.varint_max(kTextTableBytesMax);
  if (reader.failed() || version != kTableVersion) return damaged();
  const std::string_view packed = reader.bytes(reader.left());
  // Before memory is taken: the length must be the one that the frame itself claims.
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != raw_bytes) return damaged();
  std::string raw(raw_bytes, '\0');
  if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != raw_bytes) return damaged();
  return read_columns(raw);
}

}  // namespace sextant::persist
