// Tests of the benchmark's parts against a small server in this process.
#include <gtest/gtest.h>

#include <atomic>

#include "base/core/guarded.h"
#include "base/net/http_server.h"
#include "base/sys/random.h"
#include "data/otlp/traces.h"
#include "wiring/bench/ingest.h"
#include "wiring/bench/served.h"

namespace sextant::wiring {
namespace {

/// Takes OTLP and pushed metrics. Answers `refuse_status` to every request whose number is divisible by `refuse_each`
/// (0: none).
class Sink final : public HttpHandler {
 public:
  HeadDecision on_head(const HttpHead&) override { return BodyPlan{.bytes_max = 64 << 20}; }
  void on_request(HttpRequest& request, HttpResponder responder) override {
    const uint64_t number = ++requests;
    if (request.head.target == "/metrics/job/sextant_bench") {
      *pushed.lock() = request.body;
      responder.answer({.status = push_status, .body = ""});
      return;
    }
    if (refuse_each != 0 && number % refuse_each == 0) {
      responder.answer({.status = refuse_status, .body = ""});
      return;
    }
    const auto decoded = data::decode_traces_protobuf(request.body);
    if (decoded) spans += decoded->batch.span_count();
    responder.answer({.status = 200, .body = ""});
  }
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> spans{0};
  Guarded<std::string> pushed;
  uint64_t refuse_each = 0;
  int refuse_status = 400;
  int push_status = 202;
};

struct Running {
  Sink sink;
  MemoryLedger ledger{1ULL << 30};
  SystemClock clock;
  std::unique_ptr<HttpServer> server;
  std::string url;

  Running() {
    auto started = HttpServer::start({.address = "127.0.0.1:0"}, sink, ledger, clock);
    EXPECT_TRUE(started.has_value());
    server = std::move(*started);
    url = "http://" + server->address();
  }
};

TEST(Load, TargetsAreUrls) {
  const auto plain = parse_target("http://caxton-service:8080", "/v1/traces");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->host, "caxton-service");
  EXPECT_EQ(plain->port, "8080");
  EXPECT_EQ(plain->path, "/v1/traces");
  EXPECT_EQ(parse_target("http://[::1]:4318/x", "/y")->host, "::1");
  EXPECT_EQ(parse_target("http://[::1]/x", "/y")->port, "80");
  EXPECT_EQ(parse_target("http://h", "/y")->path, "/y");
  for (const char* bad : {"https://h", "h:80", "http://", "http://h:port", "http://h:80/\r\nX: y"}) {
    EXPECT_FALSE(parse_target(bad, "/").has_value()) << bad;
  }
}

TEST(Load, PercentilesAreOfTheSortedTimes) {
  LoadResult result;
  EXPECT_EQ(result.ack_millis(0.5), 0);
  for (uint32_t i = 1; i <= 100; ++i) result.ack_micros.push_back(i * 1000);
  EXPECT_EQ(result.ack_millis(0.5), 50);
  EXPECT_EQ(result.ack_millis(0.99), 99);
  EXPECT_EQ(result.ack_millis(1), 100);
}

TEST(Load, EveryPreparedSpanArrives) {
  Running running;
  const PreparedLoad load = prepare_load({}, 3000);
  EXPECT_EQ(load.span_count, 3000U);
  std::atomic<size_t> next{0};
  const auto target = parse_target(running.url, "/v1/traces");
  const LoadResult result = run_load(*target, 3, [&](uint32_t) -> std::optional<LoadBody> {
    const size_t i = next++;
    if (i >= load.bodies.size()) return std::nullopt;
    return LoadBody{load.bodies[i], load.spans[i]};
  });
  EXPECT_EQ(result.failures, 0U) << result.first_failure;
  EXPECT_EQ(result.spans, 3000U);
  EXPECT_EQ(result.wire_bytes, load.wire_bytes);
  EXPECT_EQ(running.sink.spans, 3000U);
  EXPECT_EQ(result.ack_micros.size(), load.bodies.size());
}

TEST(Load, WhatIsRefusedForNowIsSentAgain) {
  Running running;
  running.sink.refuse_each = 3;
  running.sink.refuse_status = 503;
  const PreparedLoad load = prepare_load({}, 3000);
  std::atomic<size_t> next{0};
  const auto target = parse_target(running.url, "/v1/traces");
  const LoadResult result = run_load(*target, 2, [&](uint32_t) -> std::optional<LoadBody> {
    const size_t i = next++;
    if (i >= load.bodies.size()) return std::nullopt;
    return LoadBody{load.bodies[i], load.spans[i]};
  });
  EXPECT_EQ(result.failures, 0U) << result.first_failure;
  EXPECT_GE(result.refusals, 2U);
  EXPECT_EQ(running.sink.spans, 3000U);
}

TEST(IngestBench, LoadsATargetAndReports) {
  Running running;
  IngestBenchSettings settings;
  settings.target = running.url;
  settings.spans = 2000;
  settings.report_to_prometheus = running.url;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 0);
  EXPECT_EQ(running.sink.spans, 2000U);
  const std::string pushed = *running.sink.pushed.lock();
  EXPECT_NE(pushed.find("sextant_bench_spans{corpus=\"shape\"} 2000\n"), std::string::npos) << pushed;
  EXPECT_NE(pushed.find("sextant_bench_requests_failed{corpus=\"shape\"} 0\n"), std::string::npos) << pushed;
}

TEST(IngestBench, MakesLoadForATime) {
  Running running;
  IngestBenchSettings settings;
  settings.corpus = "agent";
  settings.target = running.url;
  settings.duration = "1ms";
  settings.connections = 2;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 0);
  EXPECT_GE(running.sink.spans, 2 * data::kAgentRequestSpans);
}

TEST(IngestBench, KeepsToARate) {
  Running running;
  IngestBenchSettings settings;
  settings.target = running.url;
  settings.rate = 20'000;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 1);  // for how long is not said
  settings.duration = "100ms";
  settings.connections = 2;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 0);
  // What is due in that time, and what each connection has taken for after it.
  EXPECT_LE(running.sink.spans, 2000 + 3 * data::kShapeRequestSpans);
}

TEST(IngestBench, FailuresAreExitCodeOne) {
  Running running;
  IngestBenchSettings settings;
  settings.target = running.url;
  settings.spans = 2000;
  running.sink.push_status = 500;
  settings.report_to_prometheus = running.url;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 1);  // the report was refused
  settings.report_to_prometheus.clear();
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 0);
  running.sink.refuse_each = 3;
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 1);  // a request was refused
  settings.target.clear();
  settings.program = "/bin/false";
  EXPECT_EQ(run_ingest_bench(settings, posix_files()), 1);  // no server
}

TEST(Figures, LinesAreJson) {
  EXPECT_EQ(figure_line({"ingest.shape.cpu_hot", 1.25, "CPU-s per million spans"}, {"sync", 1.07}),
            R"({"figure":"ingest.shape.cpu_hot","value":1.25,"unit":"CPU-s per million spans","durability":"sync",)"
            R"("calibrator":1.07})");
}

TEST(Figures, CompressorsSeeAllBytes) {
  const PreparedLoad load = prepare_load({}, 1000);
  EXPECT_GT(calibrate(load), 0);
  const uint64_t floor = long_window_bytes(load);
  EXPECT_GT(floor, 10 * load.span_count);
  EXPECT_LT(floor, load.wire_bytes / 2);
}

TEST(Figures, Durations) {
  EXPECT_EQ(parse_duration("300s")->count(), 300'000);
  EXPECT_EQ(parse_duration("250ms")->count(), 250);
  EXPECT_EQ(parse_duration("5m")->count(), 300'000);
  for (const char* bad : {"", "s", "5", "-1s", "0s", "5 s", "5d", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
  }
}

TEST(Served, ReadyLinesAndTrees) {
  const auto addresses = ready_addresses(R"(ready {"http":"127.0.0.1:1","otlp_http":"127.0.0.1:2"})");
  ASSERT_TRUE(addresses.has_value());
  EXPECT_EQ(addresses->http, "http://127.0.0.1:1");
  EXPECT_EQ(addresses->otlp_http, "http://127.0.0.1:2");
  EXPECT_FALSE(ready_addresses("listening").has_value());
  EXPECT_FALSE(ready_addresses("ready {}").has_value());
  Files& files = posix_files();
  const std::string root = testing::TempDir() + fmt::format("/sextant-tree-{:016x}", system_random());
  ASSERT_TRUE(files.make_directories(root + "/a/b").has_value());
  ASSERT_TRUE(write_file_atomically(files, root + "/a/b/x", std::string(100, 'x')).has_value());
  ASSERT_TRUE(write_file_atomically(files, root + "/y", "12345").has_value());
  EXPECT_EQ(*tree_bytes(files, root), 105U);
  EXPECT_GT(*sync_millis(files, root), 0);
  ASSERT_TRUE(remove_tree(files, root).has_value());
  EXPECT_FALSE(*files.exists(root));
}

}  // namespace
}  // namespace sextant::wiring
