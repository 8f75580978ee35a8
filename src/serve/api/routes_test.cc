// What each route answers, and what it says to nonsense.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>

#include "serve/api/rate_meter.h"
#include "serve/api/sample_run.h"
#include "tests/support/api_server.h"

namespace sextant::serve::testing {
namespace {

TEST_F(ApiTest, ListShowsRunsNewestFirst) {
  add({{.trace = 1,
        .span = 1,
        .name = "root",
        .service = "shop",
        .start = kNow - 100,
        .end = kNow,
        .status = data::kError,
        .status_message = "no stock",
        .attributes = {{"gen_ai.agent.name", "buyer"}}}});
  add({{.trace = 2, .span = 2, .parent = 1, .name = "child", .service = "bank", .start = kNow - 50, .end = kNow - 20}});
  const Json list = json("/api/traces");
  ASSERT_EQ(list["traces"].size(), 2u);
  const Json& running = list["traces"][0];
  EXPECT_EQ(running["trace_id"], hex_id(2));
  EXPECT_EQ(running["state"], "running");
  EXPECT_EQ(running["current_step"], "child");
  EXPECT_TRUE(running["agent"].is_null());
  EXPECT_TRUE(running["tokens"].is_null());
  EXPECT_TRUE(running["error"].is_null());
  const Json& failed = list["traces"][1];
  EXPECT_EQ(failed["state"], "error");
  EXPECT_EQ(failed["agent"], "buyer");
  EXPECT_EQ(failed["error"]["message"], "no stock");
  EXPECT_EQ(failed["start_unix_nano"], std::to_string(kNow - 100));
  EXPECT_EQ(failed["duration_ns"], 100);
  EXPECT_EQ(failed["duration_ms"], 0.0001);
  EXPECT_TRUE(list["next_cursor"].is_null());
  EXPECT_TRUE(list["stats"].contains("elapsed_us"));
}

std::vector<std::string> ids(const Json& list) {
  std::vector<std::string> out;
  for (const Json& run : list["traces"]) out.push_back(run["trace_id"]);
  return out;
}

TEST_F(ApiTest, FiltersSelect) {
  add({{.trace = 1,
        .span = 1,
        .name = "GET /a",
        .service = "shop",
        .start = kNow - 1000,
        .end = kNow - 900,
        .kind = data::kServer,
        .attributes = {{"gen_ai.request.model", "gpt"}, {"retries", int64_t{3}}},
        .resource = {{"deployment.environment.name", "prod"}}}});
  add({{.trace = 2,
        .span = 1,
        .name = "GET /b",
        .service = "bank",
        .start = kNow - 500,
        .end = kNow - 500 + 2 * kNanosPerSecond,
        .status = data::kError,
        .attributes = {{"gen_ai.conversation.id", "c1"}, {"gen_ai.tool.name", "calc"}}}});
  const auto found = [&](const std::string& query) { return ids(json("/api/traces?" + query)); };
  const std::vector<std::string> first{hex_id(1)};
  const std::vector<std::string> second{hex_id(2)};
  EXPECT_EQ(found("service=shop"), first);
  EXPECT_EQ(found("service=shop&service=bank").size(), 2u);
  EXPECT_EQ(found("service=shop&limit=50"), first);
  EXPECT_EQ(found("name=GET%20/b"), second);
  EXPECT_EQ(found("name=GET+/b"), second);
  EXPECT_EQ(found("kind=server"), first);
  EXPECT_EQ(found("state=error"), second);
  EXPECT_EQ(found("model=gpt"), first);
  EXPECT_EQ(found("tool=calc"), second);
  EXPECT_EQ(found("environment=prod"), first);
  EXPECT_EQ(found("conversation=c1"), second);
  EXPECT_EQ(found("duration_min=1.5s"), second);
  EXPECT_EQ(found("duration_max=1s"), first);
  EXPECT_EQ(found("attr=retries=3"), first);
  EXPECT_EQ(found("attr=span.retries=3&attr=retries=4"), std::vector<std::string>{});
  EXPECT_EQ(found("trace_id=" + hex_id(2)), second);
  EXPECT_EQ(found("from=" + std::to_string(kNow - 600)), second);
  EXPECT_EQ(found("from=now-1h&to=" + std::to_string(kNow - 800)), first);
  EXPECT_EQ(found("service=nowhere").size(), 0u);
}

TEST_F(ApiTest, NonsenseIsRefusedAtItsPlace) {
  const std::string cursor = "A" + std::string(49, 'b');
  for (const auto& [query, parameter, offset] :
       std::vector<std::tuple<std::string, std::string, int>>{{"servce=x", "servce", 0},
                                                              {"limit=0", "limit", 0},
                                                              {"limit=1001", "limit", 0},
                                                              {"limit=10x", "limit", 2},
                                                              {"limit=", "limit", 0},
                                                              {"limit=-1", "limit", 0},
                                                              {"limit=99999999999999999999", "limit", 0},
                                                              {"limit=5&limit=6", "limit", 0},
                                                              {"state=broken", "state", 0},
                                                              {"kind=serve", "kind", 0},
                                                              {"from=yesterday", "from", 0},
                                                              {"to=now-5parsecs", "to", 5},
                                                              {"from=2026-04-31T00:00:00Z", "from", 10},
                                                              {"from=20&to=10", "from", 0},
                                                              {"duration_min=5", "duration_min", 1},
                                                              {"duration_min=5s&duration_max=1s", "duration_min", 0},
                                                              {"attr=nothing", "attr", 7},
                                                              {"attr=k%3D%22open", "attr", 2},
                                                              {"service=", "service", 0},
                                                              {"cursor=" + cursor, "cursor", 0},
                                                              {"cursor=a!b", "cursor", 1},
                                                              {"sort=oldest", "sort", 0},
                                                              {"trace_id=12g4", "trace_id", 2},
                                                              {"trace_id=" + std::string(32, '0'), "trace_id", 32},
                                                              {"name=" + std::string(5000, 'n'), "name", 4096}}) {
    const Json refused = error("/api/traces?" + query, 400);
    EXPECT_EQ(refused["code"], "invalid_argument") << query;
    ASSERT_TRUE(refused["position"].is_object()) << query << refused;
    EXPECT_EQ(refused["position"]["parameter"], parameter) << query;
    EXPECT_EQ(refused["position"]["offset"], offset) << query;
    EXPECT_GT(refused["message"].get<std::string>().size(), 15u) << query;
  }
  EXPECT_NE(error("/api/traces?servce=x", 400)["message"].get<std::string>().find("\"service\""), std::string::npos);
  EXPECT_NE(error("/api/traces?kind=serve", 400)["message"].get<std::string>().find("\"server\""), std::string::npos);
  EXPECT_TRUE(error("/api/traces?service=%zz", 400)["position"].is_null());
  EXPECT_EQ(error("/api/traces/nonsense", 400)["position"]["parameter"], "trace_id");
  EXPECT_EQ(error("/api/traces/" + hex_id(1) + "/spans/xyz", 400)["position"]["parameter"], "span_id");
  EXPECT_EQ(error("/api/traces/" + hex_id(1) + "?format=xml", 400)["position"]["parameter"], "format");
  EXPECT_EQ(error("/api/attributes?scope=spam", 400)["position"]["parameter"], "scope");
  EXPECT_EQ(error("/api/attributes/values", 400)["position"]["parameter"], "key");
  EXPECT_EQ(error("/api/traces/overview?steps=501", 400)["position"]["parameter"], "steps");
  EXPECT_EQ(error("/api/status?x", 400)["position"]["parameter"], "x");
  EXPECT_EQ(error("/api/traces/" + hex_id(9), 404)["code"], "not_found");
}

TEST_F(ApiTest, GroupsOfSpans) {
  add({{.trace = 1,
        .span = 1,
        .name = "a",
        .service = "shop",
        .start = kNow - 1000,
        .end = kNow - 900,
        .kind = data::kServer,
        .attributes = {{"tokens", int64_t{7}}}},
       {.trace = 1,
        .span = 2,
        .name = "a",
        .service = "shop",
        .start = kNow - 500,
        .end = kNow - 470,
        .status = data::kError},
       {.trace = 2, .span = 3, .name = "b", .service = "bank", .start = kNow - 400, .end = 0}});
  Json found = json("/api/spans/aggregate");
  EXPECT_EQ(found["rows"], 1);
  EXPECT_EQ(found["by"], Json::array());
  EXPECT_TRUE(found["steps"].is_null());
  EXPECT_EQ(found["of"][0]["call"], "count()");
  EXPECT_EQ(found["of"][0]["values"], Json({3}));

  found = json(
      "/api/spans/aggregate?by=service&by=status&by=tokens&of=p50(duration)&of=sum(tokens)&of=count()&order=count()");
  EXPECT_EQ(found["rows"], 3);
  EXPECT_EQ(found["by"][0]["column"], "service");
  EXPECT_EQ(found["by"][0]["values"][0], Json({{"stringValue", "bank"}}));
  EXPECT_EQ(found["by"][1]["values"],
            Json({{{"stringValue", "unset"}}, {{"stringValue", "unset"}}, {{"stringValue", "error"}}}));
  EXPECT_EQ(found["by"][2]["values"], Json({nullptr, {{"intValue", "7"}}, nullptr}));
  EXPECT_EQ(found["of"][0]["values"], Json({nullptr, 100, 30}));
  EXPECT_EQ(found["of"][1]["values"], Json({nullptr, 7, nullptr}));
  EXPECT_EQ(found["of"][2]["values"], Json({1, 1, 1}));

  found = json("/api/spans/aggregate?by=name&step=500ns&of=histogram(duration,50ns)");
  EXPECT_EQ(found["step_ns"], 500);
  const std::string first = std::to_string(kNow - 1000);
  EXPECT_EQ(found["steps"], Json({first, std::to_string(kNow - 500), std::to_string(kNow - 500)}));
  EXPECT_EQ(found["of"].size(), 1U);
  EXPECT_EQ(found["of"][0]["bounds"], Json({50}));
  EXPECT_EQ(found["of"][0]["values"], Json({{0, 1}, {1, 0}, {0, 0}}));

  const auto count = [&](const std::string& query) {
    const Json answer = json("/api/spans/aggregate?" + query);
    return answer["rows"] == 0 ? Json(0) : answer["of"][0]["values"][0];
  };
  EXPECT_EQ(count("service=shop"), 2);
  EXPECT_EQ(count("service=shop&service=bank"), 3);
  EXPECT_EQ(count("name=b"), 1);
  EXPECT_EQ(count("kind=server"), 1);
  EXPECT_EQ(count("status=error"), 1);
  EXPECT_EQ(count("status=ok"), 0);
  EXPECT_EQ(count("duration_min=50ns"), 1);
  EXPECT_EQ(count("duration_min=1ns&duration_max=50ns"), 1);
  EXPECT_EQ(count("attr=tokens=7"), 1);
  EXPECT_EQ(count("from=" + std::to_string(kNow - 500)), 2);
  EXPECT_EQ(count("to=" + std::to_string(kNow - 501)), 1);
  found = json("/api/spans/aggregate?by=name&limit=1");
  EXPECT_EQ(found["by"][0]["values"], Json({{{"stringValue", "a"}}}));
  EXPECT_EQ(found["groups_found"], 2);
}

TEST_F(ApiTest, NonsenseAboutGroupsIsRefusedAtItsPlace) {
  std::string many;
  for (int i = 0; i < 16; ++i) many += "&of=count()";
  for (const auto& [query, parameter, offset] :
       std::vector<std::tuple<std::string, std::string, int>>{{"by=", "by", 0},
                                                              {"by=duration", "by", 0},
                                                              {"by=event.x", "by", 0},
                                                              {"by=span.", "by", 5},
                                                              {"by=a&by=a&by=a&by=a&by=a&by=a&by=a&by=a&by=a", "by", 0},
                                                              {"of=p95", "of", 3},
                                                              {"of=p95()", "of", 4},
                                                              {"of=p950(duration)", "of", 0},
                                                              {"of=histogram(duration,1s,5)", "of", 23},
                                                              {many.substr(1), "of", 0},
                                                              {"of=count()&order=sum(x)", "order", 0},
                                                              {"of=histogram(x,1)&order=histogram(x,1)", "order", 0},
                                                              {"step=1", "step", 1},
                                                              {"step=0s", "step", 0},
                                                              {"limit=10001", "limit", 0},
                                                              {"status=broken", "status", 0},
                                                              {"state=error", "state", 0},
                                                              {"duration_min=2s&duration_max=1s", "duration_min", 0},
                                                              {"attr=nothing", "attr", 7}}) {
    const Json refused = error("/api/spans/aggregate?" + query, 400);
    EXPECT_EQ(refused["code"], "invalid_argument") << query;
    ASSERT_TRUE(refused["position"].is_object()) << query << refused;
    EXPECT_EQ(refused["position"]["parameter"], parameter) << query;
    EXPECT_EQ(refused["position"]["offset"], offset) << query;
    EXPECT_GT(refused["message"].get<std::string>().size(), 15u) << query;
  }
  store_.refuse = Error(ErrorCode::kTooLarge, "there are more than 100000 groups");
  EXPECT_EQ(error("/api/spans/aggregate?by=name", 413)["code"], "too_large");
}

TEST_F(ApiTest, AnyBytesInAQueryStringGetAnAnswer) {
  SeededRandom random(11);
  const std::string alphabet = "abc=&%?/\\\"'<>;+-_.~0123456789{}[]()$ \t\x7f\x80\xff";
  for (int i = 0; i < 300; ++i) {
    std::string query;
    for (uint64_t n = random.below(60); n > 0; --n) {
      const char c = alphabet[random.below(alphabet.size())];
      if (c != ' ' && c != '\t') query += c;
    }
    const std::string names[] = {"", "attr=", "from=", "cursor=", "duration_min=", "trace_id=", "limit="};
    const ClientAnswer answer = get("/api/traces?" + names[random.below(7)] + query);
    ASSERT_TRUE(answer.status == 200 || answer.status == 400) << query << answer.status;
    EXPECT_FALSE(Json::parse(answer.body, nullptr, false).is_discarded()) << query;
  }
}

TEST_F(ApiTest, TooManyFilterValuesAreRefused) {
  std::string query;
  for (int i = 0; i < 201; ++i) query += "&service=s" + std::to_string(i);
  EXPECT_EQ(error("/api/traces?" + query.substr(1), 400)["code"], "invalid_argument");
}

TEST_F(ApiTest, PagesFollowOneAnother) {
  for (uint64_t i = 1; i <= 25; ++i) add_run(i, "a", kNow - 1000 + i);
  std::vector<std::string> all;
  std::string cursor;
  do {
    const Json page = json("/api/traces?limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const std::string& id : ids(page)) all.push_back(id);
    add_run(100 + all.size(), "later", kNow);
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  ASSERT_EQ(all.size(), 25u);
  for (uint64_t i = 0; i < 25; ++i) EXPECT_EQ(all[i], hex_id(25 - i));
}

TEST_F(ApiTest, OverviewCountsAndCharts) {
  for (uint64_t i = 1; i <= 10; ++i)
    add_run(i, i % 2 == 0 ? "even" : "odd", kNow - i * 60 * kNanosPerSecond, i * 1'000'000);
  const Json all = json("/api/traces/overview?from=now-1h&steps=30&service=even");
  EXPECT_EQ(all["total"], 5);
  EXPECT_EQ(all["facets"]["service"], Json::parse(R"([{"value":"even","count":5},{"value":"odd","count":5}])"));
  EXPECT_EQ(all["facets"]["state"][0], Json::parse(R"({"value":"ok","count":5})"));
  EXPECT_LE(all["series"]["ok"].size(), 30u);
  EXPECT_EQ(all["series"]["step_ns"], 300 * kNanosPerSecond);
  EXPECT_EQ(all["heatmap"]["counts"].size() + 1, all["heatmap"]["duration_bounds_ns"].size());
  EXPECT_TRUE(all["tokens"].is_null());
  EXPECT_NEAR(all["duration_p95_ns"].get<double>(), 10e6, 0.16e6);
}

TEST_F(ApiTest, OneRunWhole) {
  PlainSpan root{.trace = 5, .span = 1, .name = "invoke", .service = "svc", .start = kNow, .end = kNow + 9'000'000};
  PlainSpan child{.trace = 5,
                  .span = 2,
                  .parent = 1,
                  .name = "lookup",
                  .start = kNow + 1'000'000,
                  .end = 0,
                  .kind = data::kClient,
                  .attributes = {{"n", int64_t{1} << 60}, {"ratio", 0.5}, {"on", true}},
                  .event = {{"what", "happened"}}};
  PlainSpan orphan{
      .trace = 5, .span = 3, .parent = 99, .name = "lost", .start = kNow + 2'000'000, .end = kNow + 3'000'000};
  add({root, child, orphan});
  const Json run = json("/api/traces/" + hex_id(5));
  EXPECT_EQ(run["trace_id"], hex_id(5));
  ASSERT_EQ(run["spans"].size(), 3u);
  const Json& open = run["spans"][1];
  EXPECT_EQ(open["status"], "in_progress");
  EXPECT_TRUE(open["end_time"].is_null());
  EXPECT_TRUE(open["duration_ns"].is_null());
  EXPECT_EQ(open["kind"], "client");
  EXPECT_EQ(open["start_time"], "2023-11-14T22:13:20.001000000Z");
  EXPECT_EQ(open["attributes"][0]["value"]["intValue"], "1152921504606846976");
  EXPECT_EQ(open["attributes"][1]["value"]["doubleValue"], 0.5);
  EXPECT_EQ(open["attributes"][2]["value"]["boolValue"], true);
  EXPECT_EQ(open["events"][0]["attributes"][0]["key"], "what");
  EXPECT_EQ(open["resource"]["attributes"][0]["key"], "service.name");
  const Json& tree = run["tree"];
  EXPECT_TRUE(tree["span_id"].is_null());
  ASSERT_EQ(tree["children"].size(), 2u);
  EXPECT_EQ(tree["children"][0]["children"][0]["name"], "lookup");
  EXPECT_EQ(tree["children"][1]["parent_missing"], true);
  EXPECT_TRUE(tree["nested_set_left"].is_null());
  const auto numbers = [](const Json& node) {
    return std::array<int, 3>{node["nested_set_parent"], node["nested_set_left"], node["nested_set_right"]};
  };
  EXPECT_EQ(numbers(tree["children"][0]), (std::array{-1, 1, 4}));
  EXPECT_EQ(numbers(tree["children"][0]["children"][0]), (std::array{1, 2, 3}));
  EXPECT_EQ(numbers(tree["children"][1]), (std::array{0, 5, 6}));
  const Json copies = json("/api/traces/" + hex_id(5) + "/spans/" + hex_span(2));
  EXPECT_EQ(copies["spans"].size(), 1u);
  EXPECT_EQ(copies["spans"][0], open);
}

TEST_F(ApiTest, ValuesAreCutOnRequest) {
  std::string prose;
  for (int i = 0; i < 3000; ++i) prose += "é€𝄞a";  // 10 bytes, 4 characters
  const std::string invalid = "ab\xFF\xFE" + std::string(50, 'c');
  const std::string messages =
      R"([{"role":"user","parts":[{"type":"text","content":")" + std::string(9000, 'q') + R"("}]}])";
  add({{.trace = 5,
        .span = 1,
        .start = kNow,
        .end = kNow + 1,
        .status_message = std::string(300, 'm'),
        .attributes = {{"long", prose},
                       {"short", "ééé"},
                       {"invalid", invalid},
                       {"number", int64_t{5}},
                       {"gen_ai.operation.name", "chat"},
                       {"gen_ai.request.model", "m-1"},
                       {"gen_ai.input.messages", messages}},
        .resource = {{"of.resource", "12345"}},
        .event = {{"of.event", "12345"}}}});
  std::atomic<uint64_t> asked = 0;
  store_.on_scan = [&](const data::ScanSpec& spec) {
    if (spec.rows == data::ScanSpec::Rows::kSpans) asked = spec.value_bytes_max;
  };
  const std::string path = "/api/traces/" + hex_id(5);
  const Json span = json(path + "?value_chars_max=3")["spans"][0];
  const auto value = [&](size_t i) { return span["attributes"][i]["value"]; };
  EXPECT_EQ(value(0), Json({{"stringValue", "é€𝄞"}, {"cutFromBytes", 30'000}}));
  EXPECT_EQ(value(1), Json({{"stringValue", "ééé"}}));
  EXPECT_EQ(value(2), Json({{"stringValue", "ab\uFFFD"}, {"cutFromBytes", 54}}));
  EXPECT_EQ(value(3), Json({{"intValue", "5"}}));
  EXPECT_EQ(value(6), Json({{"stringValue", R"([{")"}, {"cutFromBytes", messages.size()}}));
  EXPECT_EQ(span["events"][0]["attributes"][0]["value"], Json({{"stringValue", "123"}, {"cutFromBytes", 5}}));
  EXPECT_EQ(span["resource"]["attributes"][0]["value"], Json({{"stringValue", "123"}, {"cutFromBytes", 5}}));
  EXPECT_EQ(span["status_message"], std::string(300, 'm'));
  EXPECT_EQ(span["gen_ai"]["request_model"], "m-1");
  EXPECT_EQ(span["gen_ai"]["input_messages"].size(), 0u);
  EXPECT_EQ(asked, 4096u) << "what facts are read from";

  EXPECT_EQ(json(path + "/spans/" + hex_span(1) + "?value_chars_max=3")["spans"][0], span);
  EXPECT_EQ(json(path + "?value_chars_max=5000")["spans"][0]["attributes"][0]["value"]["cutFromBytes"], 30'000);
  EXPECT_EQ(asked, 20'000u);
  const Json whole = json(path)["spans"][0];
  EXPECT_EQ(whole["attributes"][0]["value"], Json({{"stringValue", prose}}));
  EXPECT_EQ(whole["gen_ai"]["input_messages"].size(), 1u);
  EXPECT_EQ(asked, UINT64_MAX);
  EXPECT_EQ(json(path + "/steps")["steps"].size(), 1u);
  EXPECT_EQ(asked, 4096u);
  EXPECT_EQ(json(path + "?value_chars_max=12000")["spans"][0]["attributes"], whole["attributes"]);

  for (const std::string_view wrong : {"0", "-1", "x", "1000001", "", "3&value_chars_max=4", "3&format=otlp"}) {
    const Json refused = error(path + "?value_chars_max=" + std::string(wrong), 400);
    EXPECT_EQ(refused["position"]["parameter"], "value_chars_max") << wrong;
  }
  EXPECT_EQ(error(path + "/spans/" + hex_span(1) + "?value_chars_max=0", 400)["position"]["parameter"],
            "value_chars_max");
  EXPECT_EQ(get(path + "/steps?value_chars_max=3").status, 400);
  store_.on_scan = {};
}

TEST_F(ApiTest, ADeletedRunIsGone) {
  add_run(1, "shop", kNow);
  add_run(2, "shop", kNow);
  const std::string path = "/api/traces/" + hex_id(1);
  const std::string tag = get("/api/traces").header("etag");
  const ClientAnswer gone = request("DELETE", path);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(Json::parse(gone.body)["trace_id"], hex_id(1));
  EXPECT_EQ(error(path, 404)["code"], "not_found");
  const ClientAnswer list = get("/api/traces", "If-None-Match: " + tag + "\r\n");
  ASSERT_EQ(list.status, 200) << "the list changed";
  EXPECT_EQ(Json::parse(list.body)["traces"].size(), 1u);
  EXPECT_EQ(request("DELETE", path).status, 404);
  EXPECT_EQ(request("DELETE", "/api/traces/12").status, 400);
  EXPECT_EQ(request("DELETE", path + "?force=1").status, 400);
  const ClientAnswer wrong = request("PUT", path);
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(request("DELETE", "/api/traces/overview").status, 405);
  EXPECT_EQ(request("DELETE", "/api/traces/" + hex_id(2), "Origin: http://elsewhere.example\r\n").status, 403);
  add_run(1, "shop", kNow + 5);
  EXPECT_EQ(get(path).status, 200) << "what arrives later is stored as ever";
}

TEST_F(ApiTest, OtlpComesAsItCame) {
  add({{.trace = 5, .span = 1, .name = "x", .service = "svc", .start = kNow, .end = kNow + 1}});
  const ClientAnswer answer = get("/api/traces/" + hex_id(5) + "?format=otlp&download=1");
  EXPECT_EQ(answer.header("content-disposition"), "attachment; filename=\"" + hex_id(5) + ".otlp.json\"");
  const Json data = Json::parse(answer.body);
  const Json& span = data["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(span["traceId"], hex_id(5));
  EXPECT_EQ(span["startTimeUnixNano"], std::to_string(kNow));
  EXPECT_EQ(get("/api/traces/" + hex_id(5) + "?format=otlp").header("content-disposition"), "");
}

TEST_F(ApiTest, StepsAreSafeForWhoeverDrawsThem) {
  // A circle, a span that is its own parent, and two copies of one span.
  add({{.trace = 1, .span = 1, .parent = 2, .start = 10, .end = 20},
       {.trace = 1, .span = 2, .parent = 1, .start = 11, .end = 20},
       {.trace = 1, .span = 3, .parent = 3, .start = 12, .end = 20},
       {.trace = 1, .span = 4, .parent = 77, .start = 13, .end = 20},
       {.trace = 1, .span = 4, .parent = 77, .start = 13, .end = 30}});
  const Json steps = json("/api/traces/" + hex_id(1) + "/steps")["steps"];
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_TRUE(steps[0]["parent_span_id"].is_null());
  EXPECT_EQ(steps[1]["parent_span_id"], hex_span(1));
  EXPECT_TRUE(steps[2]["parent_span_id"].is_null());
  EXPECT_EQ(steps[3]["parent_span_id"], hex_span(77));
  EXPECT_EQ(steps[3]["conflicting"], true);
  EXPECT_EQ(steps[3]["duration_ns"], 17);
  EXPECT_EQ(json("/api/traces/" + hex_id(1))["spans"].size(), 5u);
  EXPECT_EQ(json("/api/traces/" + hex_id(1) + "/spans/" + hex_span(4))["spans"].size(), 2u);
}

TEST_F(ApiTest, TelemetryThatIsNotTextIsMadeText) {
  add({{.trace = 1,
        .span = 1,
        .name = "bad \xff\xfe name",
        .service = "\xc3(",
        .start = 1,
        .end = 2,
        .attributes = {{"k\x80", "v\xe2\x28\xa1"}, {"<script>", "</script>\"\\\n\x01"}}}});
  for (const std::string& path :
       {std::string("/api/traces"), "/api/traces/" + hex_id(1), "/api/traces/" + hex_id(1) + "/steps",
        "/api/traces/" + hex_id(1) + "?format=otlp", std::string("/api/services"), std::string("/api/attributes"),
        std::string("/api/traces/overview")}) {
    const ClientAnswer answer = get(path);
    EXPECT_EQ(answer.status, 200) << path;
    // The strict parser refuses what is not UTF-8.
    EXPECT_FALSE(Json::parse(answer.body, nullptr, false).is_discarded()) << path;
    EXPECT_TRUE(is_utf8(answer.body)) << path;
  }
  EXPECT_EQ(json("/api/traces/" + hex_id(1))["spans"][0]["attributes"][1]["value"]["stringValue"],
            "</script>\"\\\n\x01");
}

TEST_F(ApiTest, ARunOfThirtyThousandSpans) {
  constexpr uint64_t kSpans = 30'000;
  std::vector<PlainSpan> spans;
  SeededRandom random(8);
  for (uint64_t i = 1; i <= kSpans; ++i) {
    spans.push_back({.trace = 1,
                     .span = i,
                     .parent = i == 1 ? 0 : 1 + random.below(i - 1),
                     .start = kNow + i * 10,
                     .end = kNow + i * 10 + 500});
  }
  store_.add(sextant::testing::batch_of(spans));
  int scans = 0;
  store_.on_scan = [&](const data::ScanSpec& spec) {
    ++scans;
    // Whatever the store: the question names the run, so that nothing else is read.
    EXPECT_EQ(spec.run.trace_ids.size(), 1u);
  };
  EXPECT_EQ(json("/api/traces/" + hex_id(1) + "/steps")["steps"].size(), kSpans);
  EXPECT_EQ(scans, 2);
}

TEST_F(ApiTest, ADeepRunNeedsNoStack) {
  constexpr uint64_t kDepth = 20'000;
  std::vector<PlainSpan> spans;
  for (uint64_t i = 1; i <= kDepth; ++i) {
    spans.push_back({.trace = 1, .span = i, .parent = i - 1, .name = "d", .start = kNow + i, .end = kNow + 2 * kDepth});
  }
  store_.add(sextant::testing::batch_of(spans));
  const ClientAnswer answer = get("/api/traces/" + hex_id(1));
  EXPECT_EQ(answer.status, 200);
  const size_t tree = answer.body.find("\"tree\":");
  EXPECT_EQ(std::ranges::count(answer.body.substr(tree), '['), static_cast<int64_t>(kDepth) + 1);
}

TEST_F(ApiTest, NamesAndValues) {
  add({{.trace = 1,
        .span = 1,
        .name = "x",
        .service = "a",
        .start = 1,
        .end = 2,
        .kind = data::kServer,
        .attributes = {{"k", "v"}}},
       {.trace = 1, .span = 2, .name = "y", .service = "a", .start = 1, .end = 2, .attributes = {{"k", 2.5}}}});
  EXPECT_EQ(json("/api/services"), Json::parse(R"({"services":[{"name":"a","spans":2}]})"));
  EXPECT_EQ(json("/api/operations?service=a")["operations"].size(), 2u);
  EXPECT_EQ(json("/api/operations")["operations"][0], Json::parse(R"({"service":"a","name":"x","kind":"server"})"));
  const Json keys = json("/api/attributes?scope=span")["attributes"];
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0]["types"].size(), 2u);
  const Json values = json("/api/attributes/values?key=k&scope=span");
  EXPECT_EQ(values["values"].size(), 2u);
  EXPECT_EQ(values["truncated"], false);
  EXPECT_EQ(json("/api/attributes/values?key=k&limit=1")["truncated"], true);
}

TEST_F(ApiTest, LiveMetricsHaveTheFormOfTheDashboards) {
  add_run(1, "a", kNow - 30 * kNanosPerSecond, 2 * kNanosPerSecond);
  const Json metrics = json("/api/metrics");
  EXPECT_EQ(metrics["requests_per_minute"], 1);
  EXPECT_EQ(metrics["error_rate"], 0);
  EXPECT_EQ(metrics["avg_latency_ms"], 2000);
  EXPECT_EQ(metrics["active_traces"], 0);
  EXPECT_EQ(metrics["tokens_per_hour"], 0);
  EXPECT_EQ(metrics.size(), 5u);
}

TEST_F(ApiTest, StatusTellsOfTheServer) {
  const Json empty = json("/api/status");
  EXPECT_EQ(empty["version"], "1.2.3");
  EXPECT_EQ(empty["first"], Json::parse(R"({"span":false,"model_call":false,"message":false})"));
  EXPECT_EQ(empty["addresses"]["otlp_grpc"], "");
  EXPECT_EQ(empty["received"]["spans_refused"], 3);
  EXPECT_EQ(empty["recent_refusals"][0]["protocol"], "http");
  EXPECT_EQ(empty["data_version"], 0);
  add({{.trace = 1, .span = 1, .start = 1, .end = 2, .attributes = {{"gen_ai.request.model", "m"}}}});
  EXPECT_EQ(json("/api/status")["first"], Json::parse(R"({"span":true,"model_call":true,"message":false})"));
  EXPECT_EQ(json("/api/status")["data_version"], 1);
}

TEST_F(ApiTest, StatusLooksOnlyWhenThereIsNews) {
  add_run(1, "a", kNow);
  int scans = 0;
  store_.on_scan = [&](const data::ScanSpec& spec) {
    ++scans;
    EXPECT_LE(spec.rows_max, 1000u);
  };
  json("/api/status");
  json("/api/status");
  EXPECT_EQ(scans, 1);
}

TEST_F(ApiTest, HealthHasTheFormOfItsFixture) {
  EXPECT_EQ(json("/healthz"), Json::parse(R"({"status":"healthy","checks":{}})"));
  const Json ready = json("/readyz");
  EXPECT_EQ(ready["status"], "healthy");
  for (const auto& name : {"store", "disk", "ledger"}) {
    EXPECT_EQ(ready["checks"][name]["status"], "healthy") << name;
    EXPECT_TRUE(ready["checks"][name]["latency_ms"].is_number()) << name;
  }
}

TEST_F(ApiTest, ReadinessNamesWhatIsWrong) {
  facts_.free_bytes = 1;
  store_.refuse = Error(ErrorCode::kIo, "a segment cannot be read");
  LedgerHold most;
  ASSERT_TRUE(ledger_.reserve(ledger_.limit_bytes() - (1 << 20), most));
  const ClientAnswer answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  const Json body = Json::parse(answer.body);
  EXPECT_EQ(body["status"], "unhealthy");
  EXPECT_EQ(body["checks"]["store"]["message"], "a segment cannot be read");
  EXPECT_EQ(body["checks"]["disk"]["status"], "unhealthy");
  EXPECT_EQ(body["checks"]["ledger"]["status"], "unhealthy");
  EXPECT_EQ(get("/healthz").status, 200);
  store_.refuse.reset();
  facts_.problem = "the log cannot be written: no space";
  EXPECT_EQ(Json::parse(get("/readyz").body)["checks"]["store"]["message"], "the log cannot be written: no space");
  facts_.free_bytes = 0;
  EXPECT_EQ(Json::parse(get("/readyz").body)["checks"]["disk"]["message"], "statvfs: the disk is gone");
}

TEST_F(ApiTest, OwnMetricsAsPrometheusReadsThem) {
  get("/api/traces");
  const ClientAnswer answer = get("/metrics");
  EXPECT_EQ(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(answer.body.find("sextant_api_requests_total{route=\"/api/traces\",status=\"2xx\"} 1\n"),
            std::string::npos);
  EXPECT_NE(answer.body.find("sextant_query_queue_limit 64\n"), std::string::npos);
}

TEST_F(ApiTest, TheTestRunIsStoredAndFound) {
  const ClientAnswer posted = request("POST", "/api/test-trace", {}, "");
  ASSERT_EQ(posted.status, 200) << posted.body;
  const std::string id = Json::parse(posted.body)["trace_id"];
  const Json run = json("/api/traces/" + id);
  ASSERT_EQ(run["spans"].size(), 4u);
  EXPECT_EQ(run["tree"]["children"].size(), 3u);
  EXPECT_EQ(run["summary"]["state"], "ok");
  EXPECT_EQ(run["summary"]["service"], kSampleService);
  EXPECT_EQ(run["summary"]["end_unix_nano"], std::to_string(kNow));
  const Json steps = json("/api/traces/" + id + "/steps")["steps"];
  EXPECT_EQ(steps[0]["kind"], "agent");
  EXPECT_EQ(steps[0]["title"], "navigator");
  EXPECT_EQ(steps[1]["kind"], "model");
  EXPECT_EQ(steps[1]["title"], "chat sample-model");
  EXPECT_EQ(steps[1]["tokens"]["input"], 312);
  EXPECT_EQ(steps[2]["kind"], "tool");
  EXPECT_EQ(steps[2]["title"], "get_tide");
  EXPECT_EQ(steps[2]["detail"], R"({"port":"Cuxhaven","kind":"high"})");
  const Json& last = run["spans"][3]["gen_ai"];
  EXPECT_EQ(last["input_messages"].size(), 3u);
  EXPECT_EQ(last["output_messages"][0]["parts"][0]["type"], "text");
  EXPECT_EQ(last["finish_reasons"], Json::parse(R"(["stop"])"));
  EXPECT_NE(Json::parse(request("POST", "/api/test-trace", {}, "").body)["trace_id"], id);
}

TEST_F(ApiTest, PartialAnswersSaySo) {
  add_run(1, "a", kNow);
  store_.damages = {{"segment 12, block 3: the checksum does not match; 1,024 spans are missing"}};
  for (const std::string& path : {std::string("/api/traces"), std::string("/api/traces/overview?from=now-1h"),
                                  "/api/traces/" + hex_id(1) + "/steps"}) {
    const Json partial = json(path)["partial"];
    ASSERT_GE(partial.size(), 1u) << path;
    EXPECT_EQ(partial[0]["reason"], store_.damages[0].reason);
  }
}

TEST(RateMeter, MeasuresTheLastTenSeconds) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(1, 1'000'000), 0);
  uint64_t count = 1'000'000;
  double rate = 0;
  for (uint64_t second = 1; second <= 60; ++second) {
    count += second < 30 ? 100 : 7;
    rate = meter.per_second(1 + second * kNanosPerSecond, count);
    if (second == 20) {
      EXPECT_DOUBLE_EQ(rate, 100);
    }
  }
  EXPECT_DOUBLE_EQ(rate, 7);
  // Many who ask at once share samples; who asks seldom hears of the whole time since.
  for (int i = 0; i < 1000; ++i)
    EXPECT_NEAR(meter.per_second(60 * kNanosPerSecond + 2 + static_cast<uint64_t>(i), count), 7, 1);
  EXPECT_NEAR(meter.per_second(1060 * kNanosPerSecond, count + 5000), 5, 0.1);
  EXPECT_EQ(meter.per_second(1061 * kNanosPerSecond, 0), 0);  // a counter that began anew is no negative rate
}

}  // namespace
}  // namespace sextant::serve::testing
