#include "persist/text/word_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

/// Elements of the shortest repeat, and up to where each length is a kind of its own.
constexpr uint32_t kRepeatMin = 2;
constexpr uint32_t kExactLengths = 12;
constexpr uint32_t kExactLengthBits = 4;  // of kExactLengths
constexpr uint32_t kRepeatMax = (1U << 17) + kRepeatMin;
static_assert(kExactLengths + 18 - kExactLengthBits < kMatchKinds);
constexpr uint32_t kDistanceMax = (1U << kDistanceBitsMax) - 1;

/// Elements by which an earlier place is found, and how many of the newest are tried, besides the distance used last.
/// Of the agents' prose one saves a fiftieth less; twice as many, a five-hundredth more; a look at the next element
/// before a repeat is taken, half as much for a twentieth of the time. The table of places fits the nearer caches.
constexpr uint32_t kHashedElements = 3;
constexpr uint32_t kPlacesTried = 8;

constexpr std::array<uint8_t, 256> make_byte_contexts() {
  std::array<uint8_t, 256> out{};
  for (uint32_t c = 0; c < out.size(); ++c) {
    out[c] = c >= 0x80 ? kAfterBeyondAscii : kAfterOther;
    if (c >= 'a' && c <= 'z') out[c] = static_cast<uint8_t>(kAfterSmallLetter + c - 'a');
    if (c >= 'A' && c <= 'Z') out[c] = kAfterCapital;
    if (c >= '0' && c <= '9') out[c] = kAfterDecimal;
  }
  return out;
}
constexpr auto kByteContextAfter = make_byte_contexts();

/// What codes the element behind `last`.
inline size_t code_after(Element last, const TextVocabulary& vocabulary) {
  if (last >= kFirstWord && last < kFirstDigit) [[likely]]
    return static_cast<size_t>(vocabulary.context_after(last));
  if (last >= kFirstByte && last < kEndOfBytes) return kByteCodes + kByteContextAfter[last - kFirstByte];
  if (last >= kFirstDigit && last < kEndOfDigits) return kDigitCode;
  if (last == kSpelledWord) return kByteCodes + kBeginningWord;
  if (last == kSpelledSeparator) return kByteCodes + kBeginningSeparator;
  if (last == kHexWord) return kDigitCode;
  return static_cast<size_t>(vocabulary.context_after(last));
}

/// The three distances used last, the newest first. Thread-confined value.
class RecentDistances {
 public:
  uint32_t at(uint32_t index) const { return distances_[index]; }
  /// Its index, or kRecentDistances.
  uint32_t find(uint32_t distance) const {
    uint32_t i = 0;
    while (i < kRecentDistances && distances_[i] != distance) ++i;
    return i;
  }
  void use(uint32_t distance) {
    const uint32_t from = std::min(find(distance), kRecentDistances - 1);
    for (uint32_t i = from; i > 0; --i) distances_[i] = distances_[i - 1];
    distances_[0] = distance;
  }

 private:
  uint32_t distances_[kRecentDistances] = {1, 2, 4};
};

/// A number as a kind and further bits.
struct Split {
  uint32_t kind = 0;
  uint32_t extra = 0;
  uint32_t extra_bits = 0;
};

Split split_length(uint32_t length) {
  const uint32_t value = length - kRepeatMin;
  if (value < kExactLengths) return {value, 0, 0};
  const auto bits = static_cast<uint32_t>(std::bit_width(value));
  return {kExactLengths + bits - kExactLengthBits, value & ~(1U << (bits - 1)), bits - 1};
}

Split split_distance(uint32_t distance, const RecentDistances& recent) {
  const uint32_t index = recent.find(distance);
  if (index < kRecentDistances) return {index, 0, 0};
  const auto bits = static_cast<uint32_t>(std::bit_width(distance));
  return {kRecentDistances + bits - 1, distance & ~(1U << (bits - 1)), bits - 1};
}

/// Puts symbols as bits. Thread-confined.
class BitSink {
 public:
  BitSink(const TextVocabulary& vocabulary, std::string& out) : vocabulary_(vocabulary), out_(out) {}

  void symbol(size_t code, uint32_t symbol) {
    const PrefixCode& own = vocabulary_.code(code);
    if (own.has(symbol)) [[likely]]
      return own.put(symbol, out_);
    own.put(kOtherTable, out_);
    vocabulary_.code(kAnyCode).put(symbol, out_);
  }
  void extra(const Split& split) { out_.put(split.extra, split.extra_bits); }
  void finish() { out_.finish(); }

 private:
  const TextVocabulary& vocabulary_;
  BitWriter out_;
};

/// Counts symbols instead. Thread-confined.
class CountSink {
 public:
  explicit CountSink(TextCounts& counts) : counts_(counts) {}
  void symbol(size_t code, uint32_t symbol) { ++counts_[code][symbol]; }
  void extra(const Split&) {}

 private:
  TextCounts& counts_;
};

uint32_t symbol_of(size_t code, Element element) {
  if (code < kAnyCode) [[likely]]
    return element;
  return element - (code == kDigitCode ? kFirstDigit : kFirstByte);
}

/// A repeat of earlier elements, and the bits it saves.
struct Repeat {
  uint32_t length = 0;
  uint32_t distance = 0;
  int64_t saved_bits = 0;
};

/// The elements of a block, and what is decided to be written as a repeat, by what it saves. Thread-confined.
class Parser {
 public:
  Parser(std::string_view raw, const TextVocabulary& vocabulary, WordFilterWriter* unknown)
      : vocabulary_(vocabulary),
        elements_(std::make_unique_for_overwrite<Element[]>(raw.size() * kElementsPerByteMax)),
        size_(static_cast<uint32_t>(to_elements(raw, vocabulary.words(), vocabulary.index(), unknown, elements_.get()) -
                                    elements_.get())),
        older_(std::make_unique_for_overwrite<uint32_t[]>(size_)) {}

  uint32_t size() const { return size_; }

  template <typename Sink>
  void write(Sink& sink) {
    auto code = static_cast<size_t>(TextContext::kOther);  // as after a join
    for (uint32_t at = 0; at < size_; code = code_after(elements_[at - 1], vocabulary_)) {
      const Repeat repeat = code < kAnyCode ? best_repeat(at, static_cast<TextContext>(code)) : Repeat{};
      if (repeat.length == 0) {
        sink.symbol(code, symbol_of(code, elements_[at++]));
        continue;
      }
      write_repeat(code, repeat, sink);
      for (const uint32_t end = at + repeat.length; ++at < end;) {
        if (at + kHashedElements <= size_) note(at, pair_at(at));
      }
    }
  }

 private:
  static constexpr uint32_t kHashBits = 14;

  /// Two elements at once.
  uint64_t pair_at(uint32_t at) const {
    uint64_t pair = 0;
    std::memcpy(&pair, &elements_[at], sizeof pair);
    return pair;
  }
  uint32_t hash_of(uint64_t pair, Element third) const {
    return static_cast<uint32_t>(((pair * 0x9E3779B97F4A7C15) ^ third) * 0xC2B2AE3D27D4EB4F >> (64 - kHashBits));
  }
  /// Remembers the place. Returns the newest of its hash before, plus 1, or 0.
  uint32_t note(uint32_t at, uint64_t pair) {
    uint32_t& newest = newest_[hash_of(pair, elements_[at + 2])];
    older_[at] = newest;
    return std::exchange(newest, at + 1);
  }
  /// Elements from `at` on that are as those from `from` on.
  uint32_t common(uint32_t at, uint32_t from) const {
    const uint32_t most = std::min(size_ - at, kRepeatMax);
    uint32_t length = 0;
    while (length < most && elements_[from + length] == elements_[at + length]) ++length;
    return length;
  }
  /// What elements cost by themselves, the first of them behind a `code`.
  uint64_t bits(uint32_t begin, uint32_t end, size_t code) const {
    uint64_t sum = 0;
    for (uint32_t at = begin; at < end; ++at) {
      const Element element = elements_[at];
      sum += code < kAnyCode ? vocabulary_.bits(static_cast<TextContext>(code), element)
                             : vocabulary_.code(code).bits(symbol_of(code, element));
      code = code_after(element, vocabulary_);
    }
    return sum;
  }
  void try_repeat(uint32_t at, TextContext context, uint32_t distance, uint32_t length, Repeat& best) const {
    if (length < kRepeatMin || distance > kDistanceMax) return;
    const Split length_split = split_length(length);
    const Split distance_split = split_distance(distance, recent_);
    const auto cost = vocabulary_.bits(context, kFirstMatch + length_split.kind) + length_split.extra_bits +
                      vocabulary_.code(kDistanceCode).bits(distance_split.kind) + distance_split.extra_bits;
    const int64_t saved = static_cast<int64_t>(bits(at, at + length, static_cast<size_t>(context))) - cost;
    if (saved > best.saved_bits) best = {length, distance, saved};
  }
  /// The longest of the places that are tried, from the newest on, and the distance used last.
  [[gnu::noinline]] Repeat repeat_from(uint32_t at, TextContext context, uint32_t from) const {
    const uint64_t pair = pair_at(at);
    const uint32_t last = recent_.at(0);
    const uint32_t last_length = last <= at && pair_at(at - last) == pair ? common(at, at - last) : 0;
    Repeat best;
    if (last_length > 0) try_repeat(at, context, last, last_length, best);
    uint32_t longest = last_length;
    uint32_t distance = 0;
    for (uint32_t left = kPlacesTried; from != 0 && left > 0; --left, from = older_[from - 1]) {
      if (at + longest == size_ || elements_[from - 1 + longest] != elements_[at + longest]) continue;
      const uint32_t length = common(at, from - 1);
      if (length <= longest) continue;
      longest = length;
      distance = at + 1 - from;
    }
    if (longest > last_length) try_repeat(at, context, distance, longest, best);
    return best;
  }
  /// Most places are like none of those that are tried, which two elements tell.
  Repeat best_repeat(uint32_t at, TextContext context) {
    if (at + kHashedElements > size_) return {};
    const uint64_t pair = pair_at(at);
    uint32_t from = note(at, pair);
    uint32_t left = kPlacesTried;
    while (from != 0 && pair_at(from - 1) != pair) from = --left == 0 ? 0 : older_[from - 1];
    const uint32_t last = recent_.at(0);
    if (from == 0 && (last > at || pair_at(at - last) != pair)) [[likely]]
      return {};
    return repeat_from(at, context, from);
  }
  template <typename Sink>
  void write_repeat(size_t code, const Repeat& repeat, Sink& sink) {
    const Split length = split_length(repeat.length);
    const Split distance = split_distance(repeat.distance, recent_);
    sink.symbol(code, kFirstMatch + length.kind);
    sink.extra(length);
    sink.symbol(kDistanceCode, distance.kind);
    sink.extra(distance);
    recent_.use(repeat.distance);
  }

  const TextVocabulary& vocabulary_;
  std::unique_ptr<Element[]> elements_;
  const uint32_t size_;
  std::unique_ptr<uint32_t[]> older_;                      // of each place: the one before of its hash, plus 1
  std::array<uint32_t, size_t{1} << kHashBits> newest_{};  // place + 1
  RecentDistances recent_;
};

/// Reads elements back. Thread-confined.
class Reader {
 public:
  /// `count`: the elements of the block.
  Reader(std::string_view bits, const TextVocabulary& vocabulary, uint64_t count)
      : in_(bits), vocabulary_(vocabulary), count_(count) {}

  /// Reads on until there are at least `enough`, or all.
  Result<void> read_to(uint64_t enough) {
    enough = std::min(enough, count_);
    out_.reserve(enough);
    Element last = out_.empty() ? kJoin : out_.back();
    while (out_.size() < enough) {
      const size_t code = code_after(last, vocabulary_);
      const uint32_t symbol = take(code);
      if (symbol == PrefixCode::kNone || in_.overrun()) return damaged();
      if (code >= kByteCodes) {
        out_.push_back(kFirstByte + symbol);
      } else if (code == kDigitCode) {
        out_.push_back(kFirstDigit + symbol);
      } else if (symbol < kFirstMatch || symbol >= kFirstWord) {
        out_.push_back(symbol);
      } else if (!repeat(symbol - kFirstMatch)) {
        return damaged();
      }
      last = out_.back();
    }
    return {};
  }
  const std::vector<Element>& elements() const { return out_; }
  uint64_t count() const { return count_; }

 private:
  static std::unexpected<Error> damaged() {
    return fail(ErrorCode::kDataLoss, "a text block's words do not follow the format");
  }
  uint32_t take(size_t code) {
    const uint32_t symbol = vocabulary_.code(code).take(in_);
    return symbol == kOtherTable && code < kAnyCode ? vocabulary_.code(kAnyCode).take(in_) : symbol;
  }
  bool repeat(uint32_t kind) {
    uint64_t length = kind;
    if (kind >= kExactLengths) {
      const uint32_t bits = kind - kExactLengths + kExactLengthBits;
      length = (1U << (bits - 1)) | in_.take(bits - 1);
    }
    length += kRepeatMin;
    const uint32_t distance_kind = vocabulary_.code(kDistanceCode).take(in_);
    if (distance_kind == PrefixCode::kNone) return false;
    uint32_t distance = 0;
    if (distance_kind < kRecentDistances) {
      distance = recent_.at(distance_kind);
    } else {
      const uint32_t bits = distance_kind - kRecentDistances;
      distance = (1U << bits) | in_.take(bits);
    }
    recent_.use(distance);
    if (distance > out_.size() || length > count_ - out_.size()) return false;
    for (; length > 0; --length) out_.push_back(out_[out_.size() - distance]);
    return true;
  }

  BitReader in_;
  const TextVocabulary& vocabulary_;
  const uint64_t count_;
  RecentDistances recent_;
  std::vector<Element> out_;
};

/// What stands before a block's bits: how many elements there are.
Result<uint64_t> take_count(ByteReader& reader, uint64_t raw_bytes) {
  const uint64_t count = reader.varint_max(raw_bytes * kElementsPerByteMax);
  if (reader.failed()) return fail(ErrorCode::kDataLoss, "a text block's words do not follow the format");
  return count;
}

/// Elements that are read before what they make is looked at: some hundred bytes of text.
constexpr uint64_t kElementsAtOnce = 128;

}  // namespace

struct WordsReader::State {
  State(std::string_view bits, const TextVocabulary& vocabulary, uint64_t count, uint64_t raw_bytes)
      : reader(bits, vocabulary, count), text(vocabulary.words(), raw_bytes) {}

  /// Reads elements, at least `more` or the rest, and puts what they make to the text.
  Result<void> read(uint64_t more) {
    TRY(reader.read_to(put + more));
    const auto elements = std::span(reader.elements()).subspan(put);
    put += elements.size();
    return text.put(elements);
  }

  Reader reader;
  ElementText text;
  uint64_t put = 0;  // elements of the text
};

WordsReader::WordsReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
WordsReader::WordsReader(WordsReader&&) noexcept = default;
WordsReader& WordsReader::operator=(WordsReader&&) noexcept = default;
WordsReader::~WordsReader() = default;

Result<WordsReader> WordsReader::open(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes) {
  ByteReader reader(bytes);
  const uint64_t count = TRY(take_count(reader, raw_bytes));
  return WordsReader(std::make_unique<State>(reader.bytes(reader.left()), vocabulary, count, raw_bytes));
}

Result<void> WordsReader::read_to(uint64_t bytes) {
  State& s = *state_;
  while (s.text.text().size() < bytes && s.put < s.reader.count()) TRY(s.read(kElementsAtOnce));
  if (s.text.text().size() < bytes) return fail(ErrorCode::kDataLoss, "a text block is too short");
  return {};
}

std::string_view WordsReader::text() const {
  return state_->text.text();
}

std::string WordsReader::take() {
  return state_->text.take();
}

void encode_words(std::string_view raw, const TextVocabulary& vocabulary, WordFilterWriter* unknown, std::string& out) {
  Parser parser(raw, vocabulary, unknown);
  put_varint(out, parser.size());
  BitSink sink(vocabulary, out);
  parser.write(sink);
  sink.finish();
}

void count_words(std::string_view raw, const TextVocabulary& vocabulary, TextCounts& counts) {
  CountSink sink(counts);
  Parser(raw, vocabulary, nullptr).write(sink);
}

Result<std::string> decode_words(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes) {
  ByteReader reader(bytes);
  const uint64_t count = TRY(take_count(reader, raw_bytes));
  Reader words(reader.bytes(reader.left()), vocabulary, count);
  TRY(words.read_to(count));
  return from_elements(words.elements(), vocabulary.words(), raw_bytes);
}

}  // namespace sextant::persist
