// What stands before and around every route: addresses, methods, hosts, tokens, headers, limits.
#include "serve/api/api.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <condition_variable>
#include <mutex>

#include "serve/api/gzip.h"
#include "tests/support/api_server.h"

namespace sextant::serve::testing {
namespace {

using namespace std::string_literals;

TEST_F(ApiTest, UnknownAddressesAreAnsweredInJson) {
  const Json error_body = error("/api/trace", 404);
  EXPECT_EQ(error_body["code"], "not_found");
  EXPECT_NE(error_body["message"].get<std::string>().find("/api/traces"), std::string::npos);
  for (const auto& path : {"/nowhere", "/api", "/api/", "/api/traces/", "/api/traces/x/y/z", "//", "/api//traces",
                           "/api/traces/..%2f..", "/API/traces", "/healthz/", "/runs"}) {
    const ClientAnswer answer = get(path);
    EXPECT_TRUE(answer.status == 404 || answer.status == 400) << path << " " << answer.status;
    EXPECT_TRUE(Json::parse(answer.body, nullptr, false).contains("error")) << path;
  }
  EXPECT_NE(get("/").body.find("SEXTANT_UI=OFF"), std::string::npos);
}

TEST_F(ApiTest, MethodsThatAreNotThereAreNamed) {
  for (const auto& [method, path, allow] : {std::tuple("POST", "/api/traces", "GET, HEAD"),
                                            {"DELETE", "/api/traces", "GET, HEAD"},
                                            {"PUT", "/api/traces/00", "GET, HEAD, DELETE"},
                                            {"GET", "/api/test-trace", "POST"},
                                            {"OPTIONS", "/api/status", "GET, HEAD"},
                                            {"PUT", "/metrics", "GET, HEAD"}}) {
    const ClientAnswer answer = request(method, path, {}, "");
    EXPECT_EQ(answer.status, 405) << path;
    EXPECT_EQ(answer.header("allow"), allow);
    EXPECT_EQ(Json::parse(answer.body)["error"]["code"], "method_not_allowed");
  }
}

TEST_F(ApiTest, HeadIsGetWithoutBody) {
  add_run(1, "a", kNow);
  HttpClient client(server_->port());
  client.send("HEAD /api/traces HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const ClientAnswer head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoul(head.header("content-length")), 100u);
}

TEST_F(ApiTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const auto& path :
       {"/api/traces", "/api/traces?x=1", "/nowhere", "/healthz", "/metrics", "/", "/api/openapi.json"}) {
    const ClientAnswer answer = get(path);
    EXPECT_EQ(answer.header("content-security-policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
              "frame-ancestors 'none'; base-uri 'none'")
        << path;
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.header("access-control-allow-origin"), "");
  }
  HttpClient client(server_->port());
  client.send("nonsense\r\n\r\n");
  const ClientAnswer refused = client.receive();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(Json::parse(refused.body)["error"]["code"], "invalid_argument");
}

/// The status of a request with these headers instead of the client's own Host.
int status_with(uint16_t port, const std::string& headers) {
  HttpClient client(port);
  client.send("GET /api/traces HTTP/1.1\r\n" + headers + "\r\n");
  return client.receive().status;
}

TEST_F(ApiTest, ForeignHostsAndOriginsAreRefused) {
  ApiSettings settings;
  settings.allowed_hosts = {"sextant.lan"};
  start(std::move(settings));
  const std::string port = std::to_string(server_->port());
  const auto status = [&](const std::string& headers) { return status_with(server_->port(), headers); };
  EXPECT_EQ(status("Host: localhost:" + port + "\r\n"), 200);
  EXPECT_EQ(status("Host: LOCALHOST\r\n"), 200);
  EXPECT_EQ(status("Host: [::1]:" + port + "\r\n"), 200);
  EXPECT_EQ(status("Host: 192.168.1.7:8420\r\n"), 200);
  EXPECT_EQ(status("Host: sextant.lan\r\n"), 200);
  EXPECT_EQ(status("Host: attacker.example\r\n"), 403);
  EXPECT_EQ(status("Host: localhost.attacker.example\r\n"), 403);
  EXPECT_EQ(status("Host: 127.0.0.1.nip.io\r\n"), 403);
  EXPECT_EQ(status("Host: \r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: http://localhost\r\n"), 200);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: https://localhost\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: http://attacker.example\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: null\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n"), 403);
}

TEST_F(ApiTest, ATokenIsAskedForWhenOneIsConfigured) {
  ApiSettings settings;
  settings.authorize = [](std::string_view value) { return value == "Bearer secret"; };
  start(std::move(settings));
  for (const auto& path : {"/api/traces", "/api/status", "/metrics", "/api/openapi.json"}) {
    const ClientAnswer refused = get(path);
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_EQ(refused.header("www-authenticate"), "Bearer realm=\"sextant\"");
    EXPECT_EQ(get(path, "Authorization: Bearer wrong\r\n").status, 401);
    EXPECT_EQ(get(path, "Authorization: Bearer secret\r\n").status, 200);
  }
  EXPECT_EQ(request("POST", "/api/test-trace", {}, "").status, 401);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 200);
}

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(8 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_F(ApiTest, LargeAnswersAreCompressedForThoseWhoAccept) {
  for (uint64_t i = 1; i <= 200; ++i) add_run(i, "service", kNow + i);
  const ClientAnswer plain = get("/api/traces?limit=200");
  const ClientAnswer packed = get("/api/traces?limit=200", "Accept-Encoding: gzip, br\r\n");
  EXPECT_EQ(plain.header("content-encoding"), "");
  EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size() * 5, plain.body.size());
  EXPECT_EQ(Json::parse(gunzip(packed.body))["traces"], Json::parse(plain.body)["traces"]);
  EXPECT_EQ(get("/api/services", "Accept-Encoding: gzip\r\n").header("content-encoding"), "");
}

TEST(Gzip, AnyBytesComeBack) {
  SeededRandom random(4);
  for (const size_t size : {0u, 1u, 100u, 70'000u, 1'000'000u}) {
    std::string bytes(size, 'a');
    for (size_t i = 0; i < size; i += 3) bytes[i] = static_cast<char>(random.next());
    EXPECT_EQ(gunzip(*gzip(bytes)), bytes);
  }
}

TEST_F(ApiTest, UnchangedAnswersAreNotMadeAgain) {
  add_run(1, "a", kNow);
  int scans = 0;
  store_.on_scan = [&](const data::ScanSpec&) { ++scans; };
  const std::string path = "/api/traces/" + hex_id(1) + "/steps";
  const std::string tag = get(path).header("etag");
  ASSERT_FALSE(tag.empty());
  EXPECT_EQ(scans, 2);
  const ClientAnswer again = get(path, "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(scans, 2);
  add_run(2, "b", kNow);
  EXPECT_EQ(get(path, "If-None-Match: " + tag + "\r\n").status, 200);
  // What depends on the time of asking has no tag.
  EXPECT_EQ(get("/api/traces?from=now-1h").header("etag"), "");
  EXPECT_EQ(get("/api/traces/overview").header("etag"), "");
  EXPECT_EQ(get("/api/traces/overview").header("cache-control"), "no-store");
}

/// Lets scans wait until the test opens it.
class Barrier {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST_F(ApiTest, AFullQueueSaysComeBackAndTheNetworkLivesOn) {
  ApiSettings settings;
  settings.query_threads = 1;
  settings.query_queue_max = 1;
  start(std::move(settings));
  Barrier barrier;
  store_.on_scan = [&](const data::ScanSpec&) { barrier.wait(); };
  HttpClient running(server_->port());
  running.send("GET /api/traces HTTP/1.1\r\nHost: localhost\r\n\r\n");
  barrier.await_waiting(1);
  HttpClient queued(server_->port());
  queued.send("GET /api/traces HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // The second is in the queue as soon as the gauge says so; what the network answers meanwhile shows that it is free.
  while (get("/metrics").body.find("sextant_query_queue_length 1") == std::string::npos) {
  }
  const ClientAnswer refused = get("/api/traces");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(Json::parse(refused.body)["error"]["code"], "unavailable");
  EXPECT_EQ(get("/healthz").status, 200);
  barrier.open();
  EXPECT_EQ(running.receive().status, 200);
  EXPECT_EQ(queued.receive().status, 200);
}

TEST_F(ApiTest, QueriesAreGivenADeadlineAndItsEndIsSaid) {
  ApiSettings settings;
  settings.query_deadline_ms = 1500;
  start(std::move(settings));
  uint64_t deadline = 0;
  store_.on_scan = [&](const data::ScanSpec& spec) { deadline = spec.deadline_steady_nanos; };
  get("/api/traces");
  EXPECT_EQ(deadline, clock_.steady_nanos() + 1500 * kNanosPerMillisecond);
  for (const auto& [code, status] : {std::pair(ErrorCode::kDeadlineExceeded, 504),
                                     {ErrorCode::kResourceExhausted, 503},
                                     {ErrorCode::kDataLoss, 500},
                                     {ErrorCode::kUnavailable, 503}}) {
    store_.refuse = Error(code, "the reason");
    const ClientAnswer answer = get("/api/traces");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(Json::parse(answer.body)["error"]["code"], to_string(code));
    EXPECT_EQ(Json::parse(answer.body)["error"]["message"], "the reason");
    EXPECT_EQ(answer.header("retry-after"), status == 503 ? "1" : "");
  }
}

TEST_F(ApiTest, AnswersDrawOnTheLedger) {
  std::vector<PlainSpan> spans;
  for (uint64_t i = 1; i <= 2000; ++i) {
    spans.push_back({.trace = 1,
                     .span = i,
                     .parent = i - 1,
                     .start = kNow + i,
                     .end = kNow + i + 5,
                     .attributes = {{"text", std::string(1000, 'x') + std::to_string(i)}}});
  }
  add(spans);
  LedgerHold most;
  ASSERT_TRUE(ledger_.reserve(ledger_.limit_bytes() - (3 << 20), most));
  for (const auto& path : {"/api/traces/" + hex_id(1), "/api/traces/" + hex_id(1) + "?format=otlp"}) {
    const ClientAnswer refused = get(path);
    EXPECT_EQ(refused.status, 503) << path;
    EXPECT_EQ(Json::parse(refused.body)["error"]["code"], "resource_exhausted");
  }
  most.release();
  EXPECT_EQ(get("/api/traces/" + hex_id(1)).status, 200);
  stop();
  EXPECT_EQ(ledger_.used_bytes(), 0u);
}

TEST_F(ApiTest, StoppingAnswersWhoStillWaits) {
  Barrier barrier;
  store_.on_scan = [&](const data::ScanSpec&) { barrier.wait(); };
  HttpClient client(server_->port());
  client.send("GET /api/traces HTTP/1.1\r\nHost: localhost\r\n\r\n");
  barrier.await_waiting(1);
  barrier.open();
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ApiTest, BodiesAreBounded) {
  const std::string body(1 << 20, 'x');
  EXPECT_EQ(request("POST", "/api/test-trace", {}, body).status, 413);
  EXPECT_EQ(store_.sequence(), 0u);
}

}  // namespace
}  // namespace sextant::serve::testing
