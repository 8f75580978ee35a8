#include "sextant/curl.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "conventions/testing.h"
#include "net/http_reader.h"
#include "net/socket.h"
#include "sextant/propagation.h"

namespace sextant {
namespace {

using conventions::SeenSpan;
using conventions::SpanWatch;

/// Answers a number of requests on loopback, one connection each. Thread: the requests may be read when done() returns.
class Server {
 public:
  explicit Server(int requests, std::string answer) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, requests, answer = std::move(answer)] {
      for (int i = 0; i < requests; ++i) serve(answer);
    });
  }
  ~Server() {
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::string port() const { return std::to_string(port_); }
  const std::vector<HttpHeaders>& done() {
    thread_.join();
    return requests_;
  }

 private:
  void serve(const std::string& answer) {
    net::Socket socket(accept(listener_, nullptr, nullptr));
    net::HttpReader reader(net::HttpReader::Kind::kRequest, {});
    const Deadline deadline = Deadline::after(std::chrono::seconds(30));
    char bytes[4096];
    while (reader.state() == net::HttpReader::State::kHead || reader.state() == net::HttpReader::State::kBody) {
      const Result<std::size_t> got = socket.read_some(bytes, sizeof(bytes), deadline);
      if (!got || *got == 0) break;
      reader.add({bytes, *got});
    }
    requests_.push_back(reader.headers());
    socket.write_all(answer, {}, deadline);
  }

  const int listener_;
  std::uint16_t port_ = 0;
  std::vector<HttpHeaders> requests_;
  std::thread thread_;
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

class Curl : public testing::Test {
 protected:
  void SetUp() override {
    handle_ = curl_easy_init();
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(handle_, CURLOPT_PROXY, "");
  }
  void TearDown() override { curl_easy_cleanup(handle_); }
  CURLcode get(const std::string& url, const CurlCall& call = {}) {
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    return curl_perform(handle_, call);
  }
  SeenSpan only() {
    const std::vector<SeenSpan> spans = watch_.take();
    EXPECT_EQ(spans.size(), 1u);
    return spans.empty() ? SeenSpan() : spans[0];
  }

  SpanWatch watch_;
  CURL* handle_ = nullptr;
};

TEST_F(Curl, a_request_is_a_client_span_whose_context_goes_along) {
  Server server(1, kOk);
  EXPECT_EQ(get(server.url("/orders?id=7&token=secret")), CURLE_OK);
  const Context seen = extract(HeaderReader(server.done().at(0)), Context());
  const SeenSpan span = only();
  EXPECT_EQ(span.name, "GET");
  EXPECT_EQ(span.kind, 3u);
  EXPECT_EQ(span.status, 0u);
  const std::map<std::string, std::string> expected = {
      {"http.request.method", "GET"},        {"url.full", server.url("/orders?id=7&token=REDACTED")},
      {"server.address", "127.0.0.1"},       {"server.port", server.port()},
      {"http.response.status_code", "200"},  {"network.protocol.version", "1.1"},
      {"network.peer.address", "127.0.0.1"}, {"network.peer.port", server.port()}};
  EXPECT_EQ(span.attributes, expected);
  EXPECT_EQ(seen.span().span_id.hex(), span.span_id);
  EXPECT_EQ(seen.span().trace_id.hex(), span.trace_id);
}

TEST_F(Curl, headers_of_the_program_are_sent_too_and_stay_as_they_are) {
  Server server(2, kOk);
  curl_slist* headers = curl_slist_append(curl_slist_append(nullptr, "X-One: 1"), "X-Two: 2");
  CurlCall call;
  call.headers = headers;
  EXPECT_EQ(get(server.url("/"), call), CURLE_OK);
  EXPECT_STREQ(headers->next->data, "X-Two: 2");
  EXPECT_EQ(headers->next->next, nullptr);
  EXPECT_EQ(curl_easy_perform(handle_), CURLE_OK);
  const std::vector<HttpHeaders>& seen = server.done();
  for (const HttpHeaders& one : seen) {
    EXPECT_EQ(net::find_header(one, "x-one"), "1");
    EXPECT_EQ(net::find_header(one, "x-two"), "2");
  }
  EXPECT_NE(net::find_header(seen.at(0), "traceparent"), "");
  EXPECT_EQ(net::find_header(seen.at(1), "traceparent"), "");
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, nullptr);
  curl_slist_free_all(headers);
}

TEST_F(Curl, baggage_and_the_parent_are_those_of_the_current_context) {
  Server server(1, kOk);
  const Scope baggage(Context().with_baggage(Baggage().with("user", "a b")));
  {
    ScopedSpan parent(sextant::tracer("test"), "parent");
    EXPECT_EQ(get(server.url("/")), CURLE_OK);
  }
  EXPECT_EQ(net::find_header(server.done().at(0), "baggage"), "user=a%20b");
  const std::vector<SeenSpan> spans = watch_.take();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_id, spans[1].span_id);
}

TEST_F(Curl, a_status_of_400_or_more_is_an_error) {
  for (const char* status : {"404", "503"}) {
    Server server(1, "HTTP/1.0 " + std::string(status) + " No\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(get(server.url("/")), CURLE_OK);
    SeenSpan span = only();
    EXPECT_EQ(span.status, 2u);
    EXPECT_EQ(span.attributes["error.type"], status);
    EXPECT_EQ(span.attributes["network.protocol.version"], "1.0");
  }
}

TEST_F(Curl, what_libcurl_reports_is_an_error_with_a_name) {
  std::string closed;
  {
    Server server(0, "");
    closed = server.url("/");
  }
  EXPECT_EQ(get(closed), CURLE_COULDNT_CONNECT);
  SeenSpan span = only();
  EXPECT_EQ(span.status, 2u);
  EXPECT_EQ(span.attributes["error.type"], "connection_error");
  EXPECT_EQ(span.message, curl_easy_strerror(CURLE_COULDNT_CONNECT));
  EXPECT_EQ(span.attributes.count("http.response.status_code"), 0u);
  // No label of a name is that long: that is known without asking anybody.
  EXPECT_EQ(get("http://" + std::string(70, 'x') + ".invalid/"), CURLE_COULDNT_RESOLVE_HOST);
  EXPECT_EQ(only().attributes["error.type"], "name_resolution_error");
  EXPECT_EQ(get("nonsense://x/"), CURLE_UNSUPPORTED_PROTOCOL);
  EXPECT_EQ(only().attributes["error.type"], "curl_1");
  Server silent(1, "");
  EXPECT_EQ(get(silent.url("/")), CURLE_GOT_NOTHING);
  EXPECT_EQ(only().attributes["error.type"], "connection_error");
}

TEST_F(Curl, methods_name_the_span_with_the_template_of_the_address) {
  Server server(2, kOk);
  CurlCall call;
  call.url_template = "/orders/{id}";
  curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, "{}");
  EXPECT_EQ(get(server.url("/orders/7"), call), CURLE_OK);
  SeenSpan span = only();
  EXPECT_EQ(span.name, "POST /orders/{id}");
  EXPECT_EQ(span.attributes["url.template"], "/orders/{id}");
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, "BREW");
  EXPECT_EQ(get(server.url("/orders/7")), CURLE_OK);
  span = only();
  EXPECT_EQ(span.name, "HTTP");
  EXPECT_EQ(span.attributes["http.request.method"], "_OTHER");
  EXPECT_EQ(span.attributes["http.request.method_original"], "BREW");
  server.done();
}

TEST_F(Curl, phases_are_events_within_the_span) {
  Server server(1, kOk);
  CurlCall call;
  call.phases = CurlPhases::kEvents;
  EXPECT_EQ(get(server.url("/"), call), CURLE_OK);
  const std::vector<std::string> events = only().events;
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.front(), "http.dns_done");
  EXPECT_EQ(events.back(), "http.first_byte");
}

TEST(CurlWithoutSdk, passes_on_the_context_that_is_current) {
  Server server(1, kOk);
  SpanContext span;
  parse_hex("12345678901234567890123456789012", span.trace_id);
  parse_hex("1234567890123456", span.span_id);
  const Scope scope(Context().with_span(span));
  CURL* handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_URL, server.url("/").c_str());
  EXPECT_EQ(curl_perform(handle), CURLE_OK);
  curl_easy_cleanup(handle);
  EXPECT_EQ(net::find_header(server.done().at(0), "traceparent"),
            "00-12345678901234567890123456789012-1234567890123456-00");
}

}  // namespace
}  // namespace sextant
