#include "net/http_server.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include "net/http_test_client.h"
#include "sextant/diagnostics.h"

namespace sextant::net {
namespace {

constexpr auto kNever = std::chrono::hours(1);

HttpAnswer text(std::string body) {
  HttpAnswer answer;
  answer.body = std::move(body);
  return answer;
}

/// Replies that a test gives when it likes. Internally locked.
class Held {
 public:
  void add(const HttpServer::Reply& reply) {
    const std::lock_guard<std::mutex> lock(mutex_);
    replies_.push_back(reply);
    changed_.notify_all();
  }
  void wait_for(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return replies_.size() >= count; });
  }
  void answer_all(const std::string& body) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& reply : replies_) reply.send(text(body));
    replies_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpServer::Reply> replies_;
};

class HttpServerTest : public testing::Test {
 protected:
  void start(const HttpServerLimits& limits = {}) {
    HttpServer::Routes routes;
    routes["/hello"] = [](const RequestHead& request, const HttpServer::Reply& reply) {
      reply.send(text("hello " + request.query));
    };
    routes["/held"] = [this](const RequestHead&, const HttpServer::Reply& reply) { held_.add(reply); };
    routes["/large"] = [](const RequestHead&, const HttpServer::Reply& reply) {
      reply.send(text(std::string(kLarge, 'x')));
    };
    auto server = HttpServer::start("127.0.0.1", 0, std::move(routes), limits);
    ASSERT_TRUE(server.ok()) << server.error();
    server_ = std::move(*server);
  }
  TestClient client() const { return TestClient(server_->port()); }
  TestAnswer answer_to(std::string_view bytes) const {
    TestClient one = client();
    one.send(bytes);
    return one.receive();
  }

  static constexpr std::size_t kLarge = std::size_t{8} << 20;
  Held held_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AFreePortIsTakenAndAPathIsAnswered) {
  start();
  EXPECT_NE(server_->port(), 0);
  const TestAnswer answer = client().get("/hello?you");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello you");
  EXPECT_EQ(find_header(answer.headers, "content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(find_header(answer.headers, "date").size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
}

TEST_F(HttpServerTest, AConnectionIsKeptForFurtherRequests) {
  start();
  TestClient one = client();
  for (int i = 0; i < 100; ++i) {
    const TestAnswer answer = one.get("/hello?" + std::to_string(i));
    ASSERT_EQ(answer.body, "hello " + std::to_string(i));
    ASSERT_TRUE(answer.keeps_alive);
  }
  EXPECT_EQ(server_->counts().accepted, 1u);
  EXPECT_EQ(server_->counts().requests, 100u);
}

TEST_F(HttpServerTest, AConnectionIsClosedWhereTheClientSaysSo) {
  start();
  TestClient one = client();
  const TestAnswer answer = one.get("/hello", "Connection: close\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.keeps_alive);
  EXPECT_TRUE(one.is_ended());
  TestClient old = client();
  old.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().status, 200);
  EXPECT_TRUE(old.is_ended());
}

TEST_F(HttpServerTest, HeadIsAnsweredLikeGetWithoutTheBody) {
  start();
  TestClient one = client();
  one.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  const TestAnswer answer = one.receive(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(find_header(answer.headers, "content-length"), "6");
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(one.get("/hello").body, "hello ");
}

TEST_F(HttpServerTest, RequestsSentAtOnceAreAnsweredInOrder) {
  start();
  TestClient one = client();
  std::string requests;
  for (int i = 0; i < 1'000; ++i) requests += "GET /hello?" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
  ASSERT_TRUE(one.send(requests));
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(one.receive().body, "hello " + std::to_string(i));
}

TEST_F(HttpServerTest, ARequestThatComesByteByByteIsAnswered) {
  start();
  TestClient one = client();
  for (const char c : std::string("\r\nGET /hello HTTP/1.1\r\nHost: test\r\n\r\n")) ASSERT_TRUE(one.send({&c, 1}));
  EXPECT_EQ(one.receive().body, "hello ");
}

TEST_F(HttpServerTest, TheFormThatProxiesUseIsUnderstood) {
  start();
  EXPECT_EQ(answer_to("GET http://test:1/hello?a HTTP/1.1\r\nHost: test:1\r\n\r\n").body, "hello a");
  EXPECT_EQ(answer_to("GET http://test HTTP/1.1\r\nHost: test\r\n\r\n").status, 404);
}

TEST_F(HttpServerTest, OtherPathsAreToldWhatThereIs) {
  start();
  const TestAnswer answer = client().get("/other");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "there is nothing at this path; there is /held /hello /large\n");
  EXPECT_EQ(client().get("/hello/").status, 404);
}

TEST_F(HttpServerTest, OtherMethodsAreToldWhichThereAre) {
  start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI"}) {
    const TestAnswer answer = answer_to(std::string(method) + " /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(find_header(answer.headers, "allow"), "GET, HEAD");
    EXPECT_EQ(answer.body, "only GET and HEAD are answered here\n");
  }
}

TEST_F(HttpServerTest, ABodyIsNotWaitedForAndEndsTheConnection) {
  start();
  TestClient one = client();
  one.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 40\r\n\r\nGET /hello?smuggled HTTP/1.1\r\n");
  EXPECT_EQ(one.receive().body, "hello ");
  EXPECT_TRUE(one.is_ended());
  EXPECT_EQ(answer_to("POST /hello HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").status, 405);
}

TEST_F(HttpServerTest, WhatIsTooLargeIsRefused) {
  start();
  const TestAnswer head = answer_to("GET /hello HTTP/1.1\r\nHost: test\r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(head.status, 431);
  EXPECT_EQ(head.body, "the request is too large: its header is larger than 16384 bytes\n");
  const TestAnswer body = answer_to("POST /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(body.status, 413);
  EXPECT_EQ(body.body, "the request is too large: its body is larger than 65536 bytes\n");
}

TEST_F(HttpServerTest, WhatIsNoHttpIsToldSo) {
  start();
  const std::vector<std::pair<std::string, std::string>> all = {
      {"\x16\x03\x01 a TLS client", "this is no HTTP: a request begins with its method"},
      {"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", "the request cannot be read: its header is no HTTP"},
      {"GET /hello\r\n\r\n", "the request cannot be read: its header is no HTTP"},
      {"GET /hello HTTP/1.1\r\nno colon\r\n\r\n", "the request cannot be read: its header is no HTTP"},
      {"GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
       "the request cannot be read: its Content-Length is no number"},
      {"GET /hello HTTP/1.11\r\nHost: a\r\n\r\n",
       "the request cannot be read: the version is not HTTP/1.1 or HTTP/1.0"},
      {"GET /he llo HTTP/1.1\r\nHost: a\r\n\r\n",
       "the request cannot be read: the version is not HTTP/1.1 or HTTP/1.0"},
      {"G(T /hello HTTP/1.1\r\nHost: a\r\n\r\n", "the request cannot be read: the method is no word"},
      {"GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
       "the request cannot be read: the target is no path that begins with '/'"},
      {"GET /h\xffllo HTTP/1.1\r\nHost: a\r\n\r\n",
       "the request cannot be read: the target is no path that begins with '/'"},
      {"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", "the request cannot be read: the name of a header is no word"},
      {"GET /hello HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
       "the request cannot be read: the name of a header is no word"},
      {"GET /hello HTTP/1.1\r\nHost: a\nb\r\n\r\n",
       "the request cannot be read: the value of a header has control characters in it"},
      {"GET /hello HTTP/1.1\r\nA: b\r\n\r\n", "the request cannot be read: exactly one Host header is wanted"},
      {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
       "the request cannot be read: exactly one Host header is wanted"}};
  for (const auto& [bytes, sentence] : all) {
    TestClient one = client();
    one.send(bytes);
    const TestAnswer answer = one.receive();
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_EQ(answer.body, sentence + "\n") << bytes;
    EXPECT_TRUE(one.is_ended());
  }
}

TEST_F(HttpServerTest, GarbageNeverStopsTheServer) {
  start();
  std::mt19937 random(7);
  const std::string good = "GET /hello?x HTTP/1.1\r\nHost: test\r\nAccept: */*\r\nContent-Length: 3\r\n\r\nabc";
  for (int i = 0; i < 3'000; ++i) {
    std::string bytes = good;
    for (auto changes = random() % 6; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      if (random() % 3 == 0)
        bytes.erase(at, 1 + random() % 8);
      else
        bytes[at] = static_cast<char>(random());
      if (bytes.empty()) break;
    }
    TestClient one = client();
    one.send(bytes);
    if (random() % 2 == 0) one.end_of_requests();
  }
  EXPECT_EQ(client().get("/hello?still").body, "hello still");
}

TEST_F(HttpServerTest, AClientThatSendsTooSlowlyIsCutOff) {
  HttpServerLimits limits;
  limits.head_timeout = std::chrono::milliseconds(20);
  limits.idle_timeout = kNever;
  start(limits);
  TestClient silent = client();
  EXPECT_TRUE(silent.is_ended());
  TestClient slow = client();
  slow.send("GET /hello HTTP/1.1\r\n");
  const TestAnswer answer = slow.receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, "the request did not come in time\n");
  EXPECT_TRUE(slow.is_ended());
}

TEST_F(HttpServerTest, AConnectionThatIsNotUsedAgainIsClosed) {
  HttpServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(20);
  start(limits);
  TestClient one = client();
  EXPECT_EQ(one.get("/hello").status, 200);
  EXPECT_TRUE(one.is_ended());
}

TEST_F(HttpServerTest, AClientThatDoesNotTakeItsAnswerIsCutOff) {
  HttpServerLimits limits;
  limits.write_timeout = std::chrono::milliseconds(20);
  start(limits);
  TestClient slow = client();
  slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  TestClient other = client();
  while (server_->counts().open > 1 || server_->counts().requests == 0) other.get("/hello");
  EXPECT_LT(slow.receive().body.size(), kLarge);
}

TEST_F(HttpServerTest, ALargeAnswerArrivesWhole) {
  start();
  EXPECT_EQ(client().get("/large").body, "");  // beyond what this client keeps
  TestClient one = client();
  one.send("GET /large HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  std::size_t bytes = 0;
  char buffer[65536];
  for (ssize_t got = 1; got != 0;) {
    pollfd entry{one.descriptor(), POLLIN, 0};
    poll(&entry, 1, 60'000);
    got = recv(one.descriptor(), buffer, sizeof(buffer), 0);
    ASSERT_GE(got, 0);
    bytes += static_cast<std::size_t>(got);
  }
  EXPECT_GT(bytes, kLarge);
}

TEST_F(HttpServerTest, AnswersThatNobodyTakesAreBounded) {
  HttpServerLimits limits;
  limits.answer_bytes_max = kLarge + kLarge / 2;
  start(limits);
  TestClient slow = client();
  slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  while (server_->counts().requests == 0) client().get("/other");
  const TestAnswer answer = client().get("/large");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "too much waits to be taken by others: try again later\n");
}

TEST_F(HttpServerTest, AnAnswerMayComeLaterFromAnyThread) {
  start();
  TestClient first = client();
  first.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
  held_.wait_for(1);
  EXPECT_EQ(client().get("/hello").status, 200);  // others are not delayed
  std::thread([this] { held_.answer_all("late"); }).join();
  EXPECT_EQ(first.receive().body, "late");
}

TEST_F(HttpServerTest, AHandlerThatDoesNotAnswerIsNotWaitedForLongerThanTheLimit) {
  HttpServerLimits limits;
  limits.handling_timeout = std::chrono::milliseconds(20);
  start(limits);
  const TestAnswer answer = client().get("/held");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "there is no answer yet: try again later\n");
  held_.answer_all("too late");
  EXPECT_EQ(client().get("/hello").status, 200);
}

TEST_F(HttpServerTest, AnAnswerToAClientThatHasGoneGoesNowhere) {
  start();
  TestClient gone = client();
  gone.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
  held_.wait_for(1);
  gone.close();
  TestClient other = client();
  EXPECT_EQ(other.get("/hello").status, 200);
  held_.answer_all("nobody");
  EXPECT_EQ(other.get("/hello?again").body, "hello again");
}

TEST_F(HttpServerTest, WhoOnlyHoldsConnectionsMakesRoomForOthers) {
  HttpServerLimits limits;
  limits.connections_max = 2;
  limits.head_timeout = kNever;
  start(limits);
  std::vector<TestClient> idle;
  for (int i = 0; i < 20; ++i) idle.push_back(client());
  EXPECT_EQ(client().get("/hello").status, 200);
  EXPECT_EQ(server_->counts().open_most, 2u);
  EXPECT_TRUE(idle.front().is_ended());
}

TEST_F(HttpServerTest, WhereAllAreBusyTheNextOneIsTurnedAway) {
  HttpServerLimits limits;
  limits.connections_max = 2;
  start(limits);
  std::vector<TestClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(client());
    busy.back().send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
  }
  held_.wait_for(2);
  TestClient third = client();
  const TestAnswer answer = third.receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "too many requests are in hand: try again later\n");
  EXPECT_EQ(server_->counts().turned_away, 1u);
  held_.answer_all("done");
  for (TestClient& one : busy) EXPECT_EQ(one.receive().body, "done");
}

TEST_F(HttpServerTest, TenThousandConnectionsTakeNoMoreThanTheirBound) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t kept_max = std::min<std::size_t>(10'000, files.rlim_cur - 500);
  HttpServerLimits limits;
  limits.head_timeout = kNever;
  start(limits);
  std::vector<TestClient> all;
  for (std::size_t i = 0; i < 10'000; ++i) {
    all.push_back(client());
    ASSERT_TRUE(all.back().connected());
    if (i % 3 == 0) all.back().send("GET /hel");
    if (all.size() > kept_max) all.erase(all.begin(), all.begin() + 100);
  }
  EXPECT_EQ(client().get("/hello").status, 200);
  EXPECT_EQ(server_->counts().accepted, 10'001u);
  EXPECT_LE(server_->counts().open_most, 64u);
}

TEST_F(HttpServerTest, WhereDescriptorsRunOutConnectionsWaitUntilThereAreSome) {
  std::mutex mutex;
  std::condition_variable changed;
  std::string said;
  set_diagnostic_handler([&](LogLevel, std::string_view message) {
    const std::lock_guard<std::mutex> lock(mutex);
    said = message;
    changed.notify_all();
  });
  start();
  TestClient one = TestClient::unconnected();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = dup(0);
  close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  one.connect_to(server_->port());
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return !said.empty(); });
  }
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(said, "a connection to the SDK's HTTP server could not be accepted: Too many open files");
  EXPECT_EQ(one.get("/hello?later").body, "hello later");
  set_diagnostic_handler(nullptr);
}

TEST_F(HttpServerTest, StoppingEndsConnectionsAndRequestsInHand) {
  start();
  TestClient idle = client();
  TestClient waiting = client();
  waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
  held_.wait_for(1);
  server_->stop();
  EXPECT_TRUE(idle.is_ended());
  EXPECT_TRUE(waiting.is_ended());
  held_.answer_all("nobody");
}

TEST_F(HttpServerTest, APortThatIsTakenIsAnErrorThatNamesIt) {
  start();
  const auto second = HttpServer::start("127.0.0.1", server_->port(), {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(),
            "cannot listen on 127.0.0.1 port " + std::to_string(server_->port()) + ": Address already in use");
}

TEST_F(HttpServerTest, AnAddressThatIsNoneIsAnErrorThatSaysWhatWouldBe) {
  const auto server = HttpServer::start("example.org", 0, {});
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error(), "'example.org' is no IP address: 127.0.0.1, ::1, or * for all addresses would be");
}

TEST_F(HttpServerTest, AllAddressesOrANameForThisMachineCanBeListenedOn) {
  for (const char* address : {"*", "localhost", "0.0.0.0"}) {
    HttpServer::Routes routes;
    routes["/"] = [](const RequestHead&, const HttpServer::Reply& reply) { reply.send(text("here")); };
    const auto server = HttpServer::start(address, 0, routes);
    ASSERT_TRUE(server.ok()) << server.error();
    EXPECT_EQ(TestClient((*server)->port()).get("/").body, "here") << address;
  }
}

}  // namespace
}  // namespace sextant::net
