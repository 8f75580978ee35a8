#include "data/genai/reader.h"

#include <algorithm>
#include <cmath>

#include "data/genai/json.h"
#include "data/genai/limits.h"
#include "data/genai/tokens.h"

namespace sextant::data {
namespace {

constexpr uint32_t kUnresolved = UINT32_MAX;
constexpr uint32_t kNoListKey = UINT32_MAX;
constexpr double kNanosPerSecond = 1e9;
constexpr double kNanosPerMilli = 1e6;

// Events that streams record with their first piece: OpenInference; the Vercel AI SDK; OpenLLMetry.
constexpr std::string_view kFirstTokenEvents[] = {"First Token Stream Event", "ai.stream.firstChunk",
                                                  "llm.content.completion.chunk"};

std::string_view text_of(const ValueView& value) {
  return value.type == ValueType::kString ? value.bytes : std::string_view{};
}

std::optional<uint64_t> nanos_of(const ValueView& value, Form form) {
  const bool is_int = value.type == ValueType::kInt;
  if (!is_int && value.type != ValueType::kDouble) return std::nullopt;
  const double number = is_int ? static_cast<double>(value.number) : value.as_double();
  const double nanos = number * (form == Form::kMillis ? kNanosPerMilli : kNanosPerSecond);
  // Negative, not a number, or beyond what a 64-bit time can hold: not a measurement.
  if (!(nanos >= 0) || nanos > 1e18) return std::nullopt;
  return static_cast<uint64_t>(std::llround(nanos));
}

/// What one row says, before it is put together.
struct Gathered {
  StepFacts facts;
  TokenReport tokens;
  const KindWord* word = nullptr;
  Source word_source = Source::kPlain;
  std::string_view entity;
  std::string_view mcp_method;
  std::string_view agent_model;
  bool claude_code = false;
  bool agent_is_plain = false;  // agent.name: written by hand on the agent's own span
  bool cached_from_vercel = false;

  static void first(std::string_view& place, const ValueView& value) {
    if (place.empty()) place = text_of(value);
  }
  void take_kind(const GenAiName& name, std::string_view text);
  void take_name(const GenAiName& name, const ValueView& value);
  void take(const GenAiName& name, const ValueView& value, GenAiReader& reader);
};

void Gathered::take_kind(const GenAiName& name, std::string_view text) {
  const KindWord* found = find_kind_word(text);
  if (name.source == Source::kClaudeCode) {
    // "span.type" is anybody's key; only these words are Claude Code's.
    if (text != "interaction" && text != "llm_request" && text != "tool") return;
    claude_code = true;
  }
  if (name.source == Source::kOtel && facts.operation.empty()) facts.operation = text;
  if (word == nullptr && found != nullptr) {
    word = found;
    word_source = name.source;
  }
}

void Gathered::take_name(const GenAiName& name, const ValueView& value) {
  switch (name.field) {
    case Field::kAgent:
      agent_is_plain = agent_is_plain || name.source == Source::kPlain;
      return first(facts.agent, value);
    case Field::kEntityName:
      return first(entity, value);
    case Field::kWorkflow:
      return first(facts.workflow, value);
    case Field::kTool:
      return first(facts.tool, value);
    case Field::kToolCallId:
      return first(facts.tool_call_id, value);
    case Field::kProvider:
      return first(facts.provider, value);
    case Field::kRequestModel:
      return first(facts.request_model, value);
    case Field::kResponseModel:
      return first(facts.response_model, value);
    case Field::kAgentModel:
      return first(agent_model, value);
    case Field::kConversationId:
      return first(facts.conversation_id, value);
    case Field::kErrorType:
      return first(facts.error_type, value);
    case Field::kMcpMethod:
      return first(mcp_method, value);
    default:
      return;
  }
}

void Gathered::take(const GenAiName& name, const ValueView& value, GenAiReader& reader) {
  switch (name.field) {
    case Field::kKindWord:
      return take_kind(name, text_of(value));
    case Field::kCachedTokens:
      if (!tokens.cached) cached_from_vercel = name.source == Source::kVercel;
      return tokens.take(name.field, count_of(value));
    case Field::kInputTokens:
    case Field::kInputTokensUncached:
    case Field::kOutputTokens:
    case Field::kTotalTokens:
    case Field::kCacheWriteTokens:
    case Field::kReasoningTokens:
      return tokens.take(name.field, count_of(value));
    case Field::kTokenDetails:
      tokens.input_is_total = true;
      return;
    case Field::kUsageJson:
      return tokens.take_json(value, reader.json());
    case Field::kFirstToken:
      if (!facts.first_token_nanos) facts.first_token_nanos = nanos_of(value, name.form);
      return;
    default:
      return take_name(name, value);
  }
}

/// The kind of a step whose own words do not tell: by what it names, in the order of how seldom other steps name it.
StepKind kind_by_presence(const Gathered& g, const ShapeNames& shape) {
  const StepFacts& f = g.facts;
  if (!g.mcp_method.empty()) return g.mcp_method == "tools/call" ? StepKind::kTool : StepKind::kOther;
  if (!f.tool.empty() || !f.tool_call_id.empty()) return StepKind::kTool;
  if (!f.model().empty() || g.tokens.input || g.tokens.output || !shape.lists.empty()) return StepKind::kModel;
  // The conventions' own names are copied onto spans below an agent; without an operation they say nothing of the kind.
  return g.agent_is_plain ? StepKind::kAgent : StepKind::kOther;
}

std::string_view operation_of(StepKind kind) {
  switch (kind) {
    case StepKind::kAgent:
      return "invoke_agent";
    case StepKind::kModel:
      return "chat";
    case StepKind::kTool:
      return "execute_tool";
    default:
      return {};
  }
}

/// "analyzer" of "invoke_agent analyzer"; empty when `name` does not begin so.
std::string_view after_word(std::string_view name, std::string_view word) {
  if (name.size() <= word.size() || !name.starts_with(word) || name[word.size()] != ' ') return {};
  return name.substr(word.size() + 1);
}

/// Frameworks that give a span its agent's or tool's name and write the name nowhere else.
bool names_spans_after_steps(Source source) {
  return source == Source::kOpenInference || source == Source::kLangfuse || source == Source::kLangSmith ||
         source == Source::kMlflow;
}

void name_agent_and_tool(Gathered& g, std::string_view span_name) {
  StepFacts& f = g.facts;
  const bool by_span = g.word != nullptr && names_spans_after_steps(g.word_source);
  if (f.kind == StepKind::kAgent && f.agent.empty()) {
    f.agent = g.entity;
    // Version 7 of the Vercel AI SDK puts the model there.
    if (f.agent.empty() && f.dialect != Dialect::kVercel) f.agent = after_word(span_name, "invoke_agent");
    if (f.agent.empty() && by_span) f.agent = span_name;
  } else if (f.kind == StepKind::kTool && f.tool.empty()) {
    f.tool = g.entity;
    if (f.tool.empty()) f.tool = after_word(span_name, "execute_tool");
    if (f.tool.empty()) f.tool = after_word(span_name, "tools/call");
    if (f.tool.empty() && by_span) f.tool = span_name;
  } else if (f.kind == StepKind::kWorkflow && f.workflow.empty()) {
    f.workflow = g.entity;
  }
}

bool starts_with_handoff(std::string_view name) {
  return name.starts_with("handoff") || name.starts_with("Handoff");
}

void put_together(Gathered& g, const ShapeNames& shape, std::string_view span_name) {
  StepFacts& f = g.facts;
  f.kind = g.word != nullptr ? g.word->kind : kind_by_presence(g, shape);
  const bool may_hand_off = f.kind == StepKind::kTool || f.kind == StepKind::kOther || f.kind == StepKind::kWorkflow;
  if (may_hand_off && starts_with_handoff(span_name)) f.kind = StepKind::kHandoff;
  if (f.operation.empty()) f.operation = g.word != nullptr ? g.word->operation : operation_of(f.kind);
  name_agent_and_tool(g, span_name);
  if (f.provider.size() > 0) f.provider = provider_name(f.provider);
  if (f.request_model.empty()) f.request_model = g.agent_model;
  // Up to version 5 the AI SDK handed on Anthropic's own count, which leaves cached tokens out.
  if (g.cached_from_vercel && (f.provider == "anthropic" || f.provider == "aws.bedrock")) {
    g.tokens.input_leaves_out_cache = true;
  }
  if (f.operation != "fetch_response") f.tokens = g.tokens.counts(f.cache_write_input);
}

void find_first_token(const Batch& batch, uint32_t row, StepFacts& facts) {
  const RowRange events = batch.events_of(row);
  for (uint32_t i = events.begin; i < std::min(events.end, events.begin + kTokenEventsMax); ++i) {
    const std::string_view name = batch.values.text(batch.events.name[i]);
    if (std::ranges::find(kFirstTokenEvents, name) == std::end(kFirstTokenEvents)) continue;
    const uint64_t start = batch.spans.start_unix_nanos[row];
    const uint64_t time = batch.events.time_unix_nanos[i];
    if (time >= start) facts.first_token_nanos = time - start;
    return;
  }
}

bool is_internal(const Batch& batch, uint32_t row) {
  return batch.spans.kind[row] == kInternal || batch.spans.kind[row] == kUnspecified;
}

}  // namespace

GenAiReader::GenAiReader(const Batch& batch) : batch_(batch) {
  shapes_.push_back(std::make_unique<ShapeNames>());
}

GenAiReader::~GenAiReader() = default;

JsonParser& GenAiReader::json() {
  if (!json_) json_ = std::make_unique<JsonParser>();
  return *json_;
}

const GenAiReader::KeyMeaning& GenAiReader::meaning_of(KeyCode key) {
  if (key >= keys_.size()) keys_.resize(batch_.keys.size());
  KeyMeaning& meaning = keys_[key];
  if (meaning.looked_up) return meaning;
  meaning.looked_up = true;
  const std::string_view text = batch_.keys.text(key);
  meaning.name = find_name(text);
  if (meaning.name != kNoName) return meaning;
  if (const auto list_key = parse_list_key(text)) {
    meaning.list_key = static_cast<uint32_t>(list_keys_.size());
    list_keys_.push_back(*list_key);
  }
  return meaning;
}

ShapeNames GenAiReader::resolve(ShapeId shape) {
  ShapeNames found;
  // The trie gives keys last to first.
  for (uint32_t i = batch_.shapes.key_count(shape); i > 0; --i, shape = batch_.shapes.parent(shape)) {
    const KeyMeaning& meaning = meaning_of(batch_.shapes.last_key(shape));
    if (meaning.list_key != kNoListKey) {
      found.lists.push_back({i - 1, list_keys_[meaning.list_key]});
      found.dialects |= 1U << static_cast<uint32_t>(dialect_of(found.lists.back().key.source));
      found.proof = true;
    }
    if (meaning.name == kNoName) continue;
    const GenAiName& name = names()[meaning.name];
    (name.field < kFirstContentField ? found.facts : found.content).push_back({i - 1, meaning.name});
    if (name.proof != Proof::kNo) found.dialects |= 1U << static_cast<uint32_t>(dialect_of(name.source));
    found.proof = found.proof || name.proof == Proof::kYes;
    found.proof_if_internal = found.proof_if_internal || name.proof == Proof::kIfInternal;
  }
  // By name, and of equal names the first of the list first: that is the one which counts.
  const auto order = [](const ShapeNames::At& a, const ShapeNames::At& b) {
    return a.name != b.name ? a.name < b.name : a.position < b.position;
  };
  std::ranges::sort(found.facts, order);
  std::ranges::sort(found.content, order);
  std::ranges::sort(found.lists, [](const ShapeNames::ListAt& a, const ShapeNames::ListAt& b) {
    if (a.key.side != b.key.side) return a.key.side < b.key.side;
    return a.key.message != b.key.message ? a.key.message < b.key.message : a.position < b.position;
  });
  return found;
}

const ShapeNames& GenAiReader::names_of(ShapeId shape) {
  if (shape >= shape_index_.size()) shape_index_.resize(batch_.shapes.size(), kUnresolved);
  uint32_t& index = shape_index_[shape];
  if (index == kUnresolved) {
    ShapeNames found = resolve(shape);
    const bool nothing = found.facts.empty() && found.content.empty() && found.lists.empty();
    index = nothing ? 0 : static_cast<uint32_t>(shapes_.size());
    if (!nothing) shapes_.push_back(std::make_unique<ShapeNames>(std::move(found)));
  }
  return *shapes_[index];
}

const GenAiReader::ResourceFacts& GenAiReader::resource_of(uint32_t row) {
  const uint32_t index = batch_.spans.resource[row];
  if (index >= resources_.size()) resources_.resize(batch_.resources.size());
  std::optional<ResourceFacts>& known = resources_[index];
  if (known) return *known;
  const AttributeList& list = batch_.resources[index].attributes;
  known.emplace();
  known->service = text_of(batch_.attribute(list, "service.name"));
  known->environment = text_of(batch_.attribute(list, "deployment.environment.name"));
  if (known->environment.empty()) known->environment = text_of(batch_.attribute(list, "deployment.environment"));
  return *known;
}

Dialect GenAiReader::dialect_for(uint32_t row, const ShapeNames& shape) {
  const uint32_t scope = batch_.spans.scope[row];
  if (scope >= scopes_.size()) scopes_.resize(batch_.scopes.size(), 0);
  if (scopes_[scope] == 0) {
    const auto known = dialect_of_scope(batch_.values.text(batch_.scopes[scope].name));
    scopes_[scope] = known ? static_cast<uint8_t>(2 + static_cast<uint8_t>(*known)) : 1;
  }
  if (scopes_[scope] >= 2) return static_cast<Dialect>(scopes_[scope] - 2);
  // Other dialects also use OpenTelemetry's names; nobody uses theirs.
  for (Dialect dialect : {Dialect::kOpenInference, Dialect::kVercel, Dialect::kOpenLlmetry, Dialect::kOtel}) {
    if ((shape.dialects >> static_cast<uint32_t>(dialect) & 1) != 0) return dialect;
  }
  return Dialect::kOther;
}

std::optional<StepFacts> GenAiReader::facts(uint32_t row) {
  const AttributeList& list = batch_.spans.attributes[row];
  const ShapeNames& shape = names_of(list.shape);
  if (shape.facts.empty() && !shape.proof) return std::nullopt;
  Gathered g;
  g.facts.dialect = dialect_for(row, shape);
  for (const ShapeNames::At& at : shape.facts) {
    const GenAiName& name = names()[at.name];
    if (name.source == Source::kClaudeCode && !g.claude_code && name.field != Field::kKindWord) continue;
    g.take(name, value_at(list, at.position), *this);
  }
  const bool proven = shape.proof || g.claude_code || (shape.proof_if_internal && is_internal(batch_, row));
  if (!proven) return std::nullopt;
  put_together(g, shape, batch_.values.text(batch_.spans.name[row]));
  if (!g.facts.first_token_nanos && g.facts.kind == StepKind::kModel) find_first_token(batch_, row, g.facts);
  return g.facts;
}

}  // namespace sextant::data
