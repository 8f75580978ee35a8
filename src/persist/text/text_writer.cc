#include "persist/text/text_writer.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <span>

#include "base/core/check.h"
#include "persist/text/table_codec.h"

namespace sextant::persist {
namespace {

uint64_t edge_hash(TextId node, uint64_t piece_hash) {
  return XXH64_avalanche(piece_hash ^ (node * 0x9E3779B97F4A7C15));
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
  Beginning* const known = beginning_of(text);
  const bool goes_on = known != nullptr && known->cut.pieces > 0 && text.starts_with(known->bytes);
  const SplitPlace from = goes_on ? known->cut : SplitPlace{};
  const FixedCut fixed = split_text(text, from, ends_);
  TextId node = goes_on ? known->node : kEmptyText;
  TextId fixed_node = kEmptyText;
  size_t begin = from.at;
  for (const uint32_t end : ends_) {
    const std::string_view piece = text.substr(begin, end - begin);
    const Hash hash = hash_of(piece);
    const TextId child = child_of(node, hash);
    node = child != kEmptyText ? child : TRY(extend(node, hash, piece));
    if (end == fixed.place.at) fixed_node = node;
    begin = end;
  }
  if (known != nullptr && fixed.place.pieces > 0 && fixed.place.pieces < kPiecesPerDoubling) {
    // What is there already is not copied again.
    if (!goes_on) known->bytes.clear();
    known->bytes.append(text.substr(known->bytes.size(), fixed.bytes - known->bytes.size()));
    known->cut = fixed.place;
    known->node = fixed_node;
  }
  return node;
}

/// Where the beginning of such a text is kept; null for those not worth it, or too long for it.
TextWriter::Beginning* TextWriter::beginning_of(std::string_view text) {
  if (text.size() < kTextBeginningBytesMin || text.size() > kTextBeginningBytesMax) return nullptr;
  return &beginnings_[XXH3_64bits(text.data(), kTextBeginningKeyBytes) % beginnings_.size()];
}

TextWriter::Hash TextWriter::hash_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

TextId TextWriter::child_of(TextId node, const Hash& hash) const {
  const TextId predicted = nodes_[node].predicted;
  if (predicted != kEmptyText && pieces_[nodes_[predicted].piece].hash == hash) return predicted;
  const uint32_t child = child_table_.find(edge_hash(node, hash.low), [&](uint32_t code) {
    return nodes_[code].parent == node && pieces_[nodes_[code].piece].hash == hash;
  });
  return child == data::CodeTable::kNone ? kEmptyText : child;
}

/// Requires: there is no such child.
Result<TextId> TextWriter::extend(TextId node, const Hash& hash, std::string_view bytes) {
  if (nodes_.size() >= kTextNodesMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  const uint32_t piece = TRY(piece_of(hash, bytes));
  const auto child = static_cast<TextId>(nodes_.size());
  child_table_.insert(edge_hash(node, hash.low), child);
  nodes_.push_back({node, piece, kEmptyText});
  nodes_[node].predicted = child;
  return child;
}

Result<uint32_t> TextWriter::piece_of(const Hash& hash, std::string_view bytes) {
  const auto fresh = static_cast<uint32_t>(pieces_.size());
  const uint32_t first =
      piece_table_.find_or_insert(hash.low, fresh, [&](uint32_t piece) { return pieces_[piece].hash == hash; });
  if (first == data::CodeTable::kNone) return append(hash, bytes);
  if (!is_far(pieces_[first].newest)) return pieces_[first].newest;
  const uint32_t again = TRY(append(hash, bytes));
  return pieces_[first].newest = again;
}

/// Whether a piece is so short that storing it once more is better than reading its block for it.
bool TextWriter::is_far(uint32_t piece) const {
  return pieces_[piece].bytes < kFarPieceBytesMin && !blocks_.empty() && piece < blocks_.back();
}

Result<uint32_t> TextWriter::append(const Hash& hash, std::string_view bytes) {
  if (pieces_.size() >= kTextPiecesTotalMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  if (!block_.empty() && block_.size() + bytes.size() > settings_.block_bytes) TRY(write_block());
  const auto piece = static_cast<uint32_t>(pieces_.size());
  block_.append(bytes);
  piece_bytes_ += bytes.size();
  pieces_.push_back({hash, static_cast<uint32_t>(bytes.size()), piece});
  return piece;
}

Result<void> TextWriter::write_block() {
  if (blocks_.size() >= kTextBlocksMax) return fail(ErrorCode::kResourceExhausted, "a segment's texts are full");
  blocks_.push_back(static_cast<uint32_t>(pieces_.size()));
  TRY(write_(block_));
  if (settings_.keeps_ends) keep_ends();
  block_.clear();
  return {};
}

Result<TextId> TextWriter::add_from(TextSource& source, TextId id) {
  path_.clear();
  for (; source.nodes_[id] == TextSource::kNone; id = source.table_.parent(id)) path_.push_back(id);
  TextId node = source.nodes_[id];
  for (; !path_.empty(); path_.pop_back()) {
    const TextId old = path_.back();
    const uint32_t old_piece = source.table_.last_piece(old);
    uint32_t& equal = source.pieces_[old_piece];
    std::string_view bytes;
    if (equal == TextSource::kNone) bytes = TRY(source.piece_bytes(old_piece));
    const Hash hash = equal == TextSource::kNone ? hash_of(bytes) : pieces_[equal].hash;
    TextId child = child_of(node, hash);
    if (child == kEmptyText) {
      if (bytes.empty()) bytes = TRY(source.piece_bytes(old_piece));
      child = TRY(extend(node, hash, bytes));
    }
    equal = nodes_[child].piece;
    source.nodes_[old] = node = child;
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
  uint64_t beginning_bytes = 0;
  for (const Beginning& beginning : beginnings_) beginning_bytes += beginning.bytes.capacity();
  return piece_ends_.byte_size() + ends_.capacity() * sizeof(uint32_t) + path_.capacity() * sizeof(TextId) +
         pieces_.capacity() * sizeof(Piece) + nodes_.capacity() * sizeof(Node) + blocks_.capacity() * sizeof(uint32_t) +
         piece_table_.byte_size() + child_table_.byte_size() + block_.capacity() + beginning_bytes;
}

}  // namespace sextant::persist
