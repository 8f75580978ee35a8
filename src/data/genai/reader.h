// Reads what spans mean to an agent, in any dialect, straight from a batch: the cheap half, without messages. Every
// span stored passes here once for the summary of its run, so nothing is allocated and no JSON of messages is parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "data/genai/names.h"
#include "data/genai/words.h"
#include "data/model/batch.h"
#include "data/model/run.h"

namespace sextant::data {

class JsonParser;

/// What a step is and what it used. Value. Lifetime of the texts: that of the batch, until values are added to it.
/// An empty text means: not known.
struct StepFacts {
  StepKind kind = StepKind::kOther;
  Dialect dialect = Dialect::kOther;
  std::string_view operation;  // as gen_ai.operation.name
  std::string_view agent;
  std::string_view workflow;
  std::string_view tool;
  std::string_view tool_call_id;
  std::string_view provider;  // as gen_ai.provider.name
  std::string_view request_model;
  std::string_view response_model;
  std::string_view conversation_id;
  std::string_view error_type;
  TokenCounts tokens;
  uint64_t cache_write_input = 0;             // part of tokens.input
  std::optional<uint64_t> first_token_nanos;  // from the span's start

  std::string_view model() const { return request_model.empty() ? response_model : request_model; }
  /// A call of a model: what tokens are counted by.
  bool is_model_call() const { return kind == StepKind::kModel || kind == StepKind::kEmbeddings; }
};

/// Where a list of attributes holds names of the table.
struct ShapeNames {
  struct At {
    uint32_t position;  // in the list
    uint16_t name;      // in names()
  };
  struct ListAt {
    uint32_t position;
    ListKey key;
  };
  std::vector<At> facts;      // by name: the order in which they are believed
  std::vector<At> content;    // likewise
  std::vector<ListAt> lists;  // by side, then message
  uint32_t dialects = 0;      // a bit for each Dialect whose names occur
  bool proof = false;
  bool proof_if_internal = false;
};

/// Reads the spans of one batch; what the batch's shapes hold is found out once. Thread-confined. The batch may grow.
/// Lifetime: not longer than the batch.
class GenAiReader {
 public:
  explicit GenAiReader(const Batch& batch);
  ~GenAiReader();
  GenAiReader(const GenAiReader&) = delete;
  GenAiReader& operator=(const GenAiReader&) = delete;

  /// Nothing when the span says nothing of an agent's. Requires: row < span_count().
  std::optional<StepFacts> facts(uint32_t row);

  /// What runs are filtered by, of the row's resource; empty: not said.
  struct ResourceFacts {
    std::string_view service;      // service.name
    std::string_view environment;  // deployment.environment.name, or its older name
  };
  const ResourceFacts& resource_of(uint32_t row);

  const Batch& batch() const { return batch_; }
  const ShapeNames& names_of(ShapeId shape);
  /// The value of the row's attribute at a position of its list.
  ValueView value_at(const AttributeList& list, uint32_t position) const {
    return batch_.values.view(batch_.attribute_values[list.values_begin + position]);
  }
  JsonParser& json();

 private:
  struct KeyMeaning {
    bool looked_up = false;
    uint16_t name = kNoName;
    uint32_t list_key = UINT32_MAX;  // index into list_keys_
  };
  const KeyMeaning& meaning_of(KeyCode key);
  ShapeNames resolve(ShapeId shape);
  Dialect dialect_for(uint32_t row, const ShapeNames& shape);

  const Batch& batch_;
  std::vector<KeyMeaning> keys_;
  std::vector<ListKey> list_keys_;
  std::vector<uint32_t> shape_index_;  // shape -> index into shapes_, kUnresolved
  std::vector<std::unique_ptr<ShapeNames>>
      shapes_;  // [0]: nothing of the table; pointers, as references are handed out
  std::vector<std::optional<ResourceFacts>> resources_;
  std::vector<uint8_t> scopes_;       // scope -> 0: unknown, 1: no dialect, 2 + Dialect
  std::unique_ptr<JsonParser> json_;  // made when first needed: it holds buffers
};

}  // namespace sextant::data
