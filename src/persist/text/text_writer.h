// Collects the texts of a segment: cuts them into pieces, keeps each piece once, fills blocks of raw pieces.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "data/model/dictionary.h"
#include "persist/text/limits.h"
#include "persist/text/split.h"
#include "persist/text/text_table.h"
#include "persist/text/word_filter.h"

namespace sextant::persist {

struct TextWriterSettings {
  /// Raw bytes of a block; tests make it tiny. At most kTextBlockBytesMax.
  uint32_t block_bytes = kTextBlockBytesTarget;
  /// For collect_words().
  bool keeps_ends = false;
};

/// The texts of one table on their way into a writer, with what was already taken over. Thread-confined.
/// Lifetime: the table outlives it. One for each pair of table and writer.
class TextSource {
 public:
  TextSource(const TextTable& table, ReadTextBlock read);

 private:
  friend class TextWriter;
  Result<std::string_view> piece_bytes(uint32_t piece);
  static constexpr uint32_t kNone = UINT32_MAX;
  const TextTable& table_;
  ReadTextBlock read_;
  std::vector<TextId> nodes_;     // of the table -> of the writer
  std::vector<uint32_t> pieces_;  // likewise: an equal one
  uint32_t last_block_ = kNone;
  std::shared_ptr<const std::string> last_bytes_;
};

/// Thread-confined. After an error the writer is of no more use.
class TextWriter {
 public:
  /// Called with each full block of raw pieces, which are numbered in the order of the calls. The owner compresses and
  /// stores it; an error ends add(), add_from() or finish() with it.
  using WriteBlock = std::function<Result<void>(std::string_view raw)>;

  TextWriter(TextWriterSettings settings, WriteBlock write);

  /// The id of the text; the same for equal texts. kTooLarge beyond kTextBytesMax, kResourceExhausted when the table is
  /// full.
  Result<TextId> add(std::string_view text);
  /// As add() of the source's text, without putting it together: each piece is read and hashed once in all.
  /// Requires: id < source's text_count().
  Result<TextId> add_from(TextSource& source, TextId id);
  /// Hands over the last block. Nothing may be added after.
  Result<void> finish();

  /// Adds the words of texts that are not whole in a block, or not by themselves. Requires: finish() was called, ends
  /// are kept.
  void collect_words(WordFilterWriter& filter) const;
  /// Appends what TextTable::decode() reads. Requires: finish() was called.
  void encode_table(std::string& out) const;

  /// Ids given are below this.
  uint32_t text_count() const { return static_cast<uint32_t>(nodes_.size()); }
  uint32_t piece_count() const { return static_cast<uint32_t>(pieces_.size()); }
  uint32_t block_count() const { return static_cast<uint32_t>(blocks_.size()); }
  /// Raw bytes of all distinct pieces.
  uint64_t piece_bytes() const { return piece_bytes_; }
  /// Memory held, bytes, for the ledger.
  uint64_t byte_size() const;

 private:
  struct Hash {
    uint64_t low;
    uint64_t high;
    bool operator==(const Hash&) const = default;
  };
  struct Piece {
    Hash hash;
    uint32_t bytes;
    uint32_t newest;  // of the first of equal pieces: the last one
  };
  struct Node {
    TextId parent;
    uint32_t piece;
    TextId predicted;  // child taken last; 0: none yet
  };
  /// How a text began that came not long ago, up to a cut that no end can move.
  struct Beginning {
    std::string bytes;  // that fix the cut
    SplitPlace cut;     // no pieces: nothing is known
    TextId node = kEmptyText;
  };
  Beginning* beginning_of(std::string_view text);
  static Hash hash_of(std::string_view bytes);
  /// The child by an equal piece, or kEmptyText.
  TextId child_of(TextId node, const Hash& hash) const;
  Result<TextId> extend(TextId node, const Hash& hash, std::string_view bytes);
  Result<uint32_t> piece_of(const Hash& hash, std::string_view bytes);
  bool is_far(uint32_t piece) const;
  Result<uint32_t> append(const Hash& hash, std::string_view bytes);
  Result<void> write_block();
  void keep_ends();
  std::string last_word(TextId node) const;

  const TextWriterSettings settings_;
  WriteBlock write_;
  std::vector<uint32_t> ends_;  // of the text being added
  std::array<Beginning, kTextBeginnings> beginnings_;
  std::vector<TextId> path_;  // of the text being taken over
  std::vector<Piece> pieces_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> blocks_;  // end of each block's pieces
  data::CodeTable piece_table_;   // hash -> first of equal pieces
  data::CodeTable child_table_;   // (node, hash) -> node
  std::string block_;
  PieceEnds piece_ends_;  // of all blocks written
  uint64_t piece_bytes_ = 0;
};

}  // namespace sextant::persist
