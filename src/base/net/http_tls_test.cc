// TLS, client certificates, and a process without descriptors: what needs more than a plain connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <deque>

#include "base/net/http_server.h"
#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/net/certificates.h"
#include "tests/support/net/tls_client.h"

namespace sextant {
namespace {

using namespace sextant::testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class WhoHandler final : public HttpHandler {
 public:
  HeadDecision on_head(const HttpHead& head) override {
    if (head.path() == "/refuse") return HttpAnswer{.status = 403, .body = "no"};
    return BodyPlan{.bytes_max = 32 << 20};
  }
  void on_request(HttpRequest& request, HttpResponder responder) override {
    responder.answer({.body = fmt::format("{} {} {}", request.head.encrypted ? "tls" : "plain",
                                          request.head.client_subject, request.body.size())});
  }
};

class HttpTlsTest : public ::testing::Test {
 protected:
  void start(const TlsSettings& tls) {
    auto started = HttpServer::start({.address = "127.0.0.1:0", .tls = tls, .threads = 2, .sweep_interval_ms = 1},
                                     handler_, ledger_, clock_);
    ASSERT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
  }
  TlsSettings server_tls() const { return {.certificate_file = files_.server(), .key_file = files_.server_key()}; }
  TlsSettings mutual_tls() const {
    return {.certificate_file = files_.server(), .key_file = files_.server_key(), .client_ca_file = files_.ca()};
  }
  TlsClientSettings client() const { return {.port = server_->port(), .ca_file = files_.ca()}; }
  static std::string get(const TlsClientSettings& settings, const std::string& head = "GET / HTTP/1.1\r\n",
                         const std::string& body = {}) {
    TlsClient tls(settings);
    bool clean = false;
    std::string received = tls.exchange(head + "Host: a\r\nConnection: close\r\n\r\n" + body, clean);
    EXPECT_EQ(clean, !received.empty()) << "the end is said, not cut off";
    return received;
  }

  Certificates files_;
  ManualClock clock_;
  MemoryLedger ledger_{64 << 20};
  WhoHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTlsTest, ServesOverTls) {
  start(server_tls());
  EXPECT_THAT(get(client()), EndsWith("tls  0"));
  const std::string body(3 << 20, 'b');
  EXPECT_THAT(get(client(), fmt::format("POST / HTTP/1.1\r\nContent-Length: {}\r\n", body.size()), body),
              EndsWith("tls  3145728"));
}

TEST_F(HttpTlsTest, RefusedLargeBodySeesTheAnswer) {
  start(server_tls());
  const std::string body(8 << 20, 'b');
  EXPECT_THAT(get(client(), fmt::format("POST /refuse HTTP/1.1\r\nContent-Length: {}\r\n", body.size()), body),
              StartsWith("HTTP/1.1 403"));
}

TEST_F(HttpTlsTest, ClientCertificates) {
  start(mutual_tls());
  TlsClientSettings known = client();
  known.certificate_file = files_.client();
  known.key_file = files_.client_key();
  EXPECT_THAT(get(known), HasSubstr("/CN=test-agent"));
  TlsClientSettings stranger = client();
  stranger.certificate_file = files_.stranger();
  stranger.key_file = files_.stranger_key();
  EXPECT_EQ(get(stranger), "");
  EXPECT_EQ(get(client()), "");
  EXPECT_EQ(server_->stats().requests, 1U);
}

TEST_F(HttpTlsTest, OldVersionsAreRefusedAndHttp11IsChosen) {
  start(server_tls());
  TlsClientSettings old = client();
  old.version_max = TLS1_1_VERSION;
  EXPECT_FALSE(TlsClient(old).connected());
  TlsClientSettings tls12 = client();
  tls12.version_max = TLS1_2_VERSION;
  EXPECT_TRUE(TlsClient(tls12).connected());
  TlsClientSettings offering = client();
  offering.protocol = "http/1.1";
  EXPECT_EQ(TlsClient(offering).chosen_protocol(), "http/1.1");
}

TEST_F(HttpTlsTest, PlainTextToATlsPortIsClosed) {
  start(server_tls());
  HttpClient plain(server_->port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(plain.closed_by_server());
  EXPECT_EQ(server_->stats().handshakes_failed, 1U);
}

TEST_F(HttpTlsTest, HandshakeThatDoesNotComeIsDropped) {
  start(server_tls());
  HttpClient silent(server_->port());
  while (server_->stats().deadlines_missed == 0) {
    clock_.advance(1000 * kNanosPerMillisecond);
    std::this_thread::yield();
  }
  EXPECT_TRUE(silent.closed_by_server());
}

TEST_F(HttpTlsTest, FilesThatCannotBeUsedAreNamed) {
  const std::vector<TlsSettings> wrong = {
      {.certificate_file = "/absent.pem", .key_file = files_.server_key()},
      {.certificate_file = files_.server(), .key_file = "/absent.key"},
      {.certificate_file = files_.server(), .key_file = files_.client_key()},
      {.certificate_file = files_.server(), .key_file = files_.server_key(), .client_ca_file = "/absent-ca.pem"}};
  for (const auto& tls : wrong) {
    const auto started = HttpServer::start({.address = "127.0.0.1:0", .tls = tls}, handler_, ledger_, clock_);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(started.error().message(), HasSubstr("TLS"));
  }
}

TEST_F(HttpTlsTest, ServesAgainAfterTheProcessWasOutOfDescriptors) {
  start({});
  HttpClient before(server_->port());
  EXPECT_EQ(before.request("GET", "/").status, 200);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  {
    const rlimit lower{.rlim_cur = 120, .rlim_max = limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
    std::deque<HttpClient> clients;
    while (clients.emplace_back(server_->port()).connected()) {
    }
    while (server_->stats().connections_refused + server_->stats().accept_failures == 0) std::this_thread::yield();
    EXPECT_EQ(before.request("GET", "/").status, 200) << "connections that are there go on";
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  HttpClient after(server_->port());
  EXPECT_EQ(after.request("GET", "/").status, 200);
}

}  // namespace
}  // namespace sextant
