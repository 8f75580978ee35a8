// The `agent` corpus: what it consists of stands in corpus.h. Names and forms of attributes follow OpenTelemetry's
// semantic conventions for generative AI (gen_ai.*, messages as JSON of roles and parts).
#include <array>
#include <deque>

#include "base/codec/json_writer.h"
#include "data/corpus/corpus_parts.h"

namespace sextant::data {
namespace {

constexpr uint32_t kRunsPerConversationMax = 2;
constexpr uint32_t kTurnsMin = 3;
constexpr uint32_t kTurnsMax = 6;
constexpr uint64_t kSecondToolOneIn = 4;
constexpr uint64_t kErrorOneIn = 40;
constexpr double kSystemWords = 150;
constexpr double kTaskWords = 40;
constexpr double kAnswerWords = 70;
constexpr double kToolResultWords = 100;
constexpr double kWordsSigma = 0.6;
constexpr double kModelNanosMedian = 1.8e9;
constexpr double kToolNanosMedian = 0.15e9;
constexpr double kNanosSigma = 0.7;
constexpr uint64_t kBytesPerToken = 4;
constexpr uint64_t kRunGapNanos = 700'000'000;

struct Agent {
  std::string_view service;
  std::string_view name;
  std::string_view provider;
  std::string_view model;
};
constexpr std::array<Agent, 5> kAgents = {{
    {"support-desk", "triage", "openai", "gpt-4o"},
    {"support-desk", "refunds", "openai", "gpt-4o-mini"},
    {"research", "planner", "anthropic", "claude-sonnet-4"},
    {"research", "reader", "gcp.gemini", "gemini-2.5-flash"},
    {"coding", "reviewer", "mistral_ai", "mistral-large-2"},
}};
constexpr std::array<std::string_view, 6> kTools = {"search_documents", "get_order",  "run_query",
                                                    "read_file",        "send_email", "get_weather"};

/// One conversation: the messages so far, each as JSON text.
struct Conversation {
  const Agent* agent = nullptr;
  std::string id;
  std::string system;                 // gen_ai.system_instructions
  std::vector<std::string> messages;  // history
  uint32_t runs_left = 0;
};

/// Thread-confined.
class AgentCorpus final : public Corpus {
 public:
  explicit AgentCorpus(const CorpusSettings& settings)
      : text_(settings.text),
        random_(settings.seed),
        prose_(text_, SeededRandom(settings.seed ^ 0x70726F7365), settings.words_seed),
        spans_(settings.request_spans == 0 ? kAgentRequestSpans : settings.request_spans),
        clock_(settings.start) {}

  Batch next_request() override;

 private:
  /// A span waiting for its request, with the service that sends it.
  struct Ready {
    std::string_view service;
    CorpusSpan span;
  };
  void begin_conversation();
  void add_run();
  void add_turn(const CorpusSpan& root, bool last);
  std::string add_tool_call(const CorpusSpan& root, JsonWriter& assistant);
  std::string tool_arguments();
  std::string tool_result();
  CorpusSpan child_of(const CorpusSpan& root, double nanos_median);
  void send(CorpusSpan span) { ready_.push_back({conversation_.agent->service, std::move(span)}); }
  std::string prose(double words_median) {
    return prose_.sentence(static_cast<uint32_t>(log_normal(random_, words_median, kWordsSigma)) + 1);
  }
  std::string joined_history() const;

  const std::string text_;
  SeededRandom random_;
  Prose prose_;
  const uint32_t spans_;
  UnixNanos clock_;
  Conversation conversation_;
  std::deque<Ready> ready_;
};

std::string message(std::string_view role, std::string_view content) {
  JsonWriter json;
  json.begin_object().key("role").string(role).key("parts").begin_array().begin_object();
  json.key("type").string("text").key("content").string(content).end_object().end_array().end_object();
  return json.take();
}

void AgentCorpus::begin_conversation() {
  conversation_.agent = &kAgents[random_.below(kAgents.size())];
  conversation_.id = random_id<16>(random_).hex();
  conversation_.messages.clear();
  conversation_.runs_left = 1 + static_cast<uint32_t>(random_.below(kRunsPerConversationMax));
  JsonWriter json;
  json.begin_array().begin_object().key("type").string("text").key("content").string(prose(kSystemWords));
  conversation_.system = json.end_object().end_array().take();
}

std::string AgentCorpus::joined_history() const {
  JsonWriter json;
  json.begin_array();
  for (const std::string& message : conversation_.messages) json.raw(message);
  return json.end_array().take();
}

CorpusSpan AgentCorpus::child_of(const CorpusSpan& root, double nanos_median) {
  CorpusSpan span;
  span.fields.trace_id = root.fields.trace_id;
  span.fields.span_id = random_id<8>(random_);
  span.fields.parent_span_id = root.fields.span_id;
  span.fields.flags = 0x101;
  span.fields.start_unix_nanos = clock_;
  clock_ += static_cast<uint64_t>(log_normal(random_, nanos_median, kNanosSigma));
  span.fields.end_unix_nanos = clock_;
  return span;
}

void AgentCorpus::add_run() {
  if (conversation_.runs_left == 0) begin_conversation();
  --conversation_.runs_left;
  const Agent& agent = *conversation_.agent;
  CorpusSpan root;
  root.name = fmt::format("invoke_agent {}", agent.name);
  root.fields.trace_id = random_id<16>(random_);
  root.fields.span_id = random_id<8>(random_);
  root.fields.kind = kInternal;
  root.fields.flags = 0x101;
  root.fields.start_unix_nanos = clock_;
  const std::string task = prose(kTaskWords);
  conversation_.messages.push_back(message("user", task));
  root.texts = {{"gen_ai.operation.name", "invoke_agent"},
                {"gen_ai.agent.name", std::string(agent.name)},
                {"gen_ai.conversation.id", conversation_.id},
                {"gen_ai.input.messages", "[" + conversation_.messages.back() + "]"}};
  const uint64_t turns = kTurnsMin + random_.below(kTurnsMax - kTurnsMin + 1);
  for (uint64_t turn = 0; turn < turns; ++turn) add_turn(root, turn + 1 == turns);
  root.texts.emplace_back("gen_ai.output.messages", "[" + conversation_.messages.back() + "]");
  root.fields.end_unix_nanos = clock_;
  send(std::move(root));
  clock_ += random_.below(kRunGapNanos);
}

/// A model call, and the tool calls it asks for unless it is the run's last.
void AgentCorpus::add_turn(const CorpusSpan& root, bool last) {
  const Agent& agent = *conversation_.agent;
  CorpusSpan chat = child_of(root, kModelNanosMedian);
  chat.name = fmt::format("chat {}", agent.model);
  chat.fields.kind = kClient;
  const std::string history = joined_history();
  std::vector<std::string> results;
  JsonWriter assistant;
  assistant.begin_object().key("role").string("assistant").key("parts").begin_array();
  assistant.begin_object().key("type").string("text").key("content").string(prose(kAnswerWords)).end_object();
  if (!last) {
    const uint64_t tools = random_.below(kSecondToolOneIn) == 0 ? 2 : 1;
    for (uint64_t i = 0; i < tools; ++i) results.push_back(add_tool_call(root, assistant));
  }
  const std::string_view finish = last ? "stop" : "tool_call";
  assistant.end_array().key("finish_reason").string(finish).end_object();
  const std::string output = assistant.take();
  chat.texts = {{"gen_ai.operation.name", "chat"},
                {"gen_ai.provider.name", std::string(agent.provider)},
                {"gen_ai.request.model", std::string(agent.model)},
                {"gen_ai.response.model", std::string(agent.model)},
                {"gen_ai.response.id", "resp_" + random_id<16>(random_).hex()},
                {"gen_ai.conversation.id", conversation_.id},
                {"gen_ai.system_instructions", conversation_.system},
                {"gen_ai.input.messages", history},
                {"gen_ai.output.messages", "[" + output + "]"}};
  chat.numbers = {{"gen_ai.usage.input_tokens", static_cast<int64_t>(history.size() / kBytesPerToken)},
                  {"gen_ai.usage.output_tokens", static_cast<int64_t>(output.size() / kBytesPerToken)},
                  {"gen_ai.request.max_tokens", 4096}};
  conversation_.messages.push_back(output);
  for (std::string& result : results) conversation_.messages.push_back(std::move(result));
  send(std::move(chat));
}

/// Adds the call to the assistant's message and its span; returns the message with the result.
std::string AgentCorpus::add_tool_call(const CorpusSpan& root, JsonWriter& assistant) {
  const std::string_view tool = kTools[random_.below(kTools.size())];
  const std::string call_id = "call_" + random_id<16>(random_).hex().substr(0, 24);
  const std::string arguments = tool_arguments();
  const std::string result = tool_result();
  assistant.begin_object().key("type").string("tool_call").key("id").string(call_id);
  assistant.key("name").string(tool).key("arguments").raw(arguments).end_object();
  CorpusSpan span = child_of(root, kToolNanosMedian);
  span.name = fmt::format("execute_tool {}", tool);
  span.fields.kind = kInternal;
  if (random_.below(kErrorOneIn) == 0) {
    span.fields.status = kError;
    span.status_message = "the tool gave up: " + prose(5);
  }
  span.texts = {{"gen_ai.operation.name", "execute_tool"}, {"gen_ai.tool.name", std::string(tool)},
                {"gen_ai.tool.call.id", call_id},          {"gen_ai.tool.type", "function"},
                {"gen_ai.tool.call.arguments", arguments}, {"gen_ai.tool.call.result", result}};
  send(std::move(span));
  JsonWriter json;
  json.begin_object().key("role").string("tool").key("parts").begin_array().begin_object();
  json.key("type").string("tool_call_response").key("id").string(call_id).key("response").raw(result);
  return json.end_object().end_array().end_object().take();
}

std::string AgentCorpus::tool_arguments() {
  JsonWriter json;
  json.begin_object().key("query").string(prose_.sentence(4 + static_cast<uint32_t>(random_.below(8))));
  json.key("limit").integer(static_cast<int64_t>(1 + random_.below(50)));
  json.key("request_id").string(random_id<8>(random_).hex()).end_object();
  return json.take();
}

std::string AgentCorpus::tool_result() {
  JsonWriter json;
  json.begin_object().key("status").string("ok").key("items").begin_array();
  const uint64_t items = 1 + random_.below(4);
  for (uint64_t i = 0; i < items; ++i) {
    json.begin_object().key("id").string(random_id<8>(random_).hex());
    json.key("score").real(static_cast<double>(random_.below(1000)) / 1000);
    json.key("content").string(prose(kToolResultWords / 2.5)).end_object();
  }
  json.end_array().key("took_ms").integer(static_cast<int64_t>(random_.below(900))).end_object();
  return json.take();
}

Batch AgentCorpus::next_request() {
  while (ready_.size() <= spans_) add_run();  // one more than needed, so that there is always a front
  BatchBuilder builder({}, 0);
  for (uint32_t left = spans_; left > 0;) {
    const std::string_view service = ready_.front().service;
    builder.begin_resource();
    builder.begin_scope();
    for (; left > 0 && ready_.front().service == service; --left) {
      add_span(builder, ready_.front().span);
      ready_.pop_front();
    }
    builder.end_scope(builder.text("sextant.corpus.agent"), builder.text("1.0.0"), 0);
    add_resource_attributes(builder, service);
    builder.end_resource(0);
  }
  return builder.finish();
}

}  // namespace

std::unique_ptr<Corpus> make_agent_corpus(const CorpusSettings& settings) {
  return std::make_unique<AgentCorpus>(settings);
}

}  // namespace sextant::data
