// Tests that the corpora are what the figures say they are: repeatable, of the stated size and make.
#include "data/corpus/corpus.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "base/codec/json_value.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

std::string encoded(const Batch& batch) {
  std::vector<uint32_t> rows(batch.span_count());
  std::iota(rows.begin(), rows.end(), 0U);
  return encode_traces_protobuf(batch, rows);
}

double bytes_per_span(const CorpusSettings& settings, int requests) {
  const auto corpus = make_corpus(settings);
  uint64_t bytes = 0;
  uint64_t spans = 0;
  for (int i = 0; i < requests; ++i) {
    const Batch batch = corpus->next_request();
    bytes += encoded(batch).size();
    spans += batch.span_count();
  }
  return static_cast<double>(bytes) / static_cast<double>(spans);
}

TEST(Corpus, TheSameSeedGivesTheSameBytes) {
  for (const std::string_view name : kCorpusNames) {
    const CorpusKind kind = corpus_kind(name).value();
    const auto a = make_corpus({.kind = kind, .seed = 7});
    const auto b = make_corpus({.kind = kind, .seed = 7});
    const auto c = make_corpus({.kind = kind, .seed = 8});
    for (int i = 0; i < 3; ++i) {
      const std::string bytes = encoded(a->next_request());
      EXPECT_TRUE(bytes == encoded(b->next_request()));
      EXPECT_FALSE(bytes == encoded(c->next_request()));
    }
  }
}

TEST(Corpus, BytesPerSpanAreThoseOfTheFigures) {
  EXPECT_NEAR(bytes_per_span({.kind = CorpusKind::kShape}, 20), 369, 8);
  EXPECT_NEAR(bytes_per_span({.kind = CorpusKind::kAgent}, 150), 5850, 350);
}

/// Different keys of span attributes, and different values under attr.own, in the first `requests`.
std::pair<size_t, size_t> keys_and_own_values(CorpusKind kind, int requests) {
  const auto corpus = make_corpus({.kind = kind});
  std::set<std::string> keys;
  std::set<std::string> own;
  for (int i = 0; i < requests; ++i) {
    const Batch batch = corpus->next_request();
    for (uint32_t row = 0; row < batch.span_count(); ++row) {
      const AttributeList& list = batch.spans.attributes[row];
      for (const KeyCode key : batch.shapes.keys_of(list.shape)) keys.emplace(batch.keys.text(key));
      bool found = false;
      const ValueView value = batch.attribute(list, "attr.own", &found);
      if (found) own.emplace(value.bytes);
    }
  }
  return {keys.size(), own.size()};
}

TEST(Corpus, FormsThatHurtDifferInOneThing) {
  constexpr size_t kSpans = 2 * kShapeRequestSpans;
  const size_t usual = keys_and_own_values(CorpusKind::kShape, 2).first;
  EXPECT_LE(usual, 97U);
  EXPECT_GT(keys_and_own_values(CorpusKind::kShapeKeys, 2).first, 500U);
  EXPECT_EQ(keys_and_own_values(CorpusKind::kShapeOwnKeys, 2).first, usual + kSpans);
  EXPECT_EQ(keys_and_own_values(CorpusKind::kShapeOwnValues, 2), std::pair(usual + 1, kSpans));
  const Batch wide = make_corpus({.kind = CorpusKind::kShapeWide})->next_request();
  for (const AttributeList& list : wide.spans.attributes) ASSERT_EQ(wide.shapes.key_count(list.shape), 300U);
}

TEST(Corpus, InterleavedConversationsComeInManyRequests) {
  const auto corpus = make_corpus({.kind = CorpusKind::kAgentInterleaved});
  std::map<std::string, std::set<int>> requests_of;
  for (int i = 0; i < 40; ++i) {
    const Batch batch = corpus->next_request();
    ASSERT_EQ(batch.span_count(), kAgentRequestSpans);
    for (const TraceId& id : batch.spans.trace_id) requests_of[id.hex()].insert(i);
  }
  size_t most = 0;
  for (const auto& [id, requests] : requests_of) most = std::max(most, requests.size());
  EXPECT_GE(requests_of.size(), 200U);
  EXPECT_GE(most, 5U);
}

TEST(Corpus, ShapeHasItsMake) {
  const auto corpus = make_corpus({.kind = CorpusKind::kShape});
  std::map<std::string, int> traces;
  std::set<std::string_view> names;
  std::set<std::string_view> services;
  std::set<std::string> keys;
  const Batch batch = corpus->next_request();
  ASSERT_EQ(batch.span_count(), kShapeRequestSpans);
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    ++traces[batch.spans.trace_id[row].hex()];
    names.insert(batch.values.text(batch.spans.name[row]));
    services.insert(batch.service_of(row));
    EXPECT_EQ(batch.values_of(batch.spans.attributes[row]).size(), 11U);
    for (const KeyCode key : batch.shapes.keys_of(batch.spans.attributes[row].shape)) {
      keys.emplace(batch.keys.text(key));
    }
  }
  EXPECT_EQ(traces.size(), 50U);
  for (const auto& [id, spans] : traces) EXPECT_EQ(spans, 10);
  EXPECT_EQ(services.size(), 20U);
  EXPECT_GT(names.size(), 90U);
  EXPECT_GT(keys.size(), 90U);
}

TEST(Corpus, AgentHistoriesGrowAndAreJson) {
  const auto corpus = make_corpus({.kind = CorpusKind::kAgent});
  size_t chats = 0;
  size_t tools = 0;
  size_t longest = 0;
  for (int request = 0; request < 5; ++request) {
    const Batch batch = corpus->next_request();
    ASSERT_EQ(batch.span_count(), kAgentRequestSpans);
    for (uint32_t row = 0; row < batch.span_count(); ++row) {
      const auto text = [&](std::string_view key) { return batch.attribute(batch.spans.attributes[row], key).bytes; };
      if (text("gen_ai.operation.name") == "execute_tool") {
        ++tools;
        EXPECT_TRUE(JsonValue::parse(text("gen_ai.tool.call.result")).has_value());
      }
      if (text("gen_ai.operation.name") != "chat") continue;
      ++chats;
      const auto history = JsonValue::parse(text("gen_ai.input.messages"));
      ASSERT_TRUE(history.has_value()) << text("gen_ai.input.messages");
      longest = std::max(longest, history->items().size());
    }
  }
  EXPECT_GT(chats, 150U);
  EXPECT_GT(tools, 150U);
  EXPECT_GT(longest, 20U);
}

TEST(Corpus, ProseComesFromTheTextGiven) {
  const auto corpus = make_corpus({.kind = CorpusKind::kAgent, .text = "alpha beta gamma "});
  const Batch batch = corpus->next_request();
  bool found = false;
  for (ValueCode code = 0; code < batch.values.size(); ++code) {
    found = found || batch.values.view(code).bytes.find("alpha beta gamma alpha") != std::string_view::npos;
  }
  EXPECT_TRUE(found);
}

TEST(Corpus, NamesOfKinds) {
  EXPECT_EQ(*corpus_kind("agent"), CorpusKind::kAgent);
  EXPECT_FALSE(corpus_kind("other").has_value());
}

}  // namespace
}  // namespace sextant::data
