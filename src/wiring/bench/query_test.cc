// Tests of what `bench query` and `bench report` know and judge; servers are the whole program's tests.
#include "wiring/bench/query.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/core/guarded.h"
#include "base/net/http_server.h"
#include "base/net/uri.h"
#include "wiring/bench/load.h"
#include "wiring/bench/questions.h"
#include "wiring/bench/targets.h"

namespace sextant::wiring {
namespace {

/// The facts of a small corpus.
CorpusFacts facts_of(data::CorpusKind kind, uint64_t spans) {
  CorpusFacts facts(1);
  prepare_load({.kind = kind}, spans, [&](const data::Batch& batch) { facts.add(batch); });
  return facts;
}

TEST(CorpusFacts, CountWhatWasMade) {
  const CorpusFacts facts = facts_of(data::CorpusKind::kShape, 3000);
  EXPECT_EQ(facts.spans(), 3000U);
  EXPECT_EQ(facts.samples().size(), CorpusFacts::kSamplesMax);
  EXPECT_EQ(facts.by_name().size(), 100U);
  EXPECT_TRUE(facts.by_model().empty());
  size_t durations = 0;
  for (const auto& [name, values] : facts.by_name()) durations += values.size();
  EXPECT_EQ(durations, 3000U);
  for (const SpanFacts& span : facts.samples()) {
    EXPECT_EQ(facts.trace(span.trace).spans, 10U);
    EXPECT_LE(facts.trace(span.trace).end, facts.end());
    EXPECT_FALSE(span.value.empty());
  }
  EXPECT_FALSE(facts_of(data::CorpusKind::kAgent, 500).by_model().empty());
}

TEST(CorpusFacts, ExactQuantiles) {
  EXPECT_EQ(exact_quantile({5}, 0.95), 5);
  EXPECT_EQ(exact_quantile({3, 1, 2}, 0), 1);
  EXPECT_EQ(exact_quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(exact_quantile({4, 3, 1, 2}, 0.95), 4);
}

/// The question of one kind.
BenchQuestion question_of(const CorpusFacts& facts, const std::string& corpus, std::string_view id,
                          bool growing = false) {
  SeededRandom random(5);
  for (const QuestionKind& kind : bench_questions(corpus, facts, growing)) {
    if (kind.id == id) return kind.next(random);
  }
  ADD_FAILURE() << "no question " << id;
  return {};
}

TEST(Questions, AnswersOfOneRunAreAllItsSpans) {
  const CorpusFacts facts = facts_of(data::CorpusKind::kShape, 500);
  const BenchQuestion question = question_of(facts, "shape", "query.by_id.shape");
  const std::string id = question.path.substr(std::string("/api/traces/").size());
  const auto answer = [](const std::string& trace, int spans) {
    std::string body = R"({"spans":[)";
    for (int i = 0; i < spans; ++i) body += (i > 0 ? "," : "") + fmt::format(R"({{"trace_id":"{}"}})", trace);
    return body + "]}";
  };
  EXPECT_TRUE(question.check(answer(id, 10)).has_value());
  EXPECT_FALSE(question.check(answer(id, 9)).has_value());
  EXPECT_FALSE(question.check(answer(std::string(32, '1'), 10)).has_value());
  EXPECT_FALSE(question.check("{}").has_value());
  EXPECT_FALSE(question.check("nonsense").has_value());
}

TEST(Questions, PagesHoldTheRunTheyWereDrawnFrom) {
  const CorpusFacts facts = facts_of(data::CorpusKind::kShape, 500);
  for (const std::string_view id : {"query.attribute", "query.service_name_duration"}) {
    SeededRandom random(5);
    const data::TraceId drawn = facts.samples()[random.below(facts.samples().size())].trace;
    const BenchQuestion question = question_of(facts, "shape", id);
    const auto page = [](const std::string& trace) {
      return fmt::format(R"({{"traces":[{{"trace_id":"{}"}}]}})", trace);
    };
    EXPECT_TRUE(question.check(page(drawn.hex())).has_value()) << id;
    EXPECT_FALSE(question.check(page(std::string(32, '1'))).has_value()) << id;
    EXPECT_FALSE(question.check(R"({"traces":[]})").has_value()) << id;
    EXPECT_NE(question.path.find("limit=20"), std::string::npos);
    EXPECT_TRUE(parse_query(question.path.substr(question.path.find('?') + 1)).has_value());
  }
  const BenchQuestion absent = question_of(facts, "shape", "query.absent");
  EXPECT_TRUE(absent.check(R"({"traces":[]})").has_value());
  EXPECT_FALSE(absent.check(R"({"traces":[{}]})").has_value());
}

/// An answer with one step: every group of the corpus, each number as `change` makes it.
std::string groups_answer(const CorpusFacts& facts, double more_p95, int more_count) {
  std::string groups;
  std::string p95;
  std::string counts;
  for (const auto& [name, values] : facts.by_name()) {
    const std::string comma = groups.empty() ? "" : ",";
    groups += comma + fmt::format(R"({{"stringValue":"{}"}})", name);
    p95 += comma + fmt::format("{}", exact_quantile(values, 0.95) * more_p95);
    counts += comma + std::to_string(static_cast<int>(values.size()) + more_count);
  }
  return fmt::format(R"({{"by":[{{"values":[{}]}}],"of":[{{"values":[{}]}},{{"values":[{}]}}]}})", groups, p95, counts);
}

TEST(Questions, GroupsAreCountedAndTheirQuantilesCompared) {
  const CorpusFacts facts = facts_of(data::CorpusKind::kShape, 3000);
  const BenchQuestion question = question_of(facts, "shape", "query.p95_by_name");
  EXPECT_TRUE(question.check(groups_answer(facts, 1, 0)).has_value());
  EXPECT_TRUE(question.check(groups_answer(facts, 1.008, 0)).has_value());
  EXPECT_FALSE(question.check(groups_answer(facts, 1.03, 0)).has_value());
  EXPECT_FALSE(question.check(groups_answer(facts, 1, 1)).has_value());
  EXPECT_FALSE(question.check(groups_answer(facts, 1, -1)).has_value());
  const BenchQuestion growing = question_of(facts, "shape", "query.p95_by_name", true);
  EXPECT_TRUE(growing.check(groups_answer(facts, 2, 1)).has_value());
  EXPECT_FALSE(growing.check(groups_answer(facts, 1, -1)).has_value());
  EXPECT_TRUE(count_question(facts).check(R"({"of":[{"values":[3000]}]})").has_value());
  EXPECT_FALSE(count_question(facts).check(R"({"of":[{"values":[2999]}]})").has_value());
  EXPECT_FALSE(count_question(facts).check(R"({"of":[{"values":[]}]})").has_value());
}

TEST(Targets, Verdicts) {
  const Target less{"a", 1, 2};
  EXPECT_EQ(verdict(less, 1), "reach");
  EXPECT_EQ(verdict(less, 1.5), "least");
  EXPECT_EQ(verdict(less, 2.1), "short");
  const Target more{"b", 500, 400, Target::Better::kMore};
  EXPECT_EQ(verdict(more, 501), "reach");
  EXPECT_EQ(verdict(more, 450), "least");
  EXPECT_EQ(verdict(more, 399), "short");
  for (const Target& target : targets()) {
    const bool less_is_better = target.better == Target::Better::kLess;
    EXPECT_EQ(target.reach < target.least, less_is_better) << target.id;
  }
}

TEST(Targets, TheTableTellsEveryFigure) {
  const std::vector<Measured> measured = {
      {{{"disk.agent.settled", 500, "bytes/span"}, {"disk.agent.floor", 431, "bytes/span"}}, {"sync", 1.07}, true},
      {{{"query.absent", 0.2, "ms"}}, {"sync", 1.1}, true}};
  const std::string table = report_table(measured);
  EXPECT_EQ(std::ranges::count(table, '\n'), static_cast<ptrdiff_t>(targets().size()) + 1);
  const auto line_of = [&](std::string_view id) {
    const size_t begin = table.find(id);
    return table.substr(begin, table.find('\n', begin) - begin);
  };
  EXPECT_NE(line_of("query.absent").find("reach"), std::string::npos);
  EXPECT_NE(line_of("disk.agent.settled").find("short"), std::string::npos);  // 1.16 of the floor
  EXPECT_NE(line_of("disk.agent.settled").find("474.1"), std::string::npos);
  EXPECT_EQ(line_of("query.attribute").find("short"), std::string::npos);  // not measured
}

TEST(QueryBench, WithoutAServerItFails) {
  QueryBenchSettings settings;
  settings.spans = 500;
  settings.program = "/bin/false";
  settings.work_dir = ::testing::TempDir();
  EXPECT_EQ(run_query_bench(settings, posix_files()), 1);
}

/// Answers with the request's method and target.
class Echo final : public HttpHandler {
 public:
  HeadDecision on_head(const HttpHead&) override { return BodyPlan{.bytes_max = 1 << 20}; }
  void on_request(HttpRequest& request, HttpResponder responder) override {
    responder.answer({.status = 200, .body = request.head.target + " " + request.body});
  }
};

TEST(HttpConnection, GetsAndPostsOnOneConnection) {
  Echo echo;
  MemoryLedger ledger{1ULL << 30};
  SystemClock clock;
  auto server = HttpServer::start({.address = "127.0.0.1:0"}, echo, ledger, clock);
  ASSERT_TRUE(server.has_value());
  const auto target = parse_target("http://" + (*server)->address(), "/intake");
  ASSERT_TRUE(target.has_value());
  HttpConnection connection(*target);
  for (int i = 0; i < 3; ++i) {
    const auto got = connection.get("/a?b=c");
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "/a?b=c ");
    EXPECT_EQ(connection.post("text/plain", "body")->body, "/intake body");
  }
}

}  // namespace
}  // namespace sextant::wiring
