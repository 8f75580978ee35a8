// The texts of a segment for reading: each text is a node of a tree whose edges are pieces, so that the history of a
// conversation's turn is the node of the turn before and what is new. Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/text/limits.h"

namespace sextant::persist {

struct TableColumns;

/// Number of a text within its segment. 0 is the empty text.
using TextId = uint32_t;
inline constexpr TextId kEmptyText = 0;

/// A block of raw pieces by its number. The result is kept as long as it is used. Errors are handed up as they are.
using ReadTextBlock = std::function<Result<std::shared_ptr<const std::string>>(uint32_t block)>;

/// The same for one who needs at least the first `bytes` of it. Lifetime of the view: until the next call.
using ReadTextBlockBeginning = std::function<Result<std::string_view>(uint32_t block, uint64_t bytes)>;

/// Where a piece lies: bytes [offset, offset + bytes) of the raw block.
struct TextPiece {
  uint32_t block = 0;
  uint32_t offset = 0;
  uint32_t bytes = 0;
  bool operator==(const TextPiece&) const = default;
};

/// Immutable after construction.
class TextTable {
 public:
  /// From the bytes of TextWriter::encode_table(), which may be anything. kDataLoss when they do not follow the format
  /// or name other than `block_count` blocks.
  static Result<TextTable> decode(std::string_view bytes, uint32_t block_count);

  TextTable() = default;  // holds the empty text

  /// Ids are below this; each of them is a text, also those that are only the beginning of others.
  uint32_t text_count() const { return static_cast<uint32_t>(nodes_.size()); }
  uint32_t piece_count() const { return static_cast<uint32_t>(pieces_.size()); }
  uint32_t block_count() const { return block_count_; }
  /// Bytes of the text, at most kTextBytesMax. Requires, here and below: id < text_count().
  uint64_t text_bytes(TextId id) const { return nodes_[id].text_bytes; }
  /// Raw bytes of a block when it holds what the table says. Requires: block < block_count().
  uint64_t block_bytes(uint32_t block) const { return block_bytes_[block]; }

  /// The text, put together. Reads the blocks that hold it, each once or a few times. kDataLoss when a block is too
  /// short.
  Result<std::string> text(TextId id, const ReadTextBlock& read) const;
  /// The first `bytes` of the text, or all of it; reads only the blocks that hold them, and only as far.
  Result<std::string> prefix(TextId id, uint64_t bytes, const ReadTextBlockBeginning& read) const;
  /// Its pieces in order; replaces `out`.
  void pieces(TextId id, std::vector<TextPiece>& out) const;

  /// The text without its last piece, and that piece. Requires: id != kEmptyText.
  TextId parent(TextId id) const { return nodes_[id].parent; }
  uint32_t last_piece(TextId id) const { return nodes_[id].piece; }
  const TextPiece& piece(uint32_t index) const { return pieces_[index]; }

  /// Memory held, bytes.
  uint64_t byte_size() const;

 private:
  Result<void> place_pieces(const TableColumns& columns);
  Result<void> grow_nodes(const TableColumns& columns);
  struct Node {
    TextId parent = 0;
    uint32_t piece = 0;
    uint32_t text_bytes = 0;
  };
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<TextPiece> pieces_;
  std::vector<uint32_t> block_bytes_;
  uint32_t block_count_ = 0;
};

}  // namespace sextant::persist
