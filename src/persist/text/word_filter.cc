#include "persist/text/word_filter.h"

#include <algorithm>
#include <ranges>

#include "base/core/hash.h"
#include "persist/format/bloom.h"
#include "persist/format/bytes.h"
#include "persist/text/limits.h"
#include "persist/text/words.h"

namespace sextant::persist {
namespace {

constexpr uint64_t kWordSeed = 0x574F524453;
/// Of a run that is too long for a word so many bytes are kept: one may turn out to be escaped.
constexpr size_t kEndBytesMax = kWordBytesMax + 2;

/// Whether a character belongs to a word. What stands before the first one is not known: it is taken for none that
/// escapes.
bool in_word(std::string_view text, size_t at) {
  return is_word_char(text[at]) && (at == 0 || text[at - 1] != '\\');
}

/// Words ascend.
bool is_among(const WordList& words, std::string_view word) {
  const auto numbers = std::views::iota(0U, words.size());
  return std::ranges::binary_search(numbers, word, {}, [&](uint32_t number) { return words.word(number); });
}

}  // namespace

uint64_t word_hash(std::string_view word) {
  return hash64(word, kWordSeed);
}

void PieceEnds::add(std::string_view piece) {
  End end;
  end.offset = static_cast<uint32_t>(bytes_.size());
  size_t head = 0;
  while (head < piece.size() && in_word(piece, head)) ++head;
  size_t tail = piece.size();
  while (tail > head && in_word(piece, tail - 1)) --tail;
  end.head = static_cast<uint8_t>(std::min(head, kEndBytesMax));
  end.tail = static_cast<uint8_t>(std::min(piece.size() - tail, kEndBytesMax));
  end.whole = head == piece.size();
  end.backslash = piece.ends_with('\\');
  bytes_.append(piece.substr(0, end.head));
  bytes_.append(piece.substr(piece.size() - end.tail));
  ends_.push_back(end);
}

void WordFilterWriter::add(std::string_view word) {
  if (full_) return;
  hashes_.push_back(word_hash(word));
  if (hashes_.size() >= dropped_at_) drop_repeats();
}

void WordFilterWriter::drop_repeats() {
  std::ranges::sort(hashes_);
  const auto repeated = std::ranges::unique(hashes_);
  hashes_.erase(repeated.begin(), repeated.end());
  dropped_at_ = std::max(dropped_at_, hashes_.size() * 2);
  full_ = hashes_.size() > kFilteredWordsMax;
  if (full_) hashes_ = {};
}

bool WordFilterWriter::encode(std::string& out) {
  drop_repeats();
  if (full_) return false;
  put_varint(out, hashes_.size());
  put_bloom(hashes_, out);
  return true;
}

Result<WordFilter> WordFilter::decode(std::string&& bytes) {
  WordFilter filter;
  filter.bytes_ = std::move(bytes);
  ByteReader in(filter.bytes_);
  filter.words_ = in.varint_max(kFilteredWordsMax);
  filter.head_ = filter.bytes_.size() - in.left();
  if (in.failed() || in.left() != bloom_bytes(filter.words_)) {
    return fail(ErrorCode::kDataLoss, "a filter of words does not follow the format");
  }
  return filter;
}

bool WordFilter::may_contain(std::string_view literal, const WordList& words) const {
  const std::string_view others = std::string_view(bytes_).substr(head_);
  size_t begin = 0;
  while (begin < literal.size() && in_word(literal, begin)) ++begin;
  while (begin < literal.size()) {
    while (begin < literal.size() && !in_word(literal, begin)) ++begin;
    size_t end = begin;
    while (end < literal.size() && in_word(literal, end)) ++end;
    if (end == literal.size()) break;  // it may go on in a text
    const std::string_view word = literal.substr(begin, end - begin);
    if (word.size() <= kWordBytesMax && !is_among(words, word) && !bloom_may_have(others, word_hash(word)))
      return false;
    begin = end;
  }
  return true;
}

}  // namespace sextant::persist
