// The client against a real TLS server on loopback, with certificates right and wrong in every way.
#include "sextant/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waker.h"
#include "sextant/otlp_http.h"
#include "tests/support/certificates.h"
#include "tests/support/hanging_names.h"

namespace sextant {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// An authority, a server it vouches for, and the files that a client is given.
class TlsHttpTest : public testing::Test {
 protected:
  test::Identity authority_ = test::make_identity({"authority"});
  test::Identity server_ = test::make_identity({"server"}, &authority_);
  test::Folder folder_;
  std::string ca_file_ = test::write_certificate(folder_, "ca.pem", authority_);

  TlsHttpSettings trusting() const {
    TlsHttpSettings settings;
    settings.ca_file = ca_file_;
    return settings;
  }
  static HttpRequest post(const std::string& url, std::string_view body) {
    HttpRequest request;
    request.url = url + "/v1/traces";
    request.headers = {{"Content-Type", "application/x-protobuf"}, {"X-Empty", ""}};
    request.body = body;
    return request;
  }
  static Result<HttpResponse> send(const HttpTransportPtr& transport, const HttpRequest& request) {
    return transport->send(request, Deadline::after(seconds(60)));
  }
  /// What the client says of a server that shows this identity.
  std::string refusal(const test::Identity& server, const TlsHttpSettings& settings,
                      const std::string& host = "127.0.0.1") const {
    const test::TlsContext tls(server);
    test::Receiver receiver({}, tls.wrap());
    const auto response = send(tls_http(settings), post(receiver.url(host, "https"), "secret"));
    EXPECT_TRUE(receiver.requests().empty());
    return response ? "none" : response.error();
  }
};

TEST_F(TlsHttpTest, SendsAndReceivesAndKeepsTheConnection) {
  const test::TlsContext tls(server_);
  test::Receiver receiver([](const test::Received&) { return test::Answer{202, {{"X-Word", "heard"}}, "answer"}; },
                          tls.wrap());
  const HttpTransportPtr transport = tls_http(trusting());
  const std::string body(300'000, 'b');
  for (int i = 0; i < 3; ++i) {
    const auto response = send(transport, post(receiver.url("127.0.0.1", "https"), body));
    ASSERT_TRUE(response) << response.error();
    EXPECT_EQ(response->status, 202);
    EXPECT_EQ(response->body, "answer");
    EXPECT_EQ(response->header("x-word"), "heard");
    EXPECT_FALSE(response->cut);
  }
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(receiver.connections(), 1u);
  EXPECT_EQ(requests[0].start_line, "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(requests[0].body, body);
  EXPECT_EQ(requests[0].header("content-type"), "application/x-protobuf");
  EXPECT_EQ(requests[0].header("expect"), "");
}

TEST_F(TlsHttpTest, SpeaksPlainHttpTooWithAnyMethod) {
  test::Receiver receiver;
  const HttpTransportPtr transport = tls_http();
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "HEAD"}) {
    HttpRequest request;
    request.method = method;
    request.url = receiver.url() + "/x?y=1";
    const auto response = send(transport, request);
    ASSERT_TRUE(response) << method << ": " << response.error();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(receiver.requests().back().start_line, std::string(method) + " /x?y=1 HTTP/1.1");
    EXPECT_EQ(receiver.requests().back().header("content-type"), "");
  }
}

TEST_F(TlsHttpTest, RefusesACertificateOfAnUnknownAuthority) {
  const std::string message = refusal(server_, {});
  EXPECT_THAT(message, HasSubstr("its certificate is not trusted"));
  EXPECT_THAT(message, HasSubstr("is given as ca_file"));
  EXPECT_THAT(message, StartsWith("127.0.0.1:"));
}

TEST_F(TlsHttpTest, RefusesAnExpiredCertificate) {
  test::CertificateWish wish;
  wish.valid_from_s = -7'200;
  wish.valid_until_s = -3'600;
  EXPECT_THAT(refusal(test::make_identity(wish, &authority_), trusting()), HasSubstr("expired"));
}

TEST_F(TlsHttpTest, RefusesACertificateThatIsNotYetValid) {
  test::CertificateWish wish;
  wish.valid_from_s = 3'600;
  wish.valid_until_s = 7'200;
  EXPECT_THAT(refusal(test::make_identity(wish, &authority_), trusting()), HasSubstr("not yet valid"));
}

TEST_F(TlsHttpTest, RefusesACertificateForAnotherHost) {
  test::CertificateWish wish;
  wish.alternative_names = "DNS:elsewhere.example";
  const std::string message = refusal(test::make_identity(wish, &authority_), trusting());
  EXPECT_THAT(message, HasSubstr("its certificate is not trusted"));
  EXPECT_THAT(message, HasSubstr("127.0.0.1"));
}

TEST_F(TlsHttpTest, RefusesACertificateThatSignsItself) {
  EXPECT_THAT(refusal(test::make_identity({"alone"}), trusting()), HasSubstr("its certificate is not trusted"));
}

TEST_F(TlsHttpTest, TakesAnyCertificateWhereNoneIsChecked) {
  const test::Identity alone = test::make_identity({"alone"});
  const test::TlsContext tls(alone);
  test::Receiver receiver({}, tls.wrap());
  TlsHttpSettings settings;
  settings.peer_check = PeerCheck::kNone;
  const auto response = send(tls_http(settings), post(receiver.url("127.0.0.1", "https"), "x"));
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->status, 200);
}

TEST_F(TlsHttpTest, ShowsItsCertificateToAServerThatWantsOne) {
  const test::Identity client = test::make_identity({"client"}, &authority_);
  const test::TlsContext tls(server_, &authority_);
  test::Receiver receiver({}, tls.wrap());
  TlsHttpSettings settings = trusting();
  EXPECT_FALSE(send(tls_http(settings), post(receiver.url("127.0.0.1", "https"), "x")));
  settings.client_certificate_file = test::write_certificate(folder_, "client.pem", client);
  settings.client_key_file = test::write_key(folder_, "client.key", client);
  const auto response = send(tls_http(settings), post(receiver.url("127.0.0.1", "https"), "x"));
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(receiver.requests().size(), 1u);
}

TEST_F(TlsHttpTest, SaysWhichFileIsWrong) {
  const test::TlsContext tls(server_);
  test::Receiver receiver({}, tls.wrap());
  TlsHttpSettings settings = trusting();
  settings.client_certificate_file = folder_.write_text("bad.pem", "no certificate");
  const HttpRequest request = post(receiver.url("127.0.0.1", "https"), "x");
  const auto client = send(tls_http(settings), request);
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error(), HasSubstr("the client's certificate '" + settings.client_certificate_file + "'"));
  settings = {};
  settings.ca_file = "/nowhere/ca.pem";
  const auto authority = send(tls_http(settings), request);
  ASSERT_FALSE(authority);
  EXPECT_THAT(authority.error(), HasSubstr("the authorities' file '/nowhere/ca.pem'"));
}

TEST_F(TlsHttpTest, EndsAtItsDeadlineWhereNothingIsAnswered) {
  const test::TlsContext tls(server_);
  test::Receiver receiver([](const test::Received&) { return test::Answer{0, {}, {}, test::Answer::Manner::kHang}; },
                          tls.wrap());
  const auto response =
      tls_http(trusting())
          ->send(post(receiver.url("127.0.0.1", "https"), "x"), Deadline::after(std::chrono::milliseconds(50)));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("timed out"));
}

TEST_F(TlsHttpTest, IsCalledOffByItsDescriptor) {
  const test::TlsContext tls(server_);
  Waker cancel;
  test::Receiver receiver(
      [&](const test::Received&) {
        cancel.wake();
        return test::Answer{0, {}, {}, test::Answer::Manner::kHang};
      },
      tls.wrap());
  const auto response = tls_http(trusting())
                            ->send(post(receiver.url("127.0.0.1", "https"), "x"),
                                   Deadline(Deadline::Clock::now() + std::chrono::hours(1), cancel.descriptor()));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("called off"));
}

TEST_F(TlsHttpTest, StopsReadingABodyThatIsTooLong) {
  const test::TlsContext tls(server_);
  test::Receiver receiver(
      [](const test::Received&) {
        return test::Answer{200, {{"Content-Length", "1073741824"}}, {}, test::Answer::Manner::kEndless};
      },
      tls.wrap());
  const auto response = send(tls_http(trusting()), post(receiver.url("127.0.0.1", "https"), "x"));
  ASSERT_TRUE(response) << response.error();
  EXPECT_TRUE(response->cut);
  EXPECT_EQ(response->body.size(), kHttpBodyBytesMax);
}

TEST_F(TlsHttpTest, StopsReadingAHeaderThatIsTooLong) {
  test::Receiver receiver([](const test::Received&) {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 200; ++i) head += "X-" + std::to_string(i) + ": " + std::string(1'000, 'h') + "\r\n";
    return test::Answer{0, {}, head + "\r\n", test::Answer::Manner::kRaw};
  });
  const auto response = send(tls_http(), post(receiver.url(), "x"));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("its header is larger than 65536 bytes"));
}

TEST_F(TlsHttpTest, SendsAgainWhereAKeptConnectionWasClosed) {
  test::Receiver receiver(
      [](const test::Received&) { return test::Answer{200, {}, "x", test::Answer::Manner::kProperThenClose}; });
  const HttpTransportPtr transport = tls_http();
  for (std::size_t i = 1; i <= 20; ++i) {
    const auto response = send(transport, post(receiver.url(), "x"));
    ASSERT_TRUE(response) << response.error();
    EXPECT_EQ(receiver.connections(), i);
  }
  EXPECT_EQ(receiver.requests().size(), 20u);
}

TEST_F(TlsHttpTest, RefusesWhatIsNoAddressOrNoHeader) {
  const HttpTransportPtr transport = tls_http();
  EXPECT_THAT(send(transport, post("nonsense", "")).error(), HasSubstr("is no address"));
  EXPECT_FALSE(send(transport, post("ftp://127.0.0.1:1", "")).ok());
  HttpRequest request = post("http://127.0.0.1:1", "");
  request.headers = {{"X-A", "b\r\nX-Injected: c"}};
  EXPECT_THAT(send(transport, request).error(), HasSubstr("the value of the header 'X-A' holds a line break"));
  request.headers = {{"X A", "b"}};
  EXPECT_THAT(send(transport, request).error(), HasSubstr("a header's name must consist of"));
}

TEST_F(TlsHttpTest, KeepsSecretsOfAnAddressOutOfMessages) {
  const test::Port closed;
  const auto response =
      send(tls_http(), post("http://user:hidden-word@127.0.0.1:" + std::to_string(closed.number()), ""));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), Not(HasSubstr("hidden-word")));
}

TEST_F(TlsHttpTest, GoesThroughTheProxyThatTheEnvironmentNames) {
  test::Receiver proxy([](const test::Received&) { return test::Answer{203, {}, "by proxy"}; });
  setenv("http_proxy", proxy.url().c_str(), 1);
  const auto response = send(tls_http(), post("http://receiver.invalid:4318", "x"));
  unsetenv("http_proxy");
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->status, 203);
  EXPECT_EQ(proxy.requests().at(0).start_line, "POST http://receiver.invalid:4318/v1/traces HTTP/1.1");
}

TEST_F(TlsHttpTest, LeavesALookupBehindThatDoesNotEnd) {
  test::HangingNames names;
  const auto response =
      tls_http()->send(post("http://hangs.invalid:4318", "x"), Deadline::after(std::chrono::milliseconds(50)));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("hangs.invalid:4318: timed out"));
}

TEST_F(TlsHttpTest, CarriesAnExporterWhoseMessageNamesTheCertificate) {
  const test::TlsContext tls(server_);
  test::Receiver receiver({}, tls.wrap());
  OtlpHttpSettings settings;
  settings.endpoint = receiver.url("127.0.0.1", "https");
  settings.transport = tls_http();
  const ExportResult wrong = otlp_http(settings)->send({Signal::kTraces, 1, "body"}, Deadline::after(seconds(60)));
  EXPECT_EQ(wrong.code, ExportCode::kRetry);
  EXPECT_THAT(wrong.message, HasSubstr("its certificate is not trusted"));
  settings.transport = tls_http(trusting());
  EXPECT_EQ(otlp_http(settings)->send({Signal::kTraces, 1, "body"}, Deadline::after(seconds(60))).code,
            ExportCode::kTaken);
  EXPECT_EQ(receiver.requests().at(0).body, "body");
}

}  // namespace
}  // namespace sextant
