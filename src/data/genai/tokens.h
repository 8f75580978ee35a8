// Numbers of tokens as clients report them, brought to one meaning: input counts cached tokens, output counts
// reasoning.
#pragma once

#include <cstdint>
#include <optional>

#include "data/genai/names.h"
#include "data/model/run.h"
#include "data/model/value.h"

namespace sextant::data {

class JsonParser;

/// A count as an integer, a double or decimal text; nothing when it is none or negative. At most kTokensMax.
std::optional<uint64_t> count_of(const ValueView& value);

/// What one span says about its tokens. Value; filled field by field, the first report of each counts.
struct TokenReport {
  std::optional<uint64_t> input;
  std::optional<uint64_t> input_uncached;
  std::optional<uint64_t> output;
  std::optional<uint64_t> total;
  std::optional<uint64_t> cached;
  std::optional<uint64_t> cache_write;
  std::optional<uint64_t> reasoning;
  bool input_is_total = false;          // the source is certain that input includes cached tokens
  bool input_leaves_out_cache = false;  // the source is known to leave them out

  void take(Field field, std::optional<uint64_t> count);
  /// A JSON object of counts, as Langfuse and MLflow write them.
  void take_json(const ValueView& value, JsonParser& parser);

  /// Cache writes are a part of the input beside `cached_input`; they come back in `cache_write_input`.
  TokenCounts counts(uint64_t& cache_write_input) const;
};

}  // namespace sextant::data
