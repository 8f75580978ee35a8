#include "serve/api/sample_run.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/codec/json_writer.h"
#include "base/sys/random.h"

namespace sextant::serve {
namespace {

using data::Batch;
using data::ValueView;

struct Entry {
  std::string_view key;
  ValueView value;
};

data::AttributeList add_attributes(Batch& batch, std::initializer_list<Entry> entries) {
  data::AttributeList list{data::ShapeTable::kEmpty, static_cast<uint32_t>(batch.attribute_values.size())};
  for (const Entry& entry : entries) {
    list.shape = batch.shapes.extend(list.shape, entry.key, batch.keys);
    batch.attribute_values.push_back(batch.values.intern(entry.value));
  }
  return list;
}

/// One message with one part, as gen_ai.input.messages and gen_ai.output.messages hold them.
struct Line {
  std::string_view role;
  std::string_view type;  // "text", "tool_call", "tool_call_response"
  std::string_view text;  // of a call: its arguments as JSON
};

constexpr std::string_view kCallId = "call_1";
constexpr std::string_view kTool = "get_tide";

std::string messages(std::initializer_list<Line> lines, std::string_view finish_reason = {}) {
  JsonWriter json;
  json.begin_array();
  for (const Line& line : lines) {
    json.begin_object().key("role").string(line.role).key("parts").begin_array().begin_object();
    json.key("type").string(line.type);
    if (line.type == "text") json.key("content").string(line.text);
    if (line.type != "text") json.key("id").string(kCallId);
    if (line.type == "tool_call") json.key("name").string(kTool).key("arguments").raw(line.text);
    if (line.type == "tool_call_response") json.key("response").raw(line.text);
    json.end_object().end_array();
    if (!finish_reason.empty()) json.key("finish_reason").string(finish_reason);
    json.end_object();
  }
  json.end_array();
  return json.take();
}

constexpr std::string_view kQuestion = "When is the next high tide in Cuxhaven, and can I sail out before it?";
constexpr std::string_view kArguments = R"({"port":"Cuxhaven","kind":"high"})";
constexpr std::string_view kTide = R"({"time":"14:52","height_m":3.4})";
constexpr std::string_view kAnswer =
    "High tide is at 14:52 with 3.4 m. Leave by 13:30: until then the stream sets outward and the bar has enough "
    "water.";

/// Milliseconds from the start of the run at which its steps begin and end.
constexpr uint64_t kRunMs = 2480;
constexpr uint64_t kFirstCallMs[] = {20, 930};
constexpr uint64_t kToolMs[] = {950, 1270};
constexpr uint64_t kSecondCallMs[] = {1290, 2460};

/// Builds the run span by span. Thread-confined.
class Maker {
 public:
  Maker(Batch& batch, const data::TraceId& id, uint64_t seed, UnixNanos start)
      : batch_(batch), id_(id), random_(seed), start_(start) {
    batch_.resources.push_back({add_attributes(batch_, {{"service.name", ValueView::string(kSampleService)},
                                                        {"deployment.environment.name", ValueView::string("test")}}),
                                0, 0});
    batch_.scopes.push_back({batch_.values.intern_string("sextant.sample"), 0, {}, 0, 0});
  }

  data::SpanId add(data::SpanId parent, std::string_view name, data::SpanKind kind, uint64_t from_ms, uint64_t to_ms,
                   std::initializer_list<Entry> attributes) {
    data::SpanId id;
    for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(random_.next());
    id.bytes[0] |= 1;  // never zero
    data::SpanColumns& to = batch_.spans;
    to.trace_id.push_back(id_);
    to.span_id.push_back(id);
    to.parent_span_id.push_back(parent);
    to.start_unix_nanos.push_back(start_ + from_ms * kNanosPerMillisecond);
    to.end_unix_nanos.push_back(start_ + to_ms * kNanosPerMillisecond);
    to.name.push_back(batch_.values.intern_string(name));
    to.trace_state.push_back(0);
    to.status_message.push_back(0);
    to.kind.push_back(kind);
    to.status.push_back(data::kUnset);
    to.flags.push_back(1);  // sampled
    to.resource.push_back(0);
    to.scope.push_back(0);
    to.attributes.push_back(add_attributes(batch_, attributes));
    to.dropped_attributes.push_back(0);
    to.dropped_events.push_back(0);
    to.dropped_links.push_back(0);
    to.events_end.push_back(0);
    to.links_end.push_back(0);
    return id;
  }

 private:
  Batch& batch_;
  data::TraceId id_;
  SeededRandom random_;
  UnixNanos start_;
};

void add_model_call(Maker& maker, data::SpanId parent, const uint64_t (&at_ms)[2], int64_t input, int64_t output,
                    std::string_view finish_reason, const std::string& sent, const std::string& received) {
  data::NestedWriter reasons;
  reasons.value(ValueView::string(finish_reason));
  maker.add(parent, "chat sample-model", data::kClient, at_ms[0], at_ms[1],
            {{"gen_ai.operation.name", ValueView::string("chat")},
             {"gen_ai.provider.name", ValueView::string("sextant")},
             {"gen_ai.request.model", ValueView::string("sample-model")},
             {"gen_ai.response.model", ValueView::string("sample-model")},
             {"gen_ai.response.finish_reasons", {data::ValueType::kArray, 0, reasons.bytes()}},
             {"gen_ai.usage.input_tokens", ValueView::integer(input)},
             {"gen_ai.usage.output_tokens", ValueView::integer(output)},
             {"gen_ai.input.messages", ValueView::string(sent)},
             {"gen_ai.output.messages", ValueView::string(received)}});
}

}  // namespace

data::Batch make_sample_run(const data::TraceId& id, uint64_t seed, UnixNanos end) {
  Batch batch;
  Maker maker(batch, id, seed, end - kRunMs * kNanosPerMillisecond);
  const data::SpanId agent = maker.add({}, "invoke_agent navigator", data::kInternal, 0, kRunMs,
                                       {{"gen_ai.operation.name", ValueView::string("invoke_agent")},
                                        {"gen_ai.agent.name", ValueView::string("navigator")},
                                        {"gen_ai.conversation.id", ValueView::string("sextant-test")}});
  add_model_call(maker, agent, kFirstCallMs, 312, 41, "tool_call", messages({{"user", "text", kQuestion}}),
                 messages({{"assistant", "tool_call", kArguments}}, "tool_call"));
  maker.add(agent, "execute_tool get_tide", data::kInternal, kToolMs[0], kToolMs[1],
            {{"gen_ai.operation.name", ValueView::string("execute_tool")},
             {"gen_ai.tool.name", ValueView::string(kTool)},
             {"gen_ai.tool.call.id", ValueView::string(kCallId)},
             {"gen_ai.tool.call.arguments", ValueView::string(kArguments)},
             {"gen_ai.tool.call.result", ValueView::string(kTide)}});
  add_model_call(
      maker, agent, kSecondCallMs, 398, 57, "stop",
      messages(
          {{"user", "text", kQuestion}, {"assistant", "tool_call", kArguments}, {"tool", "tool_call_response", kTide}}),
      messages({{"assistant", "text", kAnswer}}, "stop"));
  return batch;
}

}  // namespace sextant::serve
