// The `shape` corpus and its forms that hurt: what they consist of stands in corpus.h. Of `shape` itself the bytes that
// no encoding can save, per span: span id 8, share of the trace id 1.6, 11 values of 1,000 13.7, name 0.8, start and
// duration some 6.5, parent 0.3: about 31.
#include <array>

#include "data/corpus/corpus_parts.h"

namespace sextant::data {
namespace {

constexpr uint32_t kTraceSpans = 10;
constexpr uint32_t kServices = 20;
constexpr uint32_t kNames = 100;
constexpr uint64_t kValuesPerKey = 1000;
constexpr int kValueDigits = 5;
constexpr double kTraceNanosMedian = 80e6;
constexpr double kSpanNanosMedian = 4e6;
constexpr double kNanosSigma = 1.0;
constexpr uint64_t kTraceGapNanos = 200'000;
constexpr uint64_t kErrorOneIn = 50;
constexpr int kOwnDigits = 12;

/// What is different from kind to kind.
struct Form {
  uint32_t keys = 97;
  uint32_t span_attributes = 11;
  bool own_key = false;    // each span has a key that no other has
  bool own_value = false;  // each span has a value that no other has
};

Form form_of(CorpusKind kind) {
  switch (kind) {
    case CorpusKind::kShapeKeys:
      return {.keys = 1000};
    case CorpusKind::kShapeOwnKeys:
      return {.own_key = true};
    case CorpusKind::kShapeOwnValues:
      return {.own_value = true};
    case CorpusKind::kShapeWide:
      return {.keys = 400, .span_attributes = 300};
    case CorpusKind::kShape:
    case CorpusKind::kAgent:
    case CorpusKind::kAgentInterleaved:
      return {};
  }
  return {};
}

/// Thread-confined.
class ShapeCorpus final : public Corpus {
 public:
  explicit ShapeCorpus(const CorpusSettings& settings)
      : form_(form_of(settings.kind)),
        random_(settings.seed),
        seed_(settings.seed),
        spans_(settings.request_spans == 0 ? kShapeRequestSpans : settings.request_spans),
        clock_(settings.start) {
    for (auto& keys : keys_of_name_) draw_keys(keys);
  }

  Batch next_request() override;

 private:
  void draw_keys(std::vector<uint32_t>& keys);
  void add_trace(uint32_t spans);
  CorpusSpan make_span(uint32_t name);

  const Form form_;
  SeededRandom random_;
  const uint64_t seed_;
  const uint32_t spans_;
  UnixNanos clock_;
  std::array<std::vector<uint32_t>, kNames> keys_of_name_;
  std::array<std::vector<CorpusSpan>, kServices> by_service_;  // of the request being made
};

/// Different keys in ascending order, as an instrumentation that sets them in a fixed order would.
void ShapeCorpus::draw_keys(std::vector<uint32_t>& keys) {
  for (uint32_t key = 0; key < form_.keys; ++key) {
    if (random_.below(form_.keys - key) < form_.span_attributes - keys.size()) keys.push_back(key);
  }
}

CorpusSpan ShapeCorpus::make_span(uint32_t name) {
  CorpusSpan span;
  span.name = fmt::format("operation /items/{:02}", name);
  span.fields.span_id = random_id<8>(random_);
  span.fields.kind = 1 + name % 5;
  span.fields.flags = 0x101;  // sampled, parent is local: what SDKs send
  if (random_.below(kErrorOneIn) == 0) span.fields.status = kError;
  for (const uint32_t key : keys_of_name_[name]) {
    // The key's own thousand values: a hash of key and index.
    const uint64_t index = random_.below(kValuesPerKey);
    const uint64_t hash = SeededRandom(seed_ ^ (key * 1'000'003ULL + index)).next();
    span.texts.emplace_back(fmt::format("attr.k{:02}", key),
                            short_code(hash, kValueDigits + static_cast<int>(key % 9)));
  }
  if (form_.own_key) span.texts.emplace_back("attr." + short_code(random_.next(), kOwnDigits), "set");
  if (form_.own_value) span.texts.emplace_back("attr.own", short_code(random_.next(), kOwnDigits));
  return span;
}

void ShapeCorpus::add_trace(uint32_t spans) {
  const TraceId trace_id = random_id<16>(random_);
  const auto length = static_cast<uint64_t>(log_normal(random_, kTraceNanosMedian, kNanosSigma));
  std::vector<SpanId> ids;
  for (uint32_t i = 0; i < spans; ++i) {
    const auto name = static_cast<uint32_t>(random_.below(kNames));
    CorpusSpan span = make_span(name);
    span.fields.trace_id = trace_id;
    span.fields.start_unix_nanos = clock_ + (i == 0 ? 0 : random_.below(length + 1));
    const double duration = i == 0 ? static_cast<double>(length) : log_normal(random_, kSpanNanosMedian, kNanosSigma);
    span.fields.end_unix_nanos = span.fields.start_unix_nanos + static_cast<uint64_t>(duration);
    if (i != 0) span.fields.parent_span_id = ids[random_.below(ids.size())];
    ids.push_back(span.fields.span_id);
    by_service_[name % kServices].push_back(std::move(span));
  }
  clock_ += kTraceGapNanos + random_.below(kTraceGapNanos);
}

Batch ShapeCorpus::next_request() {
  for (uint32_t left = spans_; left > 0;) {
    const uint32_t spans = std::min(left, kTraceSpans);
    add_trace(spans);
    left -= spans;
  }
  BatchBuilder builder({}, 0);
  for (uint32_t service = 0; service < kServices; ++service) {
    builder.begin_resource();
    builder.begin_scope();
    for (const CorpusSpan& span : by_service_[service]) add_span(builder, span);
    builder.end_scope(builder.text("sextant.corpus.shape"), builder.text("1.0.0"), 0);
    add_resource_attributes(builder, fmt::format("service-{:02}", service));
    builder.end_resource(0);
    by_service_[service].clear();
  }
  return builder.finish();
}

}  // namespace

std::unique_ptr<Corpus> make_shape_corpus(const CorpusSettings& settings) {
  return std::make_unique<ShapeCorpus>(settings);
}

}  // namespace sextant::data
