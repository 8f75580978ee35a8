#include "data/corpus/corpus_parts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/core/check.h"

namespace sextant::data {
namespace {

/// Words of the made-up language, and the exponent of Zipf's law that natural languages come near to.
constexpr size_t kVocabulary = 20'000;
constexpr double kZipfExponent = 1.0;

std::string made_up_word(SeededRandom& random, size_t rank) {
  static constexpr std::string_view kOnsets[] = {"b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st"};
  static constexpr std::string_view kRhymes[] = {"a", "e", "i", "o", "u", "an", "er", "in", "on", "al", "et", "is"};
  std::string word;
  // Frequent words are short, as in natural languages.
  const uint64_t syllables = 1 + (rank > 30 ? 1 : 0) + random.below(rank > 500 ? 3 : 2);
  for (uint64_t i = 0; i < syllables; ++i) {
    word += kOnsets[random.below(std::size(kOnsets))];
    word += kRhymes[random.below(std::size(kRhymes))];
  }
  return word;
}

}  // namespace

double log_normal(SeededRandom& random, double median, double sigma) {
  // Box and Muller's transform; 1 - unit() is never zero.
  const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
  return median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * random.unit()));
}

std::string short_code(uint64_t number, int digits) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string code(static_cast<size_t>(digits), '0');
  for (char& c : code) {
    c = kDigits[number % 36];
    number /= 36;
  }
  return code;
}

Prose::Prose(const std::string& text, SeededRandom random, std::optional<uint64_t> words_seed)
    : text_(text), random_(random) {
  if (!text_.empty()) {
    if (words_seed) position_ = random_.below(text_.size());
    return;
  }
  SeededRandom own_words(words_seed.value_or(0));
  SeededRandom& words = words_seed ? own_words : random_;
  double sum = 0;
  for (size_t rank = 1; rank <= kVocabulary; ++rank) {
    vocabulary_.push_back(made_up_word(words, rank));
    sum += std::pow(static_cast<double>(rank), -kZipfExponent);
    cumulative_.push_back(sum);
  }
}

std::string Prose::sentence(uint32_t words) {
  return text_.empty() ? made_up(words) : quoted(words);
}

std::string Prose::made_up(uint32_t words) {
  std::string prose;
  uint64_t to_stop = 6 + random_.below(12);
  for (uint32_t i = 0; i < words; ++i) {
    const double draw = random_.unit() * cumulative_.back();
    const auto place = std::lower_bound(cumulative_.begin(), cumulative_.end(), draw) - cumulative_.begin();
    prose += vocabulary_[static_cast<size_t>(place)];
    if (--to_stop == 0) {
      prose += ". ";
      to_stop = 6 + random_.below(12);
    } else {
      prose += ' ';
    }
  }
  if (!prose.empty()) prose.back() = '.';
  return prose;
}

/// The next words of the text, at the end of which it begins again.
std::string Prose::quoted(uint32_t words) {
  std::string prose;
  for (uint32_t i = 0; i < words;) {
    const char c = text_[position_];
    position_ = (position_ + 1) % text_.size();
    prose.push_back(c);
    if (c == ' ' || c == '\n' || position_ == 0) ++i;
  }
  return prose;
}

void add_span(BatchBuilder& builder, const CorpusSpan& span) {
  builder.begin_span();
  builder.span() = span.fields;
  builder.span().name = builder.text(span.name);
  builder.span().status_message = builder.text(span.status_message);
  AttributeDraft& attributes = builder.span_attributes();
  for (const auto& [key, text] : span.texts) builder.attribute(attributes, key, builder.text(text));
  for (const auto& [key, number] : span.numbers) {
    builder.attribute(attributes, key, builder.value(ValueView::integer(number)));
  }
  CHECK(builder.end_span());  // without a ledger memory does not run out
}

void add_resource_attributes(BatchBuilder& builder, std::string_view service) {
  AttributeDraft& attributes = builder.resource_attributes();
  builder.attribute(attributes, "service.name", builder.text(service));
  builder.attribute(attributes, "telemetry.sdk.name", builder.text("opentelemetry"));
  builder.attribute(attributes, "telemetry.sdk.language", builder.text("cpp"));
}

Result<CorpusKind> corpus_kind(std::string_view name) {
  const auto found = std::ranges::find(kCorpusNames, name);
  if (found != kCorpusNames.end()) return static_cast<CorpusKind>(found - kCorpusNames.begin());
  return fail(ErrorCode::kInvalidArgument, "no corpus \"{}\": there are {}", name, fmt::join(kCorpusNames, ", "));
}

std::unique_ptr<Corpus> make_corpus(const CorpusSettings& settings) {
  if (settings.kind == CorpusKind::kAgent) return make_agent_corpus(settings);
  if (settings.kind == CorpusKind::kAgentInterleaved) return make_interleaved_corpus(settings);
  return make_shape_corpus(settings);
}

}  // namespace sextant::data
