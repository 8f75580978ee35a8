// The gRPC server over real sockets on loopback, with the library's own client.
#include "base/net/grpc_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/net/certificates.h"
#include "tests/support/net/compress.h"
#include "tests/support/net/grpc_client.h"

namespace sextant {
namespace {

using namespace sextant::testing;
using Compression = GrpcCallSettings::Compression;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr uint64_t kLedgerBytes = 64 << 20;

class TestHandler final : public GrpcHandler {
 public:
  std::optional<GrpcStatus> on_call(const GrpcCallHead& head) override {
    if (head.method == "/test.Refused/Call") return GrpcStatus{.code = 12, .message = "no such service"};
    if (head.method == "/test.Token/Call" && head.metadata.get("authorization") != "Bearer good") {
      return GrpcStatus{.code = 16, .message = "who are you"};
    }
    return std::nullopt;
  }
  void on_request(GrpcRequest& request, GrpcResponder responder) override {
    if (request.head.method == "/test.Throw/Call") throw std::runtime_error("request");
    if (request.head.method == "/test.Drop/Call") return;
    if (request.head.method == "/test.Hold/Call") return keep(std::move(responder));
    if (request.head.method == "/test.Who/Call") {
      return responder.answer(request.head.client_subject + " " + request.head.peer.substr(0, 9));
    }
    if (request.head.method == "/test.Fail/Call") {
      return responder.fail({.code = 14, .message = "later", .details = "bytes of a status"});
    }
    responder.answer(fmt::format("{} {}", static_cast<int>(request.encoding), request.message.size()) + "\n" +
                     request.message);
  }
  GrpcStatus on_memory_full(const GrpcCallHead&) override { return {.code = 8, .message = "full"}; }

  GrpcResponder take_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_.empty(); });
    GrpcResponder responder = std::move(held_.front());
    held_.pop_front();
    return responder;
  }

 private:
  void keep(GrpcResponder responder) {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(responder));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<GrpcResponder> held_;
};

class GrpcServerTest : public ::testing::Test {
 protected:
  void start(GrpcServerSettings settings = {}) {
    settings.address = "127.0.0.1:0";
    settings.threads = 2;
    settings.sweep_interval_ms = 1;
    auto started = GrpcServer::start(settings, handler_, ledger_, clock_);
    ASSERT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
    client_ = std::make_unique<GrpcClient>(GrpcClientSettings{.address = server_->address()});
  }

  ManualClock clock_;
  MemoryLedger ledger_{kLedgerBytes};
  TestHandler handler_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<GrpcClient> client_;
};

TEST_F(GrpcServerTest, AnswersWithTheBytesItGot) {
  start();
  const std::string body(100'000, 'b');
  const auto answer = client_->call("/test.Echo/Call", body);
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_EQ(answer.body, "0 100000\n" + body);
  EXPECT_EQ(client_->call("/test.Echo/Call", "").body, "0 0\n");
  EXPECT_EQ(server_->stats().calls, 2U);
  server_->stop(seconds(20));
  EXPECT_EQ(ledger_.used_bytes(), 0U);
}

TEST_F(GrpcServerTest, CompressedMessagesComeAsTheyAre) {
  start();
  const std::string body(100'000, 'b');
  const auto gzipped = client_->call("/test.Echo/Call", body, {.compression = Compression::kGzip});
  EXPECT_EQ(gzipped.code, 0) << gzipped.message;
  EXPECT_THAT(gzipped.body, ::testing::StartsWith("1 "));
  EXPECT_LT(gzipped.body.size(), 1000U);
  EXPECT_THAT(gzipped.body, HasSubstr("\x1f\x8b")) << "gzip's magic number";
  const auto deflated = client_->call("/test.Echo/Call", body, {.compression = Compression::kDeflate});
  EXPECT_THAT(deflated.body, ::testing::StartsWith("2 "));
  EXPECT_LT(deflated.body.size(), 1000U);
}

// --- HTTP/2 by hand, for what the library's client does not send ---

std::string h2_frame(char type, char flags, char stream, const std::string& payload) {
  std::string frame = {static_cast<char>(payload.size() >> 16),
                       static_cast<char>(payload.size() >> 8),
                       static_cast<char>(payload.size()),
                       type,
                       flags,
                       0,
                       0,
                       0,
                       stream};
  return frame + payload;
}

/// HPACK literals without indexing (RFC 7541 section 6.2.2). Requires: names and values below 127 bytes.
std::string h2_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string block;
  for (const auto& [name, value] : headers) {
    block += std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
  }
  return block;
}

TEST_F(GrpcServerTest, MessageInAnUnknownEncodingComesAsItIs) {
  start();
  HttpClient raw(server_->port());
  const std::string message = std::string("\x01\0\0\0\x04", 5) + "data";
  raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2_frame(4, 0, 0, "") +
           h2_frame(1, 4, 1,
                    h2_headers({{":method", "POST"},
                                {":scheme", "http"},
                                {":path", "/test.Echo/Call"},
                                {":authority", "localhost"},
                                {"te", "trailers"},
                                {"content-type", "application/grpc"},
                                {"grpc-encoding", "snappy"}})) +
           h2_frame(0, 1, 1, message));
  std::string received;
  while (received.find("0 4\ndata") == std::string::npos) {
    const std::string more = raw.receive_bytes(1);
    ASSERT_FALSE(more.empty()) << received;
    received += more;
  }
}

TEST_F(GrpcServerTest, RefusedBeforeTheMessage) {
  start();
  const auto answer = client_->call("/test.Refused/Call", std::string(1 << 20, 'b'));
  EXPECT_EQ(answer.code, 12);
  EXPECT_EQ(answer.message, "no such service");
  EXPECT_EQ(client_->call("/test.Token/Call", "x").code, 16);
  EXPECT_EQ(client_->call("/test.Token/Call", "x", {.metadata = {{"authorization", "Bearer good"}}}).code, 0);
}

TEST_F(GrpcServerTest, DetailsAreCarried) {
  start();
  const auto answer = client_->call("/test.Fail/Call", "x");
  EXPECT_EQ(answer.code, 14);
  EXPECT_EQ(answer.message, "later");
  EXPECT_EQ(answer.details, "bytes of a status");
}

TEST_F(GrpcServerTest, MessageOverTheLimit) {
  start({.message_bytes_max = 1000});
  EXPECT_EQ(client_->call("/test.Echo/Call", std::string(1000, 'b')).code, 0);
  EXPECT_EQ(client_->call("/test.Echo/Call", std::string(1001, 'b')).code, 8);
}

TEST_F(GrpcServerTest, FullLedger) {
  start();
  LedgerHold all;
  ASSERT_TRUE(ledger_.reserve(kLedgerBytes, all));
  EXPECT_EQ(client_->call("/test.Echo/Call", "hello").code, 8);
  all.release();
  EXPECT_EQ(client_->call("/test.Echo/Call", "hello").code, 0);
}

TEST_F(GrpcServerTest, HandlerThatFailsIsInternal) {
  start();
  EXPECT_EQ(client_->call("/test.Throw/Call", "x").code, 13);
  EXPECT_EQ(client_->call("/test.Drop/Call", "x").code, 13);
  EXPECT_EQ(client_->call("/test.Echo/Call", "x").code, 0);
}

TEST_F(GrpcServerTest, AnswersFromAnotherThread) {
  start();
  std::jthread answering([this] { handler_.take_held().answer("later"); });
  EXPECT_EQ(client_->call("/test.Hold/Call", "x").body, "later");
}

TEST_F(GrpcServerTest, MessageThatNeverComesEndsTheCall) {
  start();
  std::jthread time([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      clock_.advance(1000 * kNanosPerMillisecond);
      std::this_thread::yield();
    }
  });
  EXPECT_NE(client_->call_without_message("/test.Echo/Call").code, 0);
  EXPECT_EQ(server_->stats().deadlines_missed, 1U);
}

TEST_F(GrpcServerTest, ManyCallsFromManyThreads) {
  start();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        GrpcClient client({.address = server_->address()});
        for (int j = 0; j < 50; ++j) good += client.call("/test.Echo/Call", "hello").body == "0 5\nhello" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 400);
  EXPECT_GE(server_->stats().connections_accepted, 8U);
}

TEST_F(GrpcServerTest, StrangeBytesDoNotHarm) {
  start();
  for (const std::string& text : {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(1000, '\xff'),
                                  std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(100, '\x7f')}) {
    HttpClient raw(server_->port());
    raw.send(text);
    raw.finish_sending();
    EXPECT_TRUE(raw.closed_by_server());
  }
  EXPECT_EQ(client_->call("/test.Echo/Call", "x").code, 0);
}

TEST_F(GrpcServerTest, StopLetsACallFinish) {
  start();
  GrpcAnswer answer;
  std::jthread calling([&] { answer = client_->call("/test.Hold/Call", "x"); });
  GrpcResponder responder = handler_.take_held();
  std::jthread stopping([this] { server_->stop(seconds(20)); });
  responder.answer("done");
  calling.join();
  EXPECT_EQ(answer.body, "done");
}

TEST_F(GrpcServerTest, StopDoesNotWaitForEver) {
  start();
  GrpcAnswer answer;
  std::jthread calling([&] { answer = client_->call("/test.Hold/Call", "x"); });
  GrpcResponder responder = handler_.take_held();
  server_->stop(milliseconds(1));
  calling.join();
  EXPECT_NE(answer.code, 0);
  server_.reset();
  responder.answer("too late");  // must not crash
}

TEST_F(GrpcServerTest, PortThatIsTakenIsAnError) {
  start();
  const auto second = GrpcServer::start({.address = server_->address()}, handler_, ledger_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kIo);
}

/// Lowers the number of descriptors this process may have while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = limit;
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(GrpcServerTest, ServesAgainAfterTheProcessWasOutOfDescriptors) {
  start();
  EXPECT_EQ(client_->call("/test.Echo/Call", "x").code, 0);
  {
    std::deque<HttpClient> clients;
    const DescriptorLimit limit(100);
    while (clients.emplace_back(server_->port()).connected()) {
    }
    EXPECT_GT(clients.size(), 10U);
    EXPECT_EQ(client_->call("/test.Echo/Call", "x").code, 0) << "connections that are there go on";
  }
  GrpcClient fresh({.address = server_->address()});
  EXPECT_EQ(fresh.call("/test.Echo/Call", "x").code, 0);
}

TEST_F(GrpcServerTest, TlsAndClientCertificates) {
  const Certificates files;
  start({.tls = {.certificate_file = files.server(), .key_file = files.server_key(), .client_ca_file = {}}});
  GrpcClient plain({.address = server_->address()});
  EXPECT_EQ(plain.call("/test.Echo/Call", "x").code, 14);
  GrpcClient tls({.address = server_->address(), .ca_file = files.ca()});
  EXPECT_EQ(tls.call("/test.Who/Call", "x").body, " 127.0.0.1");

  start({.tls = {.certificate_file = files.server(), .key_file = files.server_key(), .client_ca_file = files.ca()}});
  GrpcClient known({.address = server_->address(),
                    .ca_file = files.ca(),
                    .certificate_file = files.client(),
                    .key_file = files.client_key()});
  EXPECT_EQ(known.call("/test.Who/Call", "x").body, "test-agent 127.0.0.1");
  GrpcClient stranger({.address = server_->address(),
                       .ca_file = files.ca(),
                       .certificate_file = files.stranger(),
                       .key_file = files.stranger_key()});
  EXPECT_EQ(stranger.call("/test.Who/Call", "x").code, 14);
  GrpcClient nobody({.address = server_->address(), .ca_file = files.ca()});
  EXPECT_EQ(nobody.call("/test.Who/Call", "x").code, 14);
}

TEST_F(GrpcServerTest, BadCertificateFilesAreNamed) {
  const auto started =
      GrpcServer::start({.address = "127.0.0.1:0",
                         .tls = {.certificate_file = "/absent.pem", .key_file = "/absent.key", .client_ca_file = {}}},
                        handler_, ledger_, clock_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(started.error().message(), HasSubstr("/absent"));
}

}  // namespace
}  // namespace sextant
