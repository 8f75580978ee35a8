#include "persist/text/word_codec.h"

#include <algorithm>
#include <bit>

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

/// Places with the same three elements that are tried, the newest first; and the table that finds them.
constexpr int kTries = 4;
constexpr uint32_t kHashBits = 16;

/// Every element comes from at least a third of a byte.
constexpr uint64_t kElementsPerByteMax = 3;

/// What codes the element behind `last`.
size_t code_after(Element last, const TextVocabulary& vocabulary) {
  if (last >= kFirstByte) return last == kEndOfBytes ? static_cast<size_t>(TextContext::kWord) : kByteCode;
  if (last >= kFirstDigit) return last == kEndOfDigits ? static_cast<size_t>(TextContext::kWord) : kDigitCode;
  if (last == kSpelledWord || last == kSpelledSeparator) return kByteCode;
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
    if (code < kAnyCode && !vocabulary_.code(code).has(symbol)) {
      vocabulary_.code(code).put(kOtherTable, out_);
      code = kAnyCode;
    }
    vocabulary_.code(code).put(symbol, out_);
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
  if (code == kByteCode) return element - kFirstByte;
  return code == kDigitCode ? element - kFirstDigit : element;
}

/// A repeat of earlier elements, and the bits it saves.
struct Repeat {
  uint32_t length = 0;
  uint32_t distance = 0;
  int64_t saved_bits = 0;
};

/// Decides what is written as a repeat, by what it saves. Thread-confined.
class Parser {
 public:
  Parser(const std::vector<Element>& elements, const TextVocabulary& vocabulary)
      : elements_(elements),
        vocabulary_(vocabulary),
        heads_(size_t{1} << kHashBits, kNowhere),
        chain_(elements.size()) {
    price();
  }

  template <typename Sink>
  void write(Sink& sink) {
    for (uint32_t at = 0; at < elements_.size();) {
      const size_t code = codes_[at];
      const Repeat repeat = code < kAnyCode ? best_repeat(at) : Repeat{};
      const uint32_t length = repeat.length == 0 ? 1 : repeat.length;
      if (repeat.length == 0) {
        sink.symbol(code, symbol_of(code, elements_[at]));
      } else {
        write_repeat(code, repeat, sink);
      }
      for (uint32_t end = at + length; at < end; ++at) remember(at);
    }
  }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;

  /// What each element costs by itself, summed up.
  void price() {
    bits_.reserve(elements_.size() + 1);
    codes_.reserve(elements_.size());
    bits_.push_back(0);
    Element last = kJoin;
    for (const Element element : elements_) {
      const size_t code = code_after(last, vocabulary_);
      const uint32_t bits = code < kAnyCode ? vocabulary_.bits(static_cast<TextContext>(code), element)
                                            : vocabulary_.code(code).bits(symbol_of(code, element));
      codes_.push_back(static_cast<uint8_t>(code));
      bits_.push_back(bits_.back() + bits);
      last = element;
    }
  }

  uint32_t hash_at(uint32_t at) const {
    const uint64_t mixed = (uint64_t{elements_[at]} * 0x9E3779B97F4A7C15) ^
                           (uint64_t{elements_[at + 1]} * 0xC2B2AE3D27D4EB4F) ^
                           (uint64_t{elements_[at + 2]} * 0x165667B19E3779F9);
    return static_cast<uint32_t>((mixed * 0x9E3779B97F4A7C15) >> (64 - kHashBits));
  }
  void remember(uint32_t at) {
    if (at + 3 > elements_.size() || codes_[at] >= kAnyCode) return;
    uint32_t& head = heads_[hash_at(at)];
    chain_[at] = head;
    head = at;
  }
  uint32_t common(uint32_t at, uint32_t from) const {
    const uint32_t most = std::min<uint32_t>(static_cast<uint32_t>(elements_.size()) - at, kRepeatMax);
    uint32_t length = 0;
    while (length < most && elements_[from + length] == elements_[at + length]) ++length;
    return length;
  }
  void try_repeat(uint32_t at, uint32_t distance, Repeat& best) const {
    if (distance > at || distance > kDistanceMax) return;
    if (elements_[at - distance] != elements_[at] || elements_[at - distance + 1] != elements_[at + 1]) return;
    const uint32_t length = common(at, at - distance);
    if (length < kRepeatMin) return;
    const Split length_split = split_length(length);
    const Split distance_split = split_distance(distance, recent_);
    const uint32_t cost = vocabulary_.bits(static_cast<TextContext>(codes_[at]), kFirstMatch + length_split.kind) +
                          length_split.extra_bits + vocabulary_.code(kDistanceCode).bits(distance_split.kind) +
                          distance_split.extra_bits;
    const int64_t saved = static_cast<int64_t>(bits_[at + length] - bits_[at]) - cost;
    if (saved > best.saved_bits) best = {length, distance, saved};
  }
  Repeat best_repeat(uint32_t at) const {
    Repeat best;
    if (at + kRepeatMin > elements_.size()) return best;
    for (uint32_t i = 0; i < kRecentDistances; ++i) try_repeat(at, recent_.at(i), best);
    if (at + 3 > elements_.size()) return best;
    uint32_t from = heads_[hash_at(at)];
    for (int tries = 0; tries < kTries && from != kNowhere; ++tries, from = chain_[from]) {
      try_repeat(at, at - from, best);
    }
    return best;
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

  const std::vector<Element>& elements_;
  const TextVocabulary& vocabulary_;
  std::vector<uint64_t> bits_;
  std::vector<uint8_t> codes_;
  std::vector<uint32_t> heads_;
  std::vector<uint32_t> chain_;
  RecentDistances recent_;
};

/// Reads elements back. Thread-confined.
class Reader {
 public:
  Reader(std::string_view bits, const TextVocabulary& vocabulary) : in_(bits), vocabulary_(vocabulary) {}

  Result<std::vector<Element>> read(uint64_t count) {
    out_.reserve(count);
    Element last = kJoin;
    while (out_.size() < count) {
      const size_t code = code_after(last, vocabulary_);
      const uint32_t symbol = take(code);
      if (symbol == PrefixCode::kNone || in_.overrun()) return damaged();
      if (code == kByteCode) {
        out_.push_back(kFirstByte + symbol);
      } else if (code == kDigitCode) {
        out_.push_back(kFirstDigit + symbol);
      } else if (symbol < kFirstMatch || symbol >= kFirstWord) {
        out_.push_back(symbol);
      } else if (!repeat(symbol - kFirstMatch, count)) {
        return damaged();
      }
      last = out_.back();
    }
    return std::move(out_);
  }

 private:
  static std::unexpected<Error> damaged() {
    return fail(ErrorCode::kDataLoss, "a text block's words do not follow the format");
  }
  uint32_t take(size_t code) {
    const uint32_t symbol = vocabulary_.code(code).take(in_);
    return symbol == kOtherTable && code < kAnyCode ? vocabulary_.code(kAnyCode).take(in_) : symbol;
  }
  bool repeat(uint32_t kind, uint64_t count) {
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
    if (distance > out_.size() || length > count - out_.size()) return false;
    for (; length > 0; --length) out_.push_back(out_[out_.size() - distance]);
    return true;
  }

  BitReader in_;
  const TextVocabulary& vocabulary_;
  RecentDistances recent_;
  std::vector<Element> out_;
};

}  // namespace

void encode_words(std::string_view raw, const TextVocabulary& vocabulary, std::string& out) {
  std::vector<Element> elements;
  to_elements(raw, vocabulary.words(), elements);
  put_varint(out, elements.size());
  BitSink sink(vocabulary, out);
  Parser(elements, vocabulary).write(sink);
  sink.finish();
}

void count_words(std::string_view raw, const TextVocabulary& vocabulary, TextCounts& counts) {
  std::vector<Element> elements;
  to_elements(raw, vocabulary.words(), elements);
  CountSink sink(counts);
  Parser(elements, vocabulary).write(sink);
}

Result<std::string> decode_words(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes) {
  ByteReader reader(bytes);
  const uint64_t count = reader.varint_max(raw_bytes * kElementsPerByteMax);
  if (reader.failed()) return fail(ErrorCode::kDataLoss, "a text block's words do not follow the format");
  Reader words(reader.bytes(reader.left()), vocabulary);
  const std::vector<Element> elements = TRY(words.read(count));
  std::string raw = TRY(from_elements(elements, vocabulary.words(), raw_bytes));
  if (raw.size() != raw_bytes) return fail(ErrorCode::kDataLoss, "a text block is too short");
  return raw;
}

}  // namespace sextant::persist
