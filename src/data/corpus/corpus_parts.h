// What both corpora are made with: random draws, prose, and spans written into a batch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sys/random.h"
#include "data/corpus/corpus.h"
#include "data/otlp/batch_builder.h"

namespace sextant::data {

/// Log-normal: exp(normal) with the given median and sigma of the logarithm.
double log_normal(SeededRandom& random, double median, double sigma);

template <size_t Size>
Id<Size> random_id(SeededRandom& random) {
  Id<Size> id;
  for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(random.next() >> 56);
  id.bytes[0] |= 1;  // never zero
  return id;
}

/// `digits` lower-case letters and digits drawn from `number`.
std::string short_code(uint64_t number, int digits);

/// Text of words, from a given text or made up. Thread-confined.
class Prose {
 public:
  /// With a seed of the words, what differs between several is what is said, not the words it is said with, nor do all
  /// begin at the text's first word.
  Prose(const std::string& text, SeededRandom random, std::optional<uint64_t> words_seed);

  /// About `words` words with spaces and full stops.
  std::string sentence(uint32_t words);

 private:
  std::string made_up(uint32_t words);
  std::string quoted(uint32_t words);
  const std::string& text_;
  size_t position_ = 0;
  SeededRandom random_;
  std::vector<std::string> vocabulary_;
  std::vector<double> cumulative_;  // of the Zipf weights
};

/// One span before it is in a batch.
struct CorpusSpan {
  SpanDraft fields;
  std::string name;
  std::string status_message;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<std::pair<std::string, int64_t>> numbers;
};

/// Puts one span into a batch.
void add_span(BatchBuilder& builder, const CorpusSpan& span);

/// service.name and what an SDK says of itself.
void add_resource_attributes(BatchBuilder& builder, std::string_view service);

std::unique_ptr<Corpus> make_shape_corpus(const CorpusSettings& settings);
std::unique_ptr<Corpus> make_agent_corpus(const CorpusSettings& settings);
std::unique_ptr<Corpus> make_interleaved_corpus(const CorpusSettings& settings);

}  // namespace sextant::data
