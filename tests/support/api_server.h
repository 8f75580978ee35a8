// The API behind a real server on loopback, over the plain store: what this module's tests share.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/sys/random.h"
#include "serve/api/api.h"
#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/plain_store.h"
#include "tests/support/span_maker.h"

namespace sextant::serve::testing {

using Json = nlohmann::json;
using sextant::testing::ClientAnswer;
using sextant::testing::HttpClient;
using sextant::testing::ManualClock;
using sextant::testing::PlainSpan;
using sextant::testing::PlainStore;

/// Internally locked as far as tests need: set before the server starts, read after.
class FakeFacts final : public ServerFacts {
 public:
  std::string version() const override { return "1.2.3"; }
  UnixNanos started() const override { return 1'600'000'000 * kNanosPerSecond; }
  ServerAddresses addresses() const override { return {"127.0.0.1:8420", "127.0.0.1:4318", ""}; }
  std::string durability() const override { return "sync"; }
  Result<DiskSpace> space() const override {
    if (free_bytes == 0) return fail(ErrorCode::kIo, "statvfs: the disk is gone");
    return DiskSpace{free_bytes, 100ULL << 30};
  }
  ReceivedCounts received() const override { return {10, 2, 500, 3}; }
  std::vector<RecentRefusal> recent_refusals() const override {
    return {{7, "http", "the body is no OTLP: expected an object with \"resourceSpans\""}};
  }
  std::string store_problem() const override { return problem.load(); }
  std::atomic<uint64_t> free_bytes{50ULL << 30};
  std::atomic<const char*> problem{""};
};

inline constexpr UnixNanos kNow = 1'700'000'000 * kNanosPerSecond;

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }
  void TearDown() override { stop(); }

  void start(ApiSettings settings = {}) {
    stop();
    api_ = std::make_unique<Api>(std::move(settings), ApiDependencies{store_, store_, store_, clock_, ledger_, ledger_,
                                                                      metrics_, facts_, page_});
    HttpServerSettings server_settings;
    server_settings.address = "127.0.0.1:0";
    server_settings.threads = 2;
    auto started = HttpServer::start(server_settings, *api_, ledger_, clock_);
    ASSERT_TRUE(started.has_value()) << started.error().message();
    server_ = std::move(*started);
  }
  void stop() {
    if (server_) server_->stop(std::chrono::milliseconds(1000));
    server_.reset();
    api_.reset();
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  ClientAnswer request(std::string_view method, std::string_view target, const std::string& headers = {},
                       std::optional<std::string_view> body = std::nullopt) {
    // What the test changed in the store, and what the store's hooks changed in the test, is ordered by its lock.
    static_cast<void>(store_.sequence());
    HttpClient client(server_->port());
    ClientAnswer answer = client.request(method, target, headers, body);
    static_cast<void>(store_.sequence());
    return answer;
  }
  ClientAnswer get(std::string_view target, const std::string& headers = {}) { return request("GET", target, headers); }

  /// The body of an answer with status 200.
  Json json(std::string_view target) {
    const ClientAnswer answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/json");
    return Json::parse(answer.body, nullptr, false);
  }
  /// The "error" of a refusal with this status.
  Json error(std::string_view target, int status) {
    const ClientAnswer answer = get(target);
    EXPECT_EQ(answer.status, status) << target << " " << answer.body;
    return Json::parse(answer.body, nullptr, false)["error"];
  }

  void add(const std::vector<PlainSpan>& spans) { store_.add(sextant::testing::batch_of(spans)); }
  /// One run of one span, with an answer of its own in every list.
  void add_run(uint64_t trace, const std::string& service, UnixNanos start, uint64_t duration = kNanosPerSecond) {
    add({{.trace = trace, .span = 1, .name = "work", .service = service, .start = start, .end = start + duration}});
  }
  static std::string hex_id(uint64_t trace) { return sextant::testing::trace_id(trace).hex(); }
  static std::string hex_span(uint64_t span) { return sextant::testing::span_id(span).hex(); }

  ManualClock clock_{kNow};
  PlainStore store_;
  MemoryLedger ledger_{256ULL << 20};
  Metrics metrics_;
  FakeFacts facts_;
  WebPage page_{{}, nullptr};
  std::unique_ptr<Api> api_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace sextant::serve::testing
