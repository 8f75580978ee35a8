// The address that is scraped, and what is pushed: with texts and gateways of the tests' own.
#include <gtest/gtest.h>
#include <zlib.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/waker.h"
#include "expose/metrics_route.h"
#include "expose/pusher.h"
#include "net/http_test_client.h"
#include "sextant/diagnostics.h"

namespace sextant::expose {
namespace {

std::string text_of(PrometheusFormat format) {
  return format == PrometheusFormat::kText ? "calls_total 1\n" : "calls_total 1\n# EOF\n";
}

/// What a gzip body holds.
std::string unpacked(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class MetricsRouteTest : public testing::Test {
 protected:
  void start(MetricsText text) {
    net::HttpServer::Routes routes;
    add_metrics_route(routes, std::move(text));
    auto server = net::HttpServer::start("127.0.0.1", 0, std::move(routes));
    ASSERT_TRUE(server.ok()) << server.error();
    server_ = std::move(*server);
  }
  net::TestAnswer get(const std::string& headers = {}) {
    return net::TestClient(server_->port()).get("/metrics", headers);
  }
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(MetricsRouteTest, PlainTextIsTheDefault) {
  start(text_of);
  const net::TestAnswer answer = get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(net::find_header(answer.headers, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(net::find_header(answer.headers, "vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(answer.body, "calls_total 1\n");
  EXPECT_EQ(get("Accept: text/html, image/*\r\n").body, "calls_total 1\n");
}

TEST_F(MetricsRouteTest, OpenMetricsIsAnsweredToWhoPrefersIt) {
  start(text_of);
  const net::TestAnswer answer =
      get("Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1\r\n");
  EXPECT_EQ(net::find_header(answer.headers, "content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(answer.body, "calls_total 1\n# EOF\n");
}

TEST_F(MetricsRouteTest, ALargeTextIsCompressedForWhoTakesIt) {
  const std::string large(100'000, 'x');
  start([&](PrometheusFormat) { return large; });
  const net::TestAnswer packed = get("Accept-Encoding: gzip\r\n");
  EXPECT_EQ(net::find_header(packed.headers, "content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), large.size() / 10);
  EXPECT_EQ(unpacked(packed.body), large);
  const net::TestAnswer plain = get();
  EXPECT_EQ(net::find_header(plain.headers, "content-encoding"), "");
  EXPECT_EQ(plain.body, large);
}

TEST_F(MetricsRouteTest, ASmallTextIsNotCompressed) {
  start(text_of);
  EXPECT_EQ(net::find_header(get("Accept-Encoding: gzip\r\n").headers, "content-encoding"), "");
}

TEST(AcceptsGzip, FollowsTheWeights) {
  for (const char* yes : {"gzip", "deflate, GZIP ; q=0.1", "x-gzip", "*", "br;q=1.0, *;q=0.5", "gzip;q=1"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const char* no : {"", "deflate", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "identity", "gzipped", ",,;q=0,"})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}

PushgatewayOptions to(const std::string& url) {
  PushgatewayOptions options;
  options.url = url;
  options.job = "job";
  return options;
}

TEST(PushAddress, NamesTheJobAndItsLabels) {
  PushgatewayOptions options = to("http://127.0.0.1:9091/");
  options.job = "my job";
  options.labels = {
      {"instance", "a b"}, {"path", "/var/tmp"}, {"empty", ""}, {"dots", ".."}, {"text", "f\xc3\xb6\xc3\xb6%"}};
  const auto address = push_address(options);
  ASSERT_TRUE(address.ok()) << address.error();
  EXPECT_EQ(*address,
            "http://127.0.0.1:9091/metrics/job/my%20job/instance/a%20b/path@base64/L3Zhci90bXA/empty@base64/="
            "/dots@base64/Li4/text/f%C3%B6%C3%B6%25");
}

TEST(PushAddress, WhatCannotBePushedIsAnError) {
  EXPECT_EQ(push_address(to("gateway")).error().substr(0, 32), "the address of the Pushgateway: ");
  PushgatewayOptions options = to("http://127.0.0.1:9091");
  options.job = "";
  EXPECT_EQ(push_address(options).error(), "pushing needs a job: the service's name would be one");
  for (const char* name : {"", "a-b", "1a", "job", "a/b"}) {
    options = to("http://127.0.0.1:9091");
    options.labels = {{name, "x"}};
    EXPECT_EQ(push_address(options).error(),
              "the pushed metrics' label '" + std::string(name) +
                  "' is no name for one: letters, digits and '_' would be, but not 'job'");
  }
  options.labels = {{"a", "x"}, {"a", "y"}};
  EXPECT_EQ(push_address(options).error(), "the pushed metrics' label 'a' is there twice");
}

/// A gateway that keeps what it is told. Internally locked.
class FakeGateway final : public HttpTransport {
 public:
  Result<HttpResponse> send(const HttpRequest& request, const Deadline& deadline) override {
    std::unique_lock<std::mutex> lock(mutex_);
    seen_.push_back(request.method + " " + request.url + " " + std::string(request.body));
    changed_.notify_all();
    if (hangs_) {
      lock.unlock();
      net::wait_ready(-1, 0, deadline);
      return Error{"timed out"};
    }
    HttpResponse response;
    response.status = status_;
    response.body = "it says so\nand more";
    return response;
  }
  void answer(int status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    status_ = status;
  }
  void hang() {
    const std::lock_guard<std::mutex> lock(mutex_);
    hangs_ = true;
  }
  void wait_for(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= count; });
  }
  std::vector<std::string> seen() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
  int status_ = 200;
  bool hangs_ = false;
};

class PusherTest : public testing::Test {
 protected:
  void start(PushReplaces replaces = PushReplaces::kGroup, std::chrono::milliseconds interval = {}) {
    PushgatewayOptions options = to("http://gateway:9091");
    options.transport = gateway_;
    options.replaces = replaces;
    options.interval = interval;
    auto pusher = Pusher::start(options, text_of);
    ASSERT_TRUE(pusher.ok()) << pusher.error();
    pusher_ = std::move(*pusher);
  }
  static Deadline a_minute() { return Deadline::after(std::chrono::minutes(1)); }

  std::shared_ptr<FakeGateway> gateway_ = std::make_shared<FakeGateway>();
  std::unique_ptr<Pusher> pusher_;
};

TEST_F(PusherTest, PutReplacesTheGroupAndPostSameNames) {
  start();
  EXPECT_TRUE(pusher_->push(a_minute()));
  start(PushReplaces::kSameNames);
  EXPECT_TRUE(pusher_->push(a_minute()));
  EXPECT_EQ(gateway_->seen(), (std::vector<std::string>{"PUT http://gateway:9091/metrics/job/job calls_total 1\n",
                                                        "POST http://gateway:9091/metrics/job/job calls_total 1\n"}));
}

TEST_F(PusherTest, PushesAtItsIntervalAndAtTheEnd) {
  start(PushReplaces::kGroup, std::chrono::milliseconds(1));
  gateway_->wait_for(3);
  EXPECT_TRUE(pusher_->stop(a_minute()));
  const std::size_t pushes = gateway_->seen().size();
  EXPECT_EQ(pusher_->counts().pushed, pushes);
  EXPECT_TRUE(pusher_->stop(a_minute()));
  EXPECT_EQ(gateway_->seen().size(), pushes);
}

TEST_F(PusherTest, WhatTheGatewayRefusesIsCountedAndSaid) {
  std::vector<std::string> said;
  set_diagnostic_handler([&](LogLevel, std::string_view message) { said.emplace_back(message); });
  start();
  gateway_->answer(400);
  EXPECT_FALSE(pusher_->push(a_minute()));
  EXPECT_EQ(pusher_->counts().failed, 1u);
  EXPECT_EQ(pusher_->counts().last_error, "it answered 400: it says so");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0], "metrics could not be pushed to the Pushgateway: it answered 400: it says so");
  gateway_->answer(202);
  EXPECT_TRUE(pusher_->push(a_minute()));
  EXPECT_EQ(pusher_->counts().pushed, 1u);
  set_diagnostic_handler(nullptr);
}

TEST_F(PusherTest, AGatewayThatHangsHoldsUpTheEndNoLongerThanAllowed) {
  set_diagnostic_handler([](LogLevel, std::string_view) {});
  start(PushReplaces::kGroup, std::chrono::milliseconds(1));
  gateway_->hang();
  gateway_->wait_for(1);
  EXPECT_FALSE(pusher_->stop(Deadline::after(std::chrono::milliseconds(10))));
  EXPECT_EQ(pusher_->counts().last_error, "timed out");
  set_diagnostic_handler(nullptr);
}

TEST_F(PusherTest, APushThatWaitsForAnotherGivesUpInTime) {
  set_diagnostic_handler([](LogLevel, std::string_view) {});
  start();
  gateway_->hang();
  Waker end;
  std::thread first([&] { pusher_->push(Deadline(a_minute().until(), end.descriptor())); });
  gateway_->wait_for(1);
  EXPECT_FALSE(pusher_->push(Deadline::after(std::chrono::milliseconds(1))));
  end.wake();
  first.join();
  EXPECT_EQ(gateway_->seen().size(), 1u);
  EXPECT_EQ(pusher_->counts().failed, 2u);
  set_diagnostic_handler(nullptr);
}

}  // namespace
}  // namespace sextant::expose
