#include "data/otlp/refusals.h"

#include <fmt/format.h>

#include <numeric>

#include "data/otlp/limits.h"

namespace sextant::data {

std::string_view to_string(Refusal refusal) {
  static_assert(kValueBytesMax == 64ULL << 20 && kValueDepthMax == 64 && kAttributesMax == 100'000);
  switch (refusal) {
    case Refusal::kNone:
      break;
    case Refusal::kTraceId:
      return "a trace_id that is zero, absent or not 16 bytes long";
    case Refusal::kSpanId:
      return "a span_id that is zero, absent or not 8 bytes long";
    case Refusal::kParentId:
      return "a parent_span_id that is not 8 bytes long";
    case Refusal::kLinkId:
      return "a link whose ids are not 16 and 8 bytes long";
    case Refusal::kTooLarge:
      return "a value, name or other text larger than 64 MiB";
    case Refusal::kAttributes:
      return "a list of more than 100000 attributes";
    case Refusal::kTooDeep:
      return "a value nested deeper than 64 levels";
    case Refusal::kNestedLists:
      return "a value of more than 1000000 arrays and maps";
    case Refusal::kRepeated:
      return "a message in pieces of more than 1 MiB together";
    case Refusal::kSpans:
      return "a place beyond the 4000000 spans that one request may have";
    case Refusal::kBadId:
      return "an id that is not hexadecimal";
  }
  return "no cause";
}

uint64_t Refusals::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

std::string Refusals::sentence() const {
  std::string text;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    text += fmt::format("{}{} {} with {}", text.empty() ? "refused: " : "; ", counts_[i],
                        counts_[i] == 1 ? "span" : "spans", to_string(static_cast<Refusal>(i)));
  }
  return text;
}

}  // namespace sextant::data
