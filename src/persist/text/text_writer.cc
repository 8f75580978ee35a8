#include "persist/text/text_writer.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <span>

#include "base/core/check.h"
#include "persist/text/split.h"
#include "persist/text/table_codec.h"

namespace sextant::persist {
namespace {

uint64_t edge_hash(TextId node, uint32_t piece) {
  return XXH64_avalanche((static_cast<uint64_t>(node) << 32 | piece) * 0x9E3779B97F4A7C15);
}

}  // namespace

TextSource::TextSource(const TextTable& table, ReadTextBlock read)
    : table_(table), read_(std::move(read)), nodes_(table.text_count(), kNone), pieces_(table.piece_count(), kNone) {
  nodes_[kEmptyText] = kEmptyText;
}

Result<std::string_view> TextSource::piece_bytes(uint32_t piece) {
  const TextPiece& place = table_.piece(piece);
  if (place.block != last_block_ || last_bytes_ == nullptr) {
    last_bytes_ = TRY(read_(place.block));
    last_block_ = place.block;
  }
  if (last_bytes_->size() < static_cast<uint64_t>(place.offset) + place.bytes) {
    return fail(ErrorCode::kDataLoss, "text block {} has {} bytes, a piece ends at {}", place.block,
                last_bytes_->size(), static_cast<uint64_t>(place.offset) + place.bytes);
  }
  return std::string_view(*last_bytes_).substr(place.offset, place.bytes);
}

TextWriter::TextWriter(TextWriterSettings settings, WriteBlock write)
    : settings_(settings), write_(std::move(write)), nodes_(1, Node{}) {
  CHECK(settings_.block_bytes <= kTextBlockBytesMax);
}

Result<TextId> TextWriter::add(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    return fail(ErrorCode::kTooLarge, "a text of {} bytes; at most {} are kept", text.size(), kTextBytesMax);
  }
  split_text(text, ends_);
  TextId node = kEmptyText;
  size_t begin = 0;
  for (const uint32_t end : ends_) {
    node = TRY(extend(node, text.substr(begin, end - begin)));
    begin = end;
  }
  return node;
}

Result<TextId> TextWriter::extend(TextId node, std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  const TextId predicted = nodes_[node].predicted;
  if (predicted != 0) {
    const Piece& expected = pieces_[nodes_[predicted].piece];
    if (expected.hash_low == hash.low64 && expected.hash_high == hash.high64) return predicted;
  }
  const uint32_t piece = TRY(piece_of(bytes, hash.low64, hash.high64));
  return child_of(node, piece);
}

Result<uint32_t> TextWriter::piece_of(std::string_view bytes, uint64_t hash_low, uint64_t hash_high) {
  if (pieces_.size() >= kTextPiecesTotalMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  const auto fresh = static_cast<uint32_t>(pieces_.size());
  const uint32_t found = piece_table_.find_or_insert(hash_low, fresh, [&](uint32_t piece) {
    return pieces_[piece].hash_low == hash_low && pieces_[piece].hash_high == hash_high;
  });
  if (found != data::CodeTable::kNone) return found;
  TRY(append(bytes));
  pieces_.push_back({hash_low, hash_high, static_cast<uint32_t>(bytes.size())});
  return fresh;
}

Result<TextId> TextWriter::child_of(TextId node, uint32_t piece) {
  if (nodes_.size() >= kTextNodesMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  const auto fresh = static_cast<uint32_t>(nodes_.size());
  uint32_t child = child_table_.find_or_insert(edge_hash(node, piece), fresh, [&](uint32_t code) {
    return nodes_[code].parent == node && nodes_[code].piece == piece;
  });
  if (child == data::CodeTable::kNone) {
    nodes_.push_back({node, piece, 0});
    child = fresh;
  }
  nodes_[node].predicted = child;
  return child;
}

Result<void> TextWriter::append(std::string_view bytes) {
  if (!block_.empty() && block_.size() + bytes.size() > settings_.block_bytes) TRY(write_block());
  block_.append(bytes);
  piece_bytes_ += bytes.size();
  return {};
}

Result<void> TextWriter::write_block() {
  if (blocks_.size() >= kTextBlocksMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  blocks_.push_back(static_cast<uint32_t>(pieces_.size()));
  TRY(write_(block_));
  block_.clear();
  return {};
}

Result<TextId> TextWriter::add_from(TextSource& source, TextId id) {
  path_.clear();
  for (; source.nodes_[id] == TextSource::kNone; id = source.table_.parent(id)) path_.push_back(id);
  TextId node = source.nodes_[id];
  for (; !path_.empty(); path_.pop_back()) {
    const TextId old = path_.back();
    uint32_t& piece = source.pieces_[source.table_.last_piece(old)];
    if (piece == TextSource::kNone) {
      const std::string_view bytes = TRY(source.piece_bytes(source.table_.last_piece(old)));
      const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
      piece = TRY(piece_of(bytes, hash.low64, hash.high64));
    }
    node = TRY(child_of(node, piece));
    source.nodes_[old] = node;
  }
  return node;
}

Result<void> TextWriter::finish() {
  if (!block_.empty()) TRY(write_block());
  return {};
}

void TextWriter::encode_table(std::string& out) const {
  CHECK(block_.empty());
  TableColumns columns;
  columns.block_ends = blocks_;
  for (const Piece& piece : pieces_) columns.piece_bytes.push_back(piece.bytes);
  for (const Node& node : std::span(nodes_).subspan(1)) {
    columns.parents.push_back(node.parent);
    columns.node_pieces.push_back(node.piece);
  }
  encode_table_columns(columns, out);
}

uint64_t TextWriter::byte_size() const {
  return ends_.capacity() * sizeof(uint32_t) + path_.capacity() * sizeof(TextId) + pieces_.capacity() * sizeof(Piece) +
         nodes_.capacity() * sizeof(Node) + blocks_.capacity() * sizeof(uint32_t) + piece_table_.byte_size() +
         child_table_.byte_size() + block_.capacity();
}

}  // namespace sextant::persist
