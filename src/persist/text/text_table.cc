#include "persist/text/text_table.h"

#include <algorithm>
#include <array>

#include "persist/text/table_codec.h"

namespace sextant::persist {
namespace {

std::unexpected<Error> piece_outside(const TextPiece& piece, uint64_t block_bytes) {
  return fail(ErrorCode::kDataLoss, "text block {} has {} bytes, a piece ends at {}", piece.block, block_bytes,
              static_cast<uint64_t>(piece.offset) + piece.bytes);
}

/// The blocks of one answer. A text's pieces alternate between few blocks, so the last ones are kept.
/// Thread-confined.
class RecentBlocks {
 public:
  explicit RecentBlocks(const ReadTextBlock& read) : read_(read) {}

  Result<std::string_view> block(uint32_t number) {
    Slot& slot = slots_[number % slots_.size()];
    if (slot.bytes == nullptr || slot.block != number) {
      slot.bytes = TRY(read_(number));
      slot.block = number;
      if (slot.bytes == nullptr) return fail(ErrorCode::kInternal, "no text block {}", number);
    }
    return std::string_view(*slot.bytes);
  }

 private:
  struct Slot {
    uint32_t block = 0;
    std::shared_ptr<const std::string> bytes;
  };
  const ReadTextBlock& read_;
  std::array<Slot, 8> slots_;
};

}  // namespace

Result<TextTable> TextTable::decode(std::string_view bytes, uint32_t block_count) {
  const TableColumns columns = TRY(decode_table_columns(bytes));
  if (columns.block_ends.size() != block_count) {
    return fail(ErrorCode::kDataLoss, "text table of {} blocks, there are {}", columns.block_ends.size(), block_count);
  }
  TextTable table;
  table.block_count_ = block_count;
  TRY(table.place_pieces(columns));
  TRY(table.grow_nodes(columns));
  return table;
}

Result<void> TextTable::place_pieces(const TableColumns& columns) {
  pieces_.reserve(columns.piece_bytes.size());
  block_bytes_.reserve(block_count_);
  for (uint32_t block = 0; block < block_count_; ++block) {
    uint64_t offset = 0;
    for (uint32_t i = static_cast<uint32_t>(pieces_.size()); i < columns.block_ends[block]; ++i) {
      const uint32_t size = columns.piece_bytes[i];
      pieces_.push_back({block, static_cast<uint32_t>(offset), size});
      offset += size;
      if (offset > kTextBlockBytesMax) return fail(ErrorCode::kDataLoss, "text block {} is too long", block);
    }
    block_bytes_.push_back(static_cast<uint32_t>(offset));
  }
  return {};
}

Result<void> TextTable::grow_nodes(const TableColumns& columns) {
  const size_t count = columns.parents.size();
  nodes_.reserve(count + 1);
  std::vector<uint32_t> depths(count + 1);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t parent = columns.parents[i];
    const uint32_t piece = columns.node_pieces[i];
    if (parent > i || piece >= pieces_.size()) return fail(ErrorCode::kDataLoss, "text {} is of nothing", i + 1);
    const uint64_t size = uint64_t{nodes_[parent].text_bytes} + pieces_[piece].bytes;
    depths[i + 1] = depths[parent] + 1;
    if (size > kTextBytesMax || depths[i + 1] > kTextPiecesMax) {
      return fail(ErrorCode::kDataLoss, "text {} of {} pieces and {} bytes", i + 1, depths[i + 1], size);
    }
    nodes_.push_back({parent, piece, static_cast<uint32_t>(size)});
  }
  return {};
}

Result<std::string> TextTable::text(TextId id, const ReadTextBlock& read) const {
  RecentBlocks blocks(read);
  return prefix(id, text_bytes(id), [&](uint32_t number, uint64_t) { return blocks.block(number); });
}

Result<std::string> TextTable::prefix(TextId id, uint64_t bytes, const ReadTextBlockBeginning& read) const {
  std::string out(std::min(bytes, text_bytes(id)), '\0');
  for (; id != kEmptyText; id = parent(id)) {
    const uint64_t begin = text_bytes(parent(id));
    if (begin >= out.size()) continue;
    const TextPiece& piece = pieces_[last_piece(id)];
    const uint64_t wanted = std::min<uint64_t>(piece.bytes, out.size() - begin);
    const std::string_view block = TRY(read(piece.block, piece.offset + wanted));
    if (block.size() < piece.offset + wanted) return piece_outside(piece, block.size());
    block.substr(piece.offset, wanted).copy(out.data() + begin, wanted);
  }
  return out;
}

void TextTable::pieces(TextId id, std::vector<TextPiece>& out) const {
  out.clear();
  for (; id != kEmptyText; id = parent(id)) out.push_back(pieces_[last_piece(id)]);
  std::reverse(out.begin(), out.end());
}

uint64_t TextTable::byte_size() const {
  return nodes_.capacity() * sizeof(Node) + pieces_.capacity() * sizeof(TextPiece) +
         block_bytes_.capacity() * sizeof(uint32_t);
}

}  // namespace sextant::persist
