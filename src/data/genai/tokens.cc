#include "data/genai/tokens.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/genai/json.h"
#include "data/genai/limits.h"

namespace sextant::data {
namespace {

/// Bytes of a JSON object of counts; the known ones have a dozen members.
constexpr size_t kUsageJsonBytesMax = 16 << 10;

struct UsageKey {
  std::string_view key;
  Field field;
};
// Langfuse's usage details leave cached tokens out of "input"; MLflow's "input_tokens" includes them.
constexpr UsageKey kUsageKeys[] = {
    {"input", Field::kInputTokensUncached},
    {"input_tokens", Field::kInputTokens},
    {"prompt_tokens", Field::kInputTokens},
    {"output", Field::kOutputTokens},
    {"output_tokens", Field::kOutputTokens},
    {"completion_tokens", Field::kOutputTokens},
    {"total", Field::kTotalTokens},
    {"total_tokens", Field::kTotalTokens},
    {"input_cached_tokens", Field::kCachedTokens},
    {"input_cache_read", Field::kCachedTokens},
    {"cache_read_input_tokens", Field::kCachedTokens},
    {"input_cache_creation", Field::kCacheWriteTokens},
    {"cache_creation_input_tokens", Field::kCacheWriteTokens},
    {"output_reasoning_tokens", Field::kReasoningTokens},
    {"output_reasoning", Field::kReasoningTokens},
    {"reasoning_tokens", Field::kReasoningTokens},
};

std::optional<uint64_t> count_of_double(double number) {
  if (!std::isfinite(number) || number < 0) return std::nullopt;
  return number >= static_cast<double>(kTokensMax) ? kTokensMax : static_cast<uint64_t>(number);
}

}  // namespace

std::optional<uint64_t> count_of(const ValueView& value) {
  switch (value.type) {
    case ValueType::kInt:
      if (value.number < 0) return std::nullopt;
      return std::min(static_cast<uint64_t>(value.number), kTokensMax);
    case ValueType::kDouble:
      return count_of_double(value.as_double());
    case ValueType::kString: {
      uint64_t number = 0;
      const char* end = value.bytes.data() + value.bytes.size();
      const auto [stop, error] = std::from_chars(value.bytes.data(), end, number);
      if (error != std::errc{} || stop != end) return std::nullopt;
      return std::min(number, kTokensMax);
    }
    default:
      return std::nullopt;
  }
}

void TokenReport::take(Field field, std::optional<uint64_t> count) {
  const auto first = [&](std::optional<uint64_t>& place) {
    if (!place) place = count;
  };
  switch (field) {
    case Field::kInputTokens:
      return first(input);
    case Field::kInputTokensUncached:
      return first(input_uncached);
    case Field::kOutputTokens:
      return first(output);
    case Field::kTotalTokens:
      return first(total);
    case Field::kCachedTokens:
      return first(cached);
    case Field::kCacheWriteTokens:
      return first(cache_write);
    case Field::kReasoningTokens:
      return first(reasoning);
    default:
      return;
  }
}

void TokenReport::take_json(const ValueView& value, JsonParser& parser) {
  if (value.type != ValueType::kString) return;
  const auto document = parser.parse(value.bytes, kUsageJsonBytesMax);
  JsonObject object;
  if (!document || document->get_object().get(object) != simdjson::SUCCESS) return;
  for (const UsageKey& usage : kUsageKeys) {
    double number = 0;
    if (object.at_key(usage.key).get_double().get(number) == simdjson::SUCCESS) {
      take(usage.field, count_of_double(number));
    }
  }
}

TokenCounts TokenReport::counts(uint64_t& cache_write_input) const {
  TokenCounts counts;
  const uint64_t aside = cached.value_or(0) + cache_write.value_or(0);
  counts.known = input || input_uncached || output;
  if (!counts.known) return counts;
  counts.output = output.value_or(0);
  counts.reasoning = reasoning.value_or(0);
  if (counts.reasoning > counts.output) counts.output += counts.reasoning;  // a part cannot be larger than the whole
  if (input) {
    const bool sums_up = total && output && aside > 0 && *total == *input + *output + aside;
    const bool left_out = !input_is_total && (input_leaves_out_cache || aside > *input || sums_up);
    counts.input = *input + (left_out ? aside : 0);
  } else if (input_uncached) {
    counts.input = *input_uncached + aside;
  }
  counts.cached_input = std::min(cached.value_or(0), counts.input);
  cache_write_input = std::min(cache_write.value_or(0), counts.input - counts.cached_input);
  return counts;
}

}  // namespace sextant::data
