// The client of the core against servers that behave badly, and addresses that hold secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/waker.h"
#include "net/url.h"
#include "sextant/transport.h"
#include "tests/support/receiver.h"

namespace sextant::net {
namespace {

using std::chrono::milliseconds;
using test::Answer;
using test::Received;
using test::Receiver;
using testing::HasSubstr;
using Manner = Answer::Manner;

HttpRequest post(const std::string& url, std::string_view body = "body") {
  HttpRequest request;
  request.url = url;
  request.body = body;
  return request;
}
Result<HttpResponse> send(const HttpTransportPtr& transport, const HttpRequest& request) {
  return transport->send(request, Deadline::after(std::chrono::seconds(60)));
}

TEST(PlainHttp, CutsABodyThatIsTooLong) {
  const std::vector<Answer> answers = {{200, {{"Content-Length", "1073741824"}}, {}, Manner::kEndless},
                                       {200, {}, {}, Manner::kEndless},
                                       {200, {{"Transfer-Encoding", "chunked"}}, "40000000\r\nx", Manner::kProper}};
  for (const Answer& answer : answers) {
    Receiver receiver([&](const Received&) { return answer; });
    const auto response = send(plain_http(), post(receiver.url()));
    ASSERT_TRUE(response) << response.error();
    EXPECT_EQ(response->status, 200);
    EXPECT_TRUE(response->cut);
    EXPECT_LE(response->body.size(), kHttpBodyBytesMax);
  }
}

TEST(PlainHttp, TakesABodyOfTheLargestSize) {
  Receiver receiver([](const Received&) { return Answer{200, {}, std::string(kHttpBodyBytesMax, 'x')}; });
  const auto response = send(plain_http(), post(receiver.url()));
  ASSERT_TRUE(response) << response.error();
  EXPECT_FALSE(response->cut);
  EXPECT_EQ(response->body.size(), kHttpBodyBytesMax);
}

TEST(PlainHttp, SaysWhyAnAnswerCannotBeRead) {
  const std::pair<std::string, const char*> cases[] = {
      {"nonsense\r\n\r\n", "its header is no HTTP"},
      {"HTTP/1.1 abc OK\r\n\r\n", "its status is no number"},
      {"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "its Content-Length is no number"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "the length of a chunk is no number"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "the connection ended before the message did"},
      {"HTTP/1.1 200 OK\r\n", "the connection ended before the message did"},
      {std::string(70'000, 'x'), "its header is larger than 65536 bytes"}};
  for (const auto& [bytes, problem] : cases) {
    Receiver receiver([&, answer = Answer{0, {}, bytes, Manner::kRaw}](const Received&) { return answer; });
    const auto response = send(plain_http(), post(receiver.url()));
    ASSERT_FALSE(response);
    EXPECT_THAT(response.error(), HasSubstr(std::string("the answer cannot be read: ") + problem));
    EXPECT_THAT(response.error(), HasSubstr("127.0.0.1:" + std::to_string(receiver.port())));
  }
}

TEST(PlainHttp, IsNotPutOffForEver) {
  std::string bytes;
  for (int i = 0; i < 1'000; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  Receiver receiver([&](const Received&) { return Answer{0, {}, bytes, Manner::kRaw}; });
  const auto response = send(plain_http(), post(receiver.url()));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("it is put off for ever"));
}

TEST(PlainHttp, ReadsAnAnswerAfterInterimOnes) {
  Receiver receiver([&](const Received&) {
    return Answer{0, {}, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nX-A: b\r\n\r\n", Manner::kRaw};
  });
  const auto response = send(plain_http(), post(receiver.url()));
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->header("x-a"), "b");
}

TEST(PlainHttp, EndsAtItsDeadlineWhereNobodyReads) {
  test::Port half_open;
  half_open.listen_without_accepting();
  const std::string body(std::size_t{32} << 20, 'x');  // more than the kernel's buffers hold
  const auto response = plain_http()->send(post(half_open.url(), body), Deadline::after(milliseconds(50)));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("timed out"));
}

TEST(PlainHttp, IsCalledOffByItsDescriptor) {
  Waker cancel;
  Receiver receiver([&](const Received&) {
    cancel.wake();
    return Answer{0, {}, {}, Manner::kHang};
  });
  const Deadline deadline(Deadline::Clock::now() + std::chrono::hours(1), cancel.descriptor());
  const auto response = plain_http()->send(post(receiver.url()), deadline);
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error(), HasSubstr("called off"));
}

TEST(PlainHttp, SendsAgainWhereAKeptConnectionWasClosed) {
  Receiver receiver([](const Received&) { return Answer{200, {}, {}, Manner::kProperThenClose}; });
  const HttpTransportPtr transport = plain_http();
  for (int i = 0; i < 50; ++i) {
    const auto response = send(transport, post(receiver.url()));
    ASSERT_TRUE(response) << response.error();
  }
  EXPECT_EQ(receiver.requests().size(), 50u);
}

TEST(PlainHttp, SendsWhatAnAddressSaysOfTheUser) {
  Receiver receiver;
  ASSERT_TRUE(send(plain_http(), post("http://Aladdin:open%20sesame@127.0.0.1:" + std::to_string(receiver.port()))));
  EXPECT_EQ(receiver.requests().at(0).header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, 2
}

TEST(PlainHttp, RefusesHeadersThatWouldBeSeveral) {
  HttpRequest request = post("http://127.0.0.1:4318");
  request.headers = {{"X-A", "b\r\nX-Injected: c"}};
  EXPECT_EQ(send(plain_http(), request).error(), "the value of the header 'X-A' holds a line break or a zero byte");
  request.headers = {{"X A", "b"}};
  EXPECT_EQ(send(plain_http(), request).error(), "a header's name must consist of letters, digits and '-'");
}

TEST(Addresses, AreShownWithoutTheirSecrets) {
  EXPECT_EQ(without_secrets("http://user:pass@host:1/path?key=x#y"), "http://host:1/path");
  EXPECT_EQ(without_secrets("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(without_secrets("http://a@b@host"), "http://host");
  EXPECT_EQ(without_secrets("http://u:p/w@host"), "http://u:p/w@host");  // the '/' ends the authority: no password
  EXPECT_EQ(without_secrets("user:pass@host"), "host");
  EXPECT_EQ(without_secrets(""), "");
  EXPECT_THAT(parse_url("ftp://user:pass@host").error(), HasSubstr("'***@host' is no address"));
  EXPECT_THAT(parse_url("http://user:pa/ss@host").error(), HasSubstr("'***@host' is no address"));
}

TEST(Addresses, GiveTheirUserAsBasicAuthorization) {
  EXPECT_EQ(basic_authorization("a:b"), "Basic YTpi");
  EXPECT_EQ(basic_authorization("a%3A%zz:b%4"), "Basic YToleno6YiU0");
}

}  // namespace
}  // namespace sextant::net
