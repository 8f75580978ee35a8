// The HTTP server over real sockets on loopback.
#include "base/net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"

namespace sextant {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HttpClient;
using testing::ManualClock;

constexpr uint64_t kLedgerBytes = 64 << 20;

/// Answers by the path: /echo gives the body back, /refuse is refused on the head, /hold is answered by the test.
class TestHandler final : public HttpHandler {
 public:
  HeadDecision on_head(const HttpHead& head) override {
    if (head.path() == "/refuse") return HttpAnswer{.status = 403, .content_type = {}, .body = "no", .headers = {}};
    if (head.path() == "/throw-head") throw std::runtime_error("head");
    return BodyPlan{.bytes_max = 1 << 20};
  }

  void on_request(HttpRequest& request, HttpResponder responder) override {
    const auto path = request.head.path();
    if (path == "/throw") throw std::runtime_error("request");
    if (path == "/drop") return;
    if (path == "/stream") return stream(responder);
    if (path == "/hold") return keep(std::move(responder));
    if (path == "/large") return responder.answer({.body = std::string(64 << 20, 'x')});
    HttpAnswer answer{.content_type = "text/plain", .body = request.body};
    if (path == "/head") answer.body = describe(request.head);
    answer.headers.add("X-Method", request.head.method_text);
    answer.headers.add("X-Bad", "a\r\nInjected: yes");
    responder.answer(std::move(answer));
  }

  /// Waits until a request for /hold has come.
  HttpResponder take_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_.empty(); });
    HttpResponder responder = std::move(held_.front());
    held_.pop_front();
    return responder;
  }

 private:
  static std::string describe(const HttpHead& head) {
    return fmt::format("{} {} {} {} {}", head.method_text, head.path(), head.query(), head.headers.get("x-name"),
                       head.peer.substr(0, head.peer.find(':')));
  }
  static void stream(HttpResponder& responder) {
    HttpStream out = responder.stream({.content_type = "text/event-stream", .body = "first\n"});
    out.write("second\n");
    out.write("third\n");
    out.finish();
  }
  void keep(HttpResponder responder) {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(responder));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<HttpResponder> held_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpServerSettings settings = {}) {
    settings.address = "127.0.0.1:0";
    settings.threads = 2;
    settings.sweep_interval_ms = 1;
    auto started = HttpServer::start(settings, handler_, ledger_, clock_);
    ASSERT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
  }
  uint16_t port() const { return server_->port(); }
  /// Moves the clock until the server has dropped a slow client.
  void pass_time_until_dropped(uint64_t step_ms) {
    for (const uint64_t before = server_->stats().deadlines_missed; server_->stats().deadlines_missed == before;) {
      clock_.advance(step_ms * kNanosPerMillisecond);
      std::this_thread::yield();
    }
  }

  ManualClock clock_;
  MemoryLedger ledger_{kLedgerBytes};
  TestHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  start();
  HttpClient client(port());
  const auto first = client.request("POST", "/echo", {}, "hello");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "hello");
  EXPECT_EQ(first.header("content-type"), "text/plain");
  EXPECT_EQ(first.header("date"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(first.header("connection"), "");
  EXPECT_EQ(first.header("injected"), "");
  EXPECT_EQ(client.request("GET", "/head?a=b", "X-Name: value\r\n").body, "GET /head a=b value 127.0.0.1");
  EXPECT_EQ(client.request("GET", "http://other/head").body, "GET /head   127.0.0.1");
  EXPECT_EQ(server_->stats().requests, 3U);
  EXPECT_EQ(server_->stats().connections_accepted, 1U);
}

TEST_F(HttpServerTest, ReportsTheRealPort) {
  start();
  EXPECT_NE(port(), 0);
  EXPECT_EQ(server_->address(), fmt::format("127.0.0.1:{}", port()));
}

TEST_F(HttpServerTest, PortThatIsTakenIsAnError) {
  start();
  const auto second = HttpServer::start({.address = server_->address()}, handler_, ledger_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kIo);
  EXPECT_THAT(second.error().message(), ::testing::HasSubstr("in use"));
}

TEST_F(HttpServerTest, HeadHasTheLengthButNoBody) {
  start();
  HttpClient client(port());
  const auto answer = client.request("HEAD", "/head");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), std::to_string(std::string("HEAD /head   127.0.0.1").size()));
  EXPECT_EQ(client.request("OPTIONS", "*").header("x-method"), "OPTIONS");
}

TEST_F(HttpServerTest, BodiesOfEverySizeAndFraming) {
  start();
  HttpClient client(port());
  for (const size_t size : {0UL, 1UL, 4095UL, 4096UL, 70'000UL, 1UL << 20}) {
    const std::string body(size, 'b');
    EXPECT_EQ(client.request("POST", "/echo", {}, body).body, body);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < size; at += 30'000) {
      const std::string piece = body.substr(at, 30'000);
      client.send(fmt::format("{:x};ext=1\r\n{}\r\n", piece.size(), piece));
    }
    client.send("0\r\nX-Trailer: ignored\r\n\r\n");
    EXPECT_EQ(client.receive().body, body);
  }
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  HttpClient client(port());
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{:02}", i);
  client.send(many);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.receive().body, fmt::format("{:02}", i));
}

TEST_F(HttpServerTest, BytesOneByOne) {
  start();
  HttpClient client(port());
  const std::string_view text = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  for (const char c : text) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(HttpServerTest, ExpectContinueIsAskedFor) {
  start();
  HttpClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("hello");
  EXPECT_EQ(client.receive().body, "hello");
  client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = client.receive();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("connection"), "close");
}

TEST_F(HttpServerTest, RefusedOnTheHeadTheConnectionLivesOnWhenTheBodyIsSmall) {
  start();
  HttpClient client(port());
  EXPECT_EQ(client.request("POST", "/refuse", {}, std::string(100'000, 'b')).status, 403);
  EXPECT_EQ(client.request("POST", "/echo", {}, "next").body, "next");
}

TEST_F(HttpServerTest, RefusedLargeBodyIsNotKeptAndTheClientSeesTheAnswer) {
  start();
  HttpClient client(port());
  const auto answer = client.request("POST", "/refuse", {}, std::string(8 << 20, 'b'));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.header("connection"), "close");
  client.finish_sending();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(ledger_.used_bytes(), 0U);
}

TEST_F(HttpServerTest, BodyOverTheLimitIs413) {
  start();
  HttpClient sized(port());
  EXPECT_EQ(sized.request("POST", "/echo", {}, std::string((1 << 20) + 1, 'b')).status, 413);
  HttpClient chunked(port());
  chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string piece = fmt::format("{:x}\r\n{}\r\n", 256 * 1024, std::string(256 * 1024, 'c'));
  for (int i = 0; i < 5; ++i) chunked.send(piece);
  EXPECT_EQ(chunked.receive().status, 413);
}

TEST_F(HttpServerTest, FullLedgerIs503WithRetryAfter) {
  start();
  LedgerHold all;
  ASSERT_TRUE(ledger_.reserve(kLedgerBytes, all));
  HttpClient client(port());
  const auto refused = client.request("POST", "/echo", {}, "hello");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "5");
  EXPECT_EQ(client.request("GET", "/head").status, 200) << "requests without a body need no memory from the ledger";
  all.release();
  EXPECT_EQ(client.request("POST", "/echo", {}, "hello").body, "hello");
}

TEST_F(HttpServerTest, BadRequests) {
  start();
  const std::vector<std::string> texts = {
      "garbage\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(80, '\0') +
          "\r\n\r\n",  // TLS hello
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
      "GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
  };
  for (const auto& text : texts) {
    HttpClient client(port());
    client.send(text);
    EXPECT_EQ(client.receive().status, 400) << text;
    client.finish_sending();
    EXPECT_TRUE(client.closed_by_server());
  }
}

TEST_F(HttpServerTest, HeadTooLargeIs431) {
  start();
  HttpClient client(port());
  EXPECT_EQ(client.request("GET", "/", "X-Long: " + std::string(kHeadBytesMax, 'x') + "\r\n").status, 431);
  HttpClient endless(port());
  endless.send(std::string(2 * kHeadBytesMax, 'x'));
  EXPECT_THAT(endless.receive().status, ::testing::AnyOf(400, 431));
}

TEST_F(HttpServerTest, SlowHeadIsDropped) {
  start();
  HttpClient client(port());
  client.send("GET / HT");
  pass_time_until_dropped(1000);
  EXPECT_EQ(client.receive().status, 408);
}

TEST_F(HttpServerTest, SlowBodyIsDropped) {
  start();
  HttpClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nonly this");
  pass_time_until_dropped(1000);
  EXPECT_EQ(client.receive().status, 408);
}

TEST_F(HttpServerTest, IdleConnectionIsClosedWithoutAWord) {
  start();
  HttpClient client(port());
  EXPECT_EQ(client.request("GET", "/head").status, 200);
  std::jthread time([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      clock_.advance(seconds(10) / std::chrono::nanoseconds(1));
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(client.receive_bytes(1), "");
}

TEST_F(HttpServerTest, ReaderThatDoesNotReadIsDropped) {
  start();
  HttpClient client(port(), 4096);
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive_bytes(1), "H");
  pass_time_until_dropped(1000);
  EXPECT_EQ(server_->stats().deadlines_missed, 1U);
}

TEST_F(HttpServerTest, StreamedAnswer) {
  start();
  HttpClient client(port());
  const auto answer = client.request("GET", "/stream");
  EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body, "first\nsecond\nthird\n");
  EXPECT_EQ(client.request("POST", "/echo", {}, "after").body, "after");
  EXPECT_EQ(client.request("HEAD", "/stream").status, 200);
  EXPECT_EQ(client.request("POST", "/echo", {}, "after").body, "after");
}

TEST_F(HttpServerTest, StreamThatNobodyReadsEnds) {
  start();
  HttpClient client(port(), 4096);
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  HttpStream stream = handler_.take_held().stream({});
  const std::string piece(100'000, 's');
  while (stream.write(piece)) {
  }
  EXPECT_FALSE(stream.is_open());
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, AnswersFromAnotherThread) {
  start();
  HttpClient client(port());
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  handler_.take_held().answer({.body = "later"});
  EXPECT_EQ(client.receive().body, "later");
}

TEST_F(HttpServerTest, HandlerThatFailsIs500) {
  start();
  HttpClient client(port());
  EXPECT_EQ(client.request("GET", "/throw").status, 500);
  EXPECT_EQ(client.request("GET", "/throw-head").status, 500);
  EXPECT_EQ(client.request("GET", "/drop").status, 500);
  EXPECT_EQ(client.request("POST", "/echo", {}, "still").body, "still");
}

TEST_F(HttpServerTest, Http10) {
  start();
  HttpClient client(port());
  client.send("GET /head HTTP/1.0\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  client.finish_sending();
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServerTest, MoreConnectionsThanAllowedAreToldSo) {
  start({.connections_max = 3});
  std::deque<HttpClient> clients;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clients.emplace_back(port()).request("GET", "/head").status, 200);
  HttpClient extra(port());
  const auto refused = extra.request("GET", "/head");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("connection"), "close");
  EXPECT_EQ(clients.front().request("GET", "/head").status, 200);
  EXPECT_EQ(server_->stats().connections_refused, 1U);
}

TEST_F(HttpServerTest, StopLetsARequestFinish) {
  start();
  HttpClient busy(port());
  HttpClient idle(port());
  EXPECT_EQ(idle.request("GET", "/head").status, 200);
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  HttpResponder responder = handler_.take_held();
  std::jthread stopping([this] { server_->stop(seconds(20)); });
  EXPECT_TRUE(idle.closed_by_server());  // stop has begun
  responder.answer({.body = "done"});
  const auto answer = busy.receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.header("connection"), "close");
}

TEST_F(HttpServerTest, StopDoesNotWaitForEver) {
  start();
  HttpClient client(port());
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  HttpResponder responder = handler_.take_held();
  server_->stop(milliseconds(1));
  EXPECT_TRUE(client.closed_by_server());
  server_.reset();
  responder.answer({.body = "too late"});  // must not crash
}

TEST_F(HttpServerTest, StopEndsStreams) {
  start();
  HttpClient client(port());
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  HttpStream stream = handler_.take_held().stream({.body = "begin"});
  EXPECT_THAT(client.receive_bytes(17), ::testing::StartsWith("HTTP/1.1 200 OK"));
  std::jthread stopping([this] { server_->stop(seconds(20)); });
  EXPECT_TRUE(client.closed_by_server());
  stopping.join();
  EXPECT_FALSE(stream.write("more"));
}

TEST_F(HttpServerTest, ManyConnectionsAtOnce) {
  start();
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  // Both ends are in this process.
  const uint64_t count = std::min<uint64_t>(5000, (limit.rlim_cur - 2 * kDescriptorsReserved) / 2);
  std::deque<HttpClient> clients;
  for (uint64_t i = 0; i < count; ++i) ASSERT_TRUE(clients.emplace_back(port()).connected());
  for (auto& client : clients) client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
  for (auto& client : clients) EXPECT_EQ(client.receive().body, "ok");
  EXPECT_EQ(server_->stats().connections_open, count);
}

TEST_F(HttpServerTest, MemoryComesBack) {
  start();
  {
    HttpClient client(port());
    for (int i = 0; i < 20; ++i) client.request("POST", "/echo", {}, std::string(500'000, 'b'));
    EXPECT_LE(ledger_.used_bytes(), kPooledBuffersMax * kPooledBufferBytesMax) << "only pooled buffers stay";
  }
  server_->stop(seconds(20));
  server_.reset();
  EXPECT_EQ(ledger_.used_bytes(), 0U);
}

}  // namespace
}  // namespace sextant
