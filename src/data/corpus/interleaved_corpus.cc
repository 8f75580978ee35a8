// The `agent-interleaved` corpus: many agents work at once, and a request has something of some of them.
#include <algorithm>

#include "data/corpus/corpus_parts.h"

namespace sextant::data {
namespace {

constexpr uint32_t kConversations = 200;
/// Of one conversation in one request: a model call and what it asks for.
constexpr uint32_t kTurnSpans = 2;

/// Thread-confined.
class InterleavedCorpus final : public Corpus {
 public:
  explicit InterleavedCorpus(const CorpusSettings& settings)
      : turns_(std::max(1U, (settings.request_spans == 0 ? kAgentRequestSpans : settings.request_spans) / kTurnSpans)) {
    SeededRandom random(settings.seed);
    CorpusSettings own = settings;
    own.kind = CorpusKind::kAgent;
    own.request_spans = kTurnSpans;
    own.words_seed = settings.seed;
    for (uint32_t i = 0; i < kConversations; ++i) {
      own.seed = random.next();
      conversations_.push_back(make_agent_corpus(own));
    }
  }

  Batch next_request() override {
    Batch batch;
    BatchAppender appender(batch);
    std::vector<Batch> parts;
    parts.reserve(turns_);  // they stay where they are: the appender knows them by their places
    for (uint32_t i = 0; i < turns_; ++i) {
      parts.push_back(conversations_[next_++ % kConversations]->next_request());
      appender.append_all(parts.back());
    }
    return batch;
  }

 private:
  const uint32_t turns_;
  std::vector<std::unique_ptr<Corpus>> conversations_;
  uint64_t next_ = 0;
};

}  // namespace

std::unique_ptr<Corpus> make_interleaved_corpus(const CorpusSettings& settings) {
  return std::make_unique<InterleavedCorpus>(settings);
}

}  // namespace sextant::data
