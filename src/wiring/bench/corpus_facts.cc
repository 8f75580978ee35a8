#include "wiring/bench/corpus_facts.h"

#include <algorithm>
#include <cmath>

namespace sextant::wiring {
namespace {

/// Texts longer than this are contents, which nobody asks for by equality.
constexpr size_t kValueBytesMax = 64;

}  // namespace

SpanFacts CorpusFacts::facts_of(const data::Batch& batch, uint32_t row) {
  SpanFacts facts{batch.spans.trace_id[row],
                  std::string(batch.service_of(row)),
                  std::string(batch.values.text(batch.spans.name[row])),
                  {},
                  {}};
  const data::AttributeList& list = batch.spans.attributes[row];
  const auto keys = batch.shapes.keys_of(list.shape);
  const auto values = batch.values_of(list);
  std::vector<size_t> texts;
  for (size_t i = 0; i < keys.size(); ++i) {
    const data::ValueView value = batch.values.view(values[i]);
    if (value.type == data::ValueType::kString && !value.bytes.empty() && value.bytes.size() <= kValueBytesMax) {
      texts.push_back(i);
    }
  }
  if (texts.empty()) return facts;
  const size_t chosen = texts[random_.below(texts.size())];
  facts.key = batch.keys.text(keys[chosen]);
  facts.value = batch.values.text(values[chosen]);
  return facts;
}

void CorpusFacts::add(const data::Batch& batch) {
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    const UnixNanos start = batch.spans.start_unix_nanos[row];
    const UnixNanos end = batch.spans.end_unix_nanos[row];
    TraceFacts& trace = traces_[batch.spans.trace_id[row]];
    ++trace.spans;
    trace.start = std::min(trace.start, start);
    trace.end = std::max(trace.end, end);
    end_ = std::max(end_, end);
    const auto duration = static_cast<double>(std::max(start, end) - start);
    by_name_[std::string(batch.values.text(batch.spans.name[row]))].push_back(duration);
    bool found = false;
    const data::ValueView model = batch.attribute(batch.spans.attributes[row], "gen_ai.request.model", &found);
    if (found) by_model_[std::string(model.bytes)].push_back(duration);
    // Reservoir sampling: each of the spans so far is among the samples with the same probability.
    if (samples_.size() < kSamplesMax) {
      samples_.push_back(facts_of(batch, row));
    } else if (const uint64_t place = random_.below(spans_ + 1); place < kSamplesMax) {
      samples_[place] = facts_of(batch, row);
    }
    ++spans_;
  }
}

double exact_quantile(std::vector<double> values, double q) {
  const auto rank = static_cast<size_t>(std::max(std::ceil(q * static_cast<double>(values.size())), 1.0));
  const auto place = values.begin() + static_cast<ptrdiff_t>(rank - 1);
  std::ranges::nth_element(values, place);
  return *place;
}

}  // namespace sextant::wiring
