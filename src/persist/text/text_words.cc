// The words of texts that no block shows whole: those that two pieces make together, and those at which a piece begins
// or ends while something else stands there in its block.
#include "persist/text/text_writer.h"
#include "persist/text/word_filter.h"
#include "persist/text/words.h"

namespace sextant::persist {

/// Of the pieces of the block at hand.
void TextWriter::keep_ends() {
  std::string_view rest = block_;
  while (piece_ends_.size() < pieces_.size()) {
    const uint32_t bytes = pieces_[piece_ends_.size()].bytes;
    piece_ends_.add(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
}

/// The word with which a text ends so far, or more bytes than a word has.
std::string TextWriter::last_word(TextId node) const {
  std::string word;
  for (; node != kEmptyText && word.size() <= kWordBytesMax; node = nodes_[node].parent) {
    const uint32_t piece = nodes_[node].piece;
    if (!piece_ends_.is_whole(piece)) return word.insert(0, piece_ends_.tail(piece));
    const TextId parent = nodes_[node].parent;
    const bool escaped = parent != kEmptyText && piece_ends_.ends_in_backslash(nodes_[parent].piece);
    word.insert(0, piece_ends_.head(piece).substr(escaped ? 1 : 0));
    if (escaped) break;
  }
  return word;
}

void TextWriter::collect_words(WordFilterWriter& filter) const {
  for (TextId node = 1; node < nodes_.size(); ++node) {
    const auto [parent, piece, predicted] = nodes_[node];
    if (parent == kEmptyText || piece_ends_.are_apart(nodes_[parent].piece, piece)) continue;
    if (piece_ends_.is_whole(piece)) continue;  // the word goes on
    std::string word;
    if (piece_ends_.ends_in_backslash(nodes_[parent].piece)) {
      const std::string_view head = piece_ends_.head(piece);
      word = head.substr(head.empty() ? 0 : 1);
    } else {
      word = last_word(parent);
      word.append(piece_ends_.head(piece));
    }
    if (!word.empty() && word.size() <= kWordBytesMax) filter.add(word);
  }
}

}  // namespace sextant::persist
