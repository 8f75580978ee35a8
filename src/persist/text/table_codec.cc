#include "persist/text/table_codec.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/core/check.h"
#include "persist/format/bytes.h"
#include "persist/text/limits.h"
#include "persist/text/prefix_code.h"

namespace sextant::persist {
namespace {

constexpr uint8_t kTableVersion = 0;

/// Each column has a prefix code of its own.
enum Column : size_t { kBlockSizes, kPieceSizes, kParents, kPieces, kColumns };
constexpr uint32_t kSymbols = 96;

/// How the piece of a node is named: the next new one, what a guess says, or how far back it lies.
constexpr uint32_t kNewPiece = 0;
constexpr uint32_t kFollower = 1;
constexpr uint32_t kNeighbour = 2;
constexpr uint32_t kRecentPiece = 3;
constexpr uint32_t kRecents = 24;  // numbers kept, of pieces and of parents
constexpr uint32_t kBackBits = kRecentPiece + kRecents;
constexpr uint32_t kFrontBits = kBackBits + 33;  // from the first piece on: what comes everywhere came early
static_assert(kFrontBits + 33 <= kSymbols);

/// How the parent of a node is named: the node before, the empty text, one used not long ago, or how far back.
constexpr uint32_t kLastNode = 0;
constexpr uint32_t kRoot = 1;
constexpr uint32_t kRecentParent = 2;
constexpr uint32_t kParentBits = kRecentParent + kRecents;
static_assert(kParentBits + 33 <= kSymbols);

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a text table does not follow the format");
}

/// The numbers named last, the newest first. Thread-confined.
class Recents {
 public:
  uint32_t at(uint32_t index) const { return numbers_[index]; }
  /// kRecents when it is not among them.
  uint32_t find(uint32_t number) const {
    return static_cast<uint32_t>(std::ranges::find(numbers_, number) - numbers_.begin());
  }
  void use(uint32_t number) {
    const auto place = numbers_.begin() + std::min(find(number), kRecents - 1);
    std::move_backward(numbers_.begin(), place, place + 1);
    numbers_.front() = number;
  }

 private:
  std::array<uint32_t, kRecents> numbers_{};
};

/// What a node's parent and piece are likely to be, from the nodes before. Writer and reader hold the same.
/// Thread-confined.
class Guesses {
 public:
  explicit Guesses(size_t pieces) : followers_(pieces + 1) {}

  uint32_t next_new() const { return next_new_; }
  /// `before`: the parent's piece, or the number of pieces for the root.
  uint32_t follower(uint32_t before) const { return followers_[before]; }
  const Recents& pieces() const { return pieces_; }
  const Recents& parents() const { return parents_; }
  void learn(uint32_t node, uint32_t parent, uint32_t before, uint32_t piece) {
    if (parent != 0 && parent + 1 != node) parents_.use(parent);
    followers_[before] = piece;
    if (piece == next_new_) {
      ++next_new_;
    } else {
      pieces_.use(piece);
    }
  }

 private:
  uint32_t next_new_ = 0;
  std::vector<uint32_t> followers_;
  Recents pieces_;
  Recents parents_;
};

/// A symbol and the bits behind it.
struct Coded {
  Column column;
  uint32_t symbol;
  uint32_t extra = 0;
  uint32_t extra_bits = 0;
};

/// A number by its length in bits; the highest bit goes without saying.
Coded by_bits(Column column, uint32_t first_symbol, uint32_t number) {
  const auto bits = static_cast<uint32_t>(std::bit_width(number));
  if (bits < 2) return {column, first_symbol + bits, 0, 0};
  return {column, first_symbol + bits, number & ~(1U << (bits - 1)), bits - 1};
}

uint32_t piece_before(const TableColumns& columns, uint32_t parent) {
  return parent == 0 ? static_cast<uint32_t>(columns.piece_bytes.size()) : columns.node_pieces[parent - 1];
}

Coded code_parent(uint32_t node, uint32_t parent, const Guesses& guesses) {
  if (parent + 1 == node) return {kParents, kLastNode};
  if (parent == 0) return {kParents, kRoot};
  const uint32_t recent = guesses.parents().find(parent);
  if (recent < kRecents) return {kParents, kRecentParent + recent};
  return by_bits(kParents, kParentBits, node - parent);
}

Coded code_piece(uint32_t piece, uint32_t before, const Guesses& guesses) {
  if (piece == guesses.next_new()) return {kPieces, kNewPiece};
  if (piece == guesses.follower(before)) return {kPieces, kFollower};
  if (piece == before + 1) return {kPieces, kNeighbour};
  const uint32_t recent = guesses.pieces().find(piece);
  if (recent < kRecents) return {kPieces, kRecentPiece + recent};
  const uint32_t back = guesses.next_new() - piece;
  return piece < back ? by_bits(kPieces, kFrontBits, piece) : by_bits(kPieces, kBackBits, back);
}

/// Calls `visit` with every symbol of the table in order.
template <typename Visit>
void visit_symbols(const TableColumns& columns, Visit visit) {
  uint32_t begin = 0;
  for (const uint32_t end : columns.block_ends) {
    visit(by_bits(kBlockSizes, 0, end - begin));
    begin = end;
  }
  for (const uint32_t size : columns.piece_bytes) visit(by_bits(kPieceSizes, 0, size));
  Guesses guesses(columns.piece_bytes.size());
  for (uint32_t i = 0; i < columns.parents.size(); ++i) {
    const uint32_t parent = columns.parents[i];
    const uint32_t before = piece_before(columns, parent);
    const uint32_t piece = columns.node_pieces[i];
    CHECK(piece <= guesses.next_new());
    visit(code_parent(i + 1, parent, guesses));
    visit(code_piece(piece, before, guesses));
    guesses.learn(i + 1, parent, before, piece);
  }
}

/// Reads symbols back. Thread-confined.
class SymbolReader {
 public:
  SymbolReader(std::array<PrefixCode, kColumns> codes, std::string_view bits) : codes_(std::move(codes)), in_(bits) {}

  uint32_t symbol(Column column) {
    const uint32_t symbol = codes_[column].take(in_);
    if (symbol == PrefixCode::kNone) failed_ = true;
    return symbol == PrefixCode::kNone ? 0 : symbol;
  }
  uint32_t number(Column column) { return bits_of(symbol(column)); }
  /// The number of this length.
  uint32_t bits_of(uint32_t bits) {
    if (bits > 32) failed_ = true;
    if (failed_ || bits < 2) return failed_ ? 0 : bits;
    return 1U << (bits - 1) | in_.take(bits - 1);
  }
  uint32_t parent(uint32_t node, const Guesses& guesses) {
    const uint32_t how = symbol(kParents);
    if (how == kLastNode) return node - 1;
    if (how == kRoot) return 0;
    if (how < kParentBits) return guesses.parents().at(how - kRecentParent);
    return node - bits_of(how - kParentBits);
  }
  uint32_t piece(uint32_t before, const Guesses& guesses) {
    const uint32_t how = symbol(kPieces);
    if (how == kNewPiece) return guesses.next_new();
    if (how == kFollower) return guesses.follower(before);
    if (how == kNeighbour) return before + 1;
    if (how < kBackBits) return guesses.pieces().at(how - kRecentPiece);
    if (how >= kFrontBits) return bits_of(how - kFrontBits);
    return guesses.next_new() - bits_of(how - kBackBits);
  }
  bool failed() const { return failed_ || in_.overrun(); }

 private:
  std::array<PrefixCode, kColumns> codes_;
  BitReader in_;
  bool failed_ = false;
};

Result<void> read_pieces(SymbolReader& in, uint64_t blocks, uint64_t pieces, TableColumns& columns) {
  uint64_t end = 0;
  for (uint64_t i = 0; i < blocks; ++i) {
    end += in.number(kBlockSizes);
    if (in.failed() || end > pieces) return damaged();
    columns.block_ends.push_back(static_cast<uint32_t>(end));
  }
  if (end != pieces) return damaged();
  for (uint64_t i = 0; i < pieces; ++i) {
    const uint32_t size = in.number(kPieceSizes);
    if (in.failed() || size == 0 || size > kTextBlockBytesMax) return damaged();
    columns.piece_bytes.push_back(size);
  }
  return {};
}

Result<void> read_nodes(SymbolReader& in, uint64_t nodes, TableColumns& columns) {
  const auto pieces = static_cast<uint32_t>(columns.piece_bytes.size());
  Guesses guesses(pieces);
  for (uint32_t i = 0; i < nodes; ++i) {
    const uint32_t parent = in.parent(i + 1, guesses);
    if (in.failed() || parent > i) return damaged();
    columns.parents.push_back(parent);
    const uint32_t before = piece_before(columns, parent);
    const uint32_t piece = in.piece(before, guesses);
    // A node names pieces that came before it, or the next one.
    if (in.failed() || piece >= pieces || piece > guesses.next_new()) return damaged();
    columns.node_pieces.push_back(piece);
    guesses.learn(i + 1, parent, before, piece);
  }
  return {};
}

}  // namespace

void encode_table_columns(const TableColumns& columns, std::string& out) {
  std::array<std::vector<uint32_t>, kColumns> counts;
  counts.fill(std::vector<uint32_t>(kSymbols));
  visit_symbols(columns, [&](const Coded& coded) { ++counts[coded.column][coded.symbol]; });
  put_u8(out, kTableVersion);
  put_varint(out, columns.block_ends.size());
  put_varint(out, columns.piece_bytes.size());
  put_varint(out, columns.parents.size());
  std::array<PrefixCode, kColumns> codes;
  for (size_t column = 0; column < kColumns; ++column) {
    std::vector<uint8_t> lengths = code_lengths(counts[column]);
    out.append(lengths.begin(), lengths.end());
    auto code = PrefixCode::make(std::move(lengths));
    CHECK(code);
    codes[column] = std::move(*code);
  }
  BitWriter bits(out);
  visit_symbols(columns, [&](const Coded& coded) {
    codes[coded.column].put(coded.symbol, bits);
    bits.put(coded.extra, coded.extra_bits);
  });
  bits.finish();
}

Result<TableColumns> decode_table_columns(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.u8();
  const uint64_t blocks = reader.varint_max(kTextBlocksMax);
  const uint64_t pieces = reader.varint_max(kTextPiecesTotalMax);
  const uint64_t nodes = reader.varint_max(kTextNodesMax);
  std::array<PrefixCode, kColumns> codes;
  for (PrefixCode& code : codes) {
    const std::string_view lengths = reader.bytes(kSymbols);
    code = TRY(PrefixCode::make(std::vector<uint8_t>(lengths.begin(), lengths.end())));
  }
  // Every code has a bit, so that a number that is not there takes no memory.
  if (reader.failed() || version != kTableVersion || blocks + pieces + 2 * nodes > 8 * reader.left()) return damaged();
  SymbolReader in(std::move(codes), reader.bytes(reader.left()));
  TableColumns columns;
  TRY(read_pieces(in, blocks, pieces, columns));
  TRY(read_nodes(in, nodes, columns));
  return columns;
}

}  // namespace sextant::persist
