// Reads what real instrumentations wrote about the same conversations (tests/corpus/dialects) and compares it with what
// the model server billed and answered.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "data/genai/json.h"
#include "data/genai/step_view.h"
#include "data/genai/summarize.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

constexpr size_t kFileBytesMax = 16 << 20;
const char* const kFolder = "tests/corpus/dialects";

/// A message reduced to what the recordings' answers also say.
struct Said {
  std::string role;
  std::string text;
  std::vector<std::string> calls;  // "id name arguments"
  std::string call_id;

  bool operator==(const Said&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Said& said) {
  out << said.role << ": " << said.text;
  for (const std::string& call : said.calls) out << " | " << call;
  return out << " -> " << said.call_id;
}

/// How much of a conversation an instrumentation writes down.
struct Recorded {
  bool call_ids = true;          // ids of tool calls
  bool calls_in_history = true;  // tool calls of earlier answers
  bool stream_tokens = true;
  bool cached_tokens = true;
  bool reasoning_tokens = true;
  bool messages = true;
};
const std::map<std::string, Recorded> kRecorded = {
    {"otel", {}},
    {"otel_contrib", {.cached_tokens = false, .reasoning_tokens = false, .messages = false}},
    {"openinference", {.stream_tokens = false}},
    {"openllmetry", {.stream_tokens = false, .cached_tokens = false, .reasoning_tokens = false}},
    {"openllmetry_flat",
     {.call_ids = false,
      .calls_in_history = false,
      .stream_tokens = false,
      .cached_tokens = false,
      .reasoning_tokens = false}},
    {"traceloop", {.stream_tokens = false, .cached_tokens = false, .reasoning_tokens = false}},
    {"vercel", {.reasoning_tokens = false}},
    {"vercel_legacy", {}},
};

// Single cases in which an instrumentation leaves something out that it writes otherwise.
const std::set<std::string> kWithoutTokens = {"openinference/embeddings"};
const std::set<std::string> kStreamedResponsesWithTokens = {"openinference/responses_stream"};
const std::set<std::string> kCallsRunTogether = {"openinference/tools_stream", "openinference/parallel"};

struct Recording {
  std::string folder;
  std::string name;
  Batch batch;
  std::string billed;  // JSON

  std::string path() const { return folder + "/" + name; }
  /// "parallel" streams too: its name tells the calls it asks for.
  bool streams() const { return name.ends_with("_stream") || name == "parallel"; }
  bool has_tokens(const Recorded& recorded) const {
    if (kWithoutTokens.contains(path())) return false;
    return !streams() || recorded.stream_tokens || kStreamedResponsesWithTokens.contains(path());
  }
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Recording> recordings() {
  std::vector<Recording> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".json" || path.stem().extension() == ".billed") continue;
    auto decoded = decode_traces_json(read_text(path));
    EXPECT_TRUE(decoded) << path;
    if (!decoded) continue;
    EXPECT_EQ(decoded->rejected_spans, 0U) << path;
    auto billed = path;
    billed.replace_extension(".billed.json");
    all.push_back({path.parent_path().filename(), path.stem(), std::move(decoded->batch), read_text(billed)});
  }
  return all;
}

std::vector<RunSummary> summaries(const Batch& batch) {
  std::map<TraceId, RunSummarizer> runs;
  GenAiReader reader(batch);
  for (uint32_t row = 0; row < batch.span_count(); ++row) runs[batch.spans.trace_id[row]].add(reader, row);
  std::vector<RunSummary> out;
  for (const auto& [id, run] : runs) out.push_back(run.finish());
  return out;
}

uint64_t number_of(const JsonObject& object, std::string_view key) {
  uint64_t number = 0;
  EXPECT_EQ(object.at_key(key).get_uint64().get(number), simdjson::SUCCESS) << key;
  return number;
}

TokenCounts billed_tokens(const JsonElement& document) {
  TokenCounts sum;
  for (const JsonElement& call : JsonArray(document["billed"])) {
    const JsonObject object(call);
    sum.add({.known = true,
             .input = number_of(object, "input"),
             .output = number_of(object, "output"),
             .cached_input = number_of(object, "cached"),
             .reasoning = number_of(object, "reasoning")});
  }
  return sum;
}

Said said_of(const Message& message) {
  Said said{message.role, "", {}, ""};
  for (const MessagePart& part : message.parts) {
    if (part.type == MessagePart::Type::kToolCall) {
      said.calls.push_back(
          fmt::format("{} {} {}", part.id.value_or(""), part.name.value_or(""), part.arguments.value_or("")));
    } else if (part.type == MessagePart::Type::kText || part.type == MessagePart::Type::kToolResult) {
      said.text += part.text.value_or("");
      if (part.type == MessagePart::Type::kToolResult) said.call_id = part.id.value_or("");
    }
  }
  return said;
}

Said said_of(const JsonElement& element, const Recorded& recorded, bool in_history) {
  const JsonObject object(element);
  Said said{std::string(json_text(object, "role")), std::string(json_text(object, "text")), {}, ""};
  for (const JsonElement& call : JsonArray(object["calls"])) {
    if (in_history && !recorded.calls_in_history) continue;
    const JsonObject inner(call);
    said.calls.push_back(fmt::format("{} {} {}", recorded.call_ids ? json_text(inner, "id") : "",
                                     json_text(inner, "name"), json_text(inner, "arguments")));
  }
  if (recorded.call_ids) said.call_id = json_text(object, "call_id");
  return said;
}

/// Answers of one role in a row become one message: some dialects write a message for each tool call.
std::vector<Said> joined(const std::vector<Said>& all) {
  std::vector<Said> out;
  for (const Said& said : all) {
    if (!out.empty() && out.back().role == "assistant" && said.role == "assistant") {
      out.back().text += said.text;
      out.back().calls.insert(out.back().calls.end(), said.calls.begin(), said.calls.end());
    } else {
      out.push_back(said);
    }
  }
  return out;
}

std::vector<StepView> model_calls(const Batch& batch) {
  GenAiReader reader(batch);
  std::vector<uint32_t> rows(batch.span_count());
  std::iota(rows.begin(), rows.end(), 0);
  std::ranges::stable_sort(rows, {}, [&](uint32_t row) { return batch.spans.start_unix_nanos[row]; });
  std::vector<StepView> calls;
  for (uint32_t row : rows) {
    auto view = read_step(reader, row, Depth::kMessages);
    if (view && view->kind == StepKind::kModel) calls.push_back(std::move(*view));
  }
  return calls;
}

TEST(Recordings, EveryFolderIsKnownAndHasSome) {
  std::set<std::string> folders;
  for (const Recording& recording : recordings()) folders.insert(recording.folder);
  for (const auto& [folder, recorded] : kRecorded) EXPECT_TRUE(folders.contains(folder)) << folder;
  for (const std::string& folder : folders) EXPECT_TRUE(kRecorded.contains(folder)) << folder;
}

TEST(Recordings, EverySpanIsAStep) {
  for (const Recording& recording : recordings()) {
    GenAiReader reader(recording.batch);
    for (uint32_t row = 0; row < recording.batch.span_count(); ++row) {
      SCOPED_TRACE(recording.path());
      const auto facts = reader.facts(row);
      const std::string_view name = recording.batch.values.text(recording.batch.spans.name[row]);
      ASSERT_TRUE(facts) << name;
      if (facts->is_model_call()) {
        EXPECT_EQ(facts->provider, "openai") << name;
        EXPECT_FALSE(facts->model().empty()) << name;
      }
      if (facts->kind == StepKind::kTool) {
        EXPECT_FALSE(facts->tool.empty()) << name;
      }
    }
  }
}

TEST(Recordings, TokensEqualWhatWasBilled) {
  for (const Recording& recording : recordings()) {
    SCOPED_TRACE(recording.path());
    const Recorded& recorded = kRecorded.at(recording.folder);
    JsonParser parser;
    const auto document = parser.parse(recording.billed, kFileBytesMax);
    ASSERT_TRUE(document);
    TokenCounts billed = billed_tokens(*document);
    TokenCounts counted;
    for (const RunSummary& run : summaries(recording.batch)) counted.add(run.tokens);
    if (!recording.has_tokens(recorded)) billed = {};
    if (!recorded.cached_tokens) billed.cached_input = 0;
    if (!recorded.reasoning_tokens) billed.reasoning = 0;
    EXPECT_EQ(counted.input, billed.input);
    EXPECT_EQ(counted.output, billed.output);
    EXPECT_EQ(counted.cached_input, billed.cached_input);
    EXPECT_EQ(counted.reasoning, billed.reasoning);
  }
}

TEST(Recordings, MessagesEqualWhatWasSaid) {
  size_t compared = 0;
  for (const Recording& recording : recordings()) {
    SCOPED_TRACE(recording.path());
    const Recorded& recorded = kRecorded.at(recording.folder);
    JsonParser parser;
    const auto document = parser.parse(recording.billed, kFileBytesMax);
    ASSERT_TRUE(document);
    JsonArray calls;
    if (!recorded.messages || (*document)["calls"].get_array().get(calls) != simdjson::SUCCESS) continue;
    if (kCallsRunTogether.contains(recording.path())) continue;
    const std::vector<StepView> views = model_calls(recording.batch);
    ASSERT_EQ(views.size(), calls.size());
    for (size_t i = 0; i < views.size(); ++i) {
      JsonObject answered;  // absent for OpenAI's responses
      if (calls.at(i)["output"].get_object().get(answered) != simdjson::SUCCESS) continue;
      std::vector<Said> wanted;
      for (const JsonElement& message : JsonArray(calls.at(i)["input"]))
        wanted.push_back(said_of(message, recorded, true));
      std::vector<Said> seen;
      for (const Message& message : views[i].input_messages) seen.push_back(said_of(message));
      EXPECT_EQ(joined(seen), joined(wanted));
      seen.clear();
      for (const Message& message : views[i].output_messages) seen.push_back(said_of(message));
      EXPECT_EQ(joined(seen), std::vector<Said>{said_of(calls.at(i)["output"], recorded, false)});
      ++compared;
    }
  }
  EXPECT_GT(compared, 20U);
}

}  // namespace
}  // namespace sextant::data
