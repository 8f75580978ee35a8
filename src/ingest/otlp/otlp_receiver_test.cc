// Both OTLP receivers over real sockets on loopback, against a consumer that does what the test says.
#include "ingest/otlp/otlp_receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/codec/protobuf_writer.h"
#include "base/net/address.h"
#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/net/certificates.h"
#include "tests/support/net/compress.h"
#include "tests/support/net/grpc_client.h"

namespace sextant::ingest {
namespace {

using namespace sextant::testing;
using Compression = GrpcCallSettings::Compression;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uint64_t kLedgerBytes = 32 << 20;
constexpr uint64_t kSmallRequestMax = 1 << 20;
constexpr const char* kProtobuf = "Content-Type: application/x-protobuf\r\n";
constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// One resource, one scope, `count` spans. Ids are made of `id`; 0 makes ids that must be refused.
std::string traces(uint32_t count, char id = 'i', const std::string& name = "step") {
  ProtobufWriter out;
  const auto resource_spans = out.begin_message(1, 0);
  const auto scope_spans = out.begin_message(2, 0);
  for (uint32_t i = 0; i < count; ++i) {
    const auto span = out.begin_message(2, 0);
    out.bytes(1, std::string(16, id));
    out.bytes(2, std::string(8, id));
    out.bytes(5, name);
    out.end_message(span);
  }
  out.end_message(scope_spans);
  out.end_message(resource_spans);
  return out.take();
}

constexpr const char* kJsonTraces =
    R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","name":"a"}]}]}]})";

/// Counts, and answers as told: at once with success, at once with an error, or when the test says.
class FakeConsumer final : public data::Consumer {
 public:
  void consume(data::Batch&& batch, LedgerHold&& hold, data::ConsumeDone done) override {
    std::unique_lock lock(mutex_);
    spans_ += batch.span_count();
    if (batch.span_count() > 0) last_name_ = std::string(batch.values.text(batch.spans.name.back()));
    held_bytes_ = hold.bytes();
    if (holding_) {
      waiting_.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
    Result<void> answer;
    if (error_) answer = std::unexpected(*error_);
    lock.unlock();
    done(std::move(answer));
  }

  void fail_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  data::ConsumeDone take_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.empty(); });
    data::ConsumeDone done = std::move(waiting_.front());
    waiting_.pop_front();
    return done;
  }
  uint64_t spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  std::string last_name() const {
    const std::lock_guard lock(mutex_);
    return last_name_;
  }
  uint64_t held_bytes() const {
    const std::lock_guard lock(mutex_);
    return held_bytes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<data::ConsumeDone> waiting_;
  std::optional<Error> error_;
  bool holding_ = false;
  uint64_t spans_ = 0;
  uint64_t held_bytes_ = 0;
  std::string last_name_;
};

class OtlpReceiverTest : public ::testing::Test {
 protected:
  void start(OtlpReceiverSettings settings = {}) {
    settings.http_address = "127.0.0.1:0";
    settings.grpc_address = "127.0.0.1:0";
    settings.sweep_interval_ms = 1;
    if (settings.request_bytes_max == kRequestBytesMax) settings.request_bytes_max = kSmallRequestMax;
    auto started = OtlpReceiver::start(settings, consumer_, {ledger_, metrics_, log_, clock_});
    ASSERT_TRUE(started) << started.error().message();
    receiver_ = std::move(*started);
    grpc_ = std::make_unique<GrpcClient>(GrpcClientSettings{.address = receiver_->grpc_address()});
  }
  uint16_t http_port() const { return parse_listen_address(receiver_->http_address())->port; }
  /// One request on a connection of its own.
  ClientAnswer post(const std::string& headers, const std::string& body, const std::string& path = "/v1/traces") {
    HttpClient client(http_port());
    return client.request("POST", path, headers, body);
  }
  double metric(Metric id, std::initializer_list<std::string_view> labels) {
    return static_cast<double>(metrics_.counter(id, labels).value());
  }

  ManualClock clock_;
  Metrics metrics_;
  Log log_{clock_, metrics_, LogLevel::kError};
  MemoryLedger ledger_{kLedgerBytes};
  FakeConsumer consumer_;
  std::unique_ptr<OtlpReceiver> receiver_;
  std::unique_ptr<GrpcClient> grpc_;
};

// --- HTTP ----------------------------------------------------------------------------------------------------------

TEST_F(OtlpReceiverTest, HttpProtobuf) {
  start();
  const auto answer = post(kProtobuf, traces(3, 'i', "plan"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/x-protobuf");
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(consumer_.spans(), 3U);
  EXPECT_EQ(consumer_.last_name(), "plan");
  EXPECT_GT(consumer_.held_bytes(), 0U) << "the batch's memory is accounted for";
}

TEST_F(OtlpReceiverTest, HttpJson) {
  start();
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8"}) {
    const auto answer = post(fmt::format("Content-Type: {}\r\n", type), kJsonTraces);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.body, "{}");
  }
  EXPECT_EQ(consumer_.spans(), 2U);
}

TEST_F(OtlpReceiverTest, HttpCodings) {
  start();
  const std::string body = traces(2);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"gzip", gzip(body)},
      {"X-GZIP", gzip(body)},
      {"deflate", compress_zlib(ZlibFormat::kZlib, body)},
      {"deflate", compress_zlib(ZlibFormat::kRawDeflate, body)},
      {"zstd", zstd(body)},
      {"identity", body},
      {"identity, gzip", gzip(body)},
      {"zstd, gzip", gzip(zstd(body))},
  };
  for (const auto& [coding, bytes] : cases) {
    EXPECT_EQ(post(fmt::format("{}Content-Encoding: {}\r\n", kProtobuf, coding), bytes).status, 200) << coding;
  }
  EXPECT_EQ(
      post(fmt::format("{}Content-Encoding: zstd\r\nContent-Encoding: gzip\r\n", kProtobuf), gzip(zstd(body))).status,
      200);
  EXPECT_EQ(consumer_.spans(), 2 * (cases.size() + 1));
}

TEST_F(OtlpReceiverTest, HttpEmptyRequestsAreSuccess) {
  start();
  EXPECT_EQ(post(kProtobuf, "").status, 200);
  for (const char* body :
       {"{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null,"other":1})", R"({"resource_spans":[]})"}) {
    EXPECT_EQ(post(kJson, body).status, 200) << body;
  }
  EXPECT_EQ(consumer_.spans(), 0U);
  EXPECT_EQ(receiver_->counts().requests_accepted, 5U);
}

TEST_F(OtlpReceiverTest, HttpPartialSuccess) {
  start();
  const auto json =
      post(kJson, R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"00","name":"a"}]}]}]})");
  EXPECT_EQ(json.status, 200);
  EXPECT_THAT(json.body, StartsWith(R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":")"));
  const auto protobuf = post(kProtobuf, traces(2) + traces(3, '\0'));
  EXPECT_EQ(protobuf.status, 200);
  EXPECT_EQ(protobuf.body.substr(0, 1), "\x0a");
  EXPECT_EQ(protobuf.body.substr(2, 2), "\x08\x03") << "three spans refused";
  EXPECT_EQ(consumer_.spans(), 2U);
  EXPECT_EQ(receiver_->counts().spans_refused, 4U);
}

TEST_F(OtlpReceiverTest, HttpBadBodiesAre400InTheirEncoding) {
  start();
  const auto protobuf = post(kProtobuf, "\xff\xff\xff garbage");
  EXPECT_EQ(protobuf.status, 400);
  EXPECT_EQ(protobuf.header("content-type"), "application/x-protobuf");
  EXPECT_EQ(protobuf.body.substr(0, 3), "\x08\x03\x12") << "google.rpc.Status: code 3, then its message";
  const auto json = post(kJson, "{\"resourceSpans\":[");
  EXPECT_EQ(json.status, 400);
  EXPECT_EQ(json.header("content-type"), "application/json");
  EXPECT_THAT(json.body, StartsWith("{\"code\":3,\"message\":\"line 1"));
  for (const char* body : {"", "[]", "\"text\"", "{} {}", "\xff"}) EXPECT_EQ(post(kJson, body).status, 400) << body;
  const std::string truncated = gzip(traces(10)).substr(0, 20);
  EXPECT_EQ(post(fmt::format("{}Content-Encoding: gzip\r\n", kProtobuf), truncated).status, 400);
  EXPECT_EQ(post(fmt::format("{}Content-Encoding: zstd\r\n", kProtobuf), traces(1)).status, 400);
}

TEST_F(OtlpReceiverTest, HttpWrongBodyGetsAnAnswerThatAPersonUnderstands) {
  start();
  const auto answer = post(kJson, R"({"test": "data"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"(unknown field \"test\")"));
  EXPECT_THAT(answer.body, HasSubstr(R"(\"resourceSpans\")"));
  EXPECT_THAT(post(kJson, R"({"resourceMetrics": []})").body, HasSubstr(R"(\"resourceMetrics\")"));
  EXPECT_THAT(receiver_->recent_refusals().back().message, HasSubstr("\"test\""));
}

TEST_F(OtlpReceiverTest, HttpTooLargeIs413) {
  start();
  EXPECT_EQ(post(kProtobuf, std::string(kSmallRequestMax + 1, 'x')).status, 413);
  for (const auto& [coding, bomb] :
       {std::pair{"gzip", gzip_bomb(100 << 20)}, std::pair{"zstd", zstd_bomb(100 << 20)}}) {
    const auto answer = post(fmt::format("{}Content-Encoding: {}\r\n", kJson, coding), bomb);
    EXPECT_EQ(answer.status, 413) << coding;
    EXPECT_THAT(answer.body, HasSubstr("after decompression"));
  }
  EXPECT_EQ(metric(Metric::kReceiverRequests, {"http", "too_large"}), 3);
}

TEST_F(OtlpReceiverTest, HttpUnsupportedMediaIs415) {
  start();
  const auto type = post("Content-Type: text/plain\r\n", "x");
  EXPECT_EQ(type.status, 415);
  EXPECT_EQ(type.header("accept"), "application/x-protobuf, application/json");
  EXPECT_THAT(type.body, HasSubstr("text/plain"));
  EXPECT_EQ(post("", "x").status, 415);
  const auto coding = post(fmt::format("{}Content-Encoding: br\r\n", kJson), "x");
  EXPECT_EQ(coding.status, 415);
  EXPECT_EQ(coding.header("accept-encoding"), "gzip, deflate, zstd");
  EXPECT_EQ(post(fmt::format("{}Content-Encoding: gzip, gzip, gzip\r\n", kJson), "x").status, 415);
}

TEST_F(OtlpReceiverTest, HttpOtherMethodsAndPaths) {
  start();
  HttpClient client(http_port());
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "HEAD"}) {
    const auto answer = client.request(method, "/v1/traces");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("allow"), "POST");
    EXPECT_EQ(answer.header("access-control-allow-origin"), "") << "CORS is off";
  }
  EXPECT_THAT(post(kJson, "{}", "/v1/metrics").body, HasSubstr("metrics is not received"));
  for (const char* path : {"/v1/metrics", "/v1/logs", "/v1development/profiles", "/", "/v1/traces/", "/V1/TRACES"}) {
    EXPECT_EQ(post(kJson, "{}", path).status, 404) << path;
  }
}

TEST_F(OtlpReceiverTest, HttpTokens) {
  // printf 'good' | sha256sum
  start({.tokens = {{"ci", "770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c"}}});
  const auto answer = post(kJson, "{}");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
  EXPECT_EQ(post(fmt::format("{}Authorization: Bearer bad\r\n", kJson), "{}").status, 401);
  EXPECT_EQ(post(fmt::format("{}Authorization: Bearer good\r\n", kJson), "{}").status, 200);
  EXPECT_EQ(grpc_->call(kExport, "").code, 16);
  EXPECT_EQ(grpc_->call(kExport, "", {.metadata = {{"authorization", "Bearer good"}}}).code, 0);
}

TEST_F(OtlpReceiverTest, HttpFullLedgerIs429WithRetryAfter) {
  start();
  LedgerHold all;
  ASSERT_TRUE(ledger_.reserve(kLedgerBytes, all));
  const auto no_body = post(kProtobuf, traces(1));
  EXPECT_EQ(no_body.status, 429);
  EXPECT_EQ(no_body.header("retry-after"), "5");
  ASSERT_TRUE(all.resize(kLedgerBytes - 100'000));
  const auto no_batch = post(fmt::format("{}Content-Encoding: gzip\r\n", kProtobuf), gzip(traces(20'000)));
  EXPECT_EQ(no_batch.status, 429);
  EXPECT_EQ(no_batch.body.substr(0, 2), "\x08\x08");
  all.release();
  EXPECT_EQ(post(kProtobuf, traces(1)).status, 200);
}

TEST_F(OtlpReceiverTest, HttpConsumerErrors) {
  start();
  const std::vector<std::tuple<ErrorCode, int, bool>> cases = {
      {ErrorCode::kUnavailable, 503, true}, {ErrorCode::kDiskFull, 503, true},
      {ErrorCode::kIo, 503, true},          {ErrorCode::kResourceExhausted, 429, true},
      {ErrorCode::kInternal, 500, false},   {ErrorCode::kDataLoss, 500, false}};
  for (const auto& [code, status, retry] : cases) {
    consumer_.fail_with(Error(code, "the store says no"));
    const auto answer = post(kJson, kJsonTraces);
    EXPECT_EQ(answer.status, status) << to_string(code);
    EXPECT_EQ(!answer.header("retry-after").empty(), retry) << to_string(code);
    EXPECT_THAT(answer.body, HasSubstr("the store says no"));
  }
  EXPECT_EQ(receiver_->counts().requests_refused, cases.size());
  EXPECT_EQ(receiver_->counts().spans_refused, cases.size());
  EXPECT_EQ(receiver_->counts().spans_accepted, 0U);
}

TEST_F(OtlpReceiverTest, HttpWaitsForTheConsumerWithoutHoldingAThread) {
  start({.threads = 1});
  consumer_.hold();
  std::deque<HttpClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(http_port())
        .send(fmt::format("POST /v1/traces HTTP/1.1\r\nHost: a\r\n{}Content-Length: {}\r\n\r\n{}", kProtobuf,
                          traces(1).size(), traces(1)));
  }
  std::deque<data::ConsumeDone> waiting;
  for (int i = 0; i < 10; ++i) waiting.push_back(consumer_.take_held());
  EXPECT_EQ(receiver_->counts().requests_accepted, 0U);
  for (auto& done : waiting) done({});
  for (auto& client : clients) EXPECT_EQ(client.receive().status, 200);
}

TEST_F(OtlpReceiverTest, HttpSlowClientGetsAStatus) {
  start();
  HttpClient client(http_port());
  client.send(fmt::format("POST /v1/traces HTTP/1.1\r\nHost: a\r\n{}Content-Length: 1000\r\n\r\n{{", kJson));
  std::jthread time([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      clock_.advance(1000 * kNanosPerMillisecond);
      std::this_thread::yield();
    }
  });
  const auto answer = client.receive();
  // Depending on where the first bytes were when time ran out, the head or the body is late.
  EXPECT_THAT(answer.status, ::testing::AnyOf(0, 408));
  EXPECT_TRUE(client.closed_by_server());
}

// --- gRPC ----------------------------------------------------------------------------------------------------------

TEST_F(OtlpReceiverTest, GrpcExport) {
  start();
  for (const auto compression : {Compression::kNone, Compression::kGzip, Compression::kDeflate}) {
    const auto answer = grpc_->call(kExport, traces(100, 'i', "plan"), {.compression = compression});
    EXPECT_EQ(answer.code, 0) << answer.message;
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(grpc_->call(kExport, "").code, 0);
  EXPECT_EQ(consumer_.spans(), 300U);
  EXPECT_EQ(consumer_.last_name(), "plan");
  EXPECT_LT(metric(Metric::kReceiverBytes, {"grpc", "wire"}), metric(Metric::kReceiverBytes, {"grpc", "unpacked"}));
}

TEST_F(OtlpReceiverTest, GrpcPartialSuccessAndBadMessages) {
  start();
  const auto partial = grpc_->call(kExport, traces(2) + traces(3, '\0'));
  EXPECT_EQ(partial.code, 0);
  EXPECT_EQ(partial.body.substr(2, 2), "\x08\x03");
  const auto bad = grpc_->call(kExport, "\xff\xff\xff garbage");
  EXPECT_EQ(bad.code, 3);
  EXPECT_EQ(bad.details.substr(0, 3), "\x08\x03\x12");
}

TEST_F(OtlpReceiverTest, GrpcOtherServicesAreUnimplementedByName) {
  start();
  const auto metrics = grpc_->call("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "");
  EXPECT_EQ(metrics.code, 12);
  EXPECT_THAT(metrics.message, HasSubstr("metrics are not received"));
  const auto logs = grpc_->call("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "");
  EXPECT_EQ(logs.code, 12);
  EXPECT_THAT(logs.message, HasSubstr("logs are not received"));
  EXPECT_EQ(grpc_->call("/other.Service/Method", "").code, 12);
  EXPECT_EQ(grpc_->call("/opentelemetry.proto.collector.trace.v1.TraceService/Other", "").code, 12);
}

TEST_F(OtlpReceiverTest, GrpcOverloadHasRetryInfo) {
  start();
  consumer_.fail_with(Error(ErrorCode::kUnavailable, "disk is slow"));
  const auto unavailable = grpc_->call(kExport, traces(1));
  EXPECT_EQ(unavailable.code, 14);
  EXPECT_THAT(unavailable.details, HasSubstr("type.googleapis.com/google.rpc.RetryInfo"));
  consumer_.fail_with(std::nullopt);
  LedgerHold all;
  while (!ledger_.reserve(kLedgerBytes, all)) std::this_thread::yield();  // the last call's memory comes back
  const auto exhausted = grpc_->call(kExport, traces(1));
  EXPECT_EQ(exhausted.code, 8);
  EXPECT_THAT(exhausted.details, HasSubstr("type.googleapis.com/google.rpc.RetryInfo"));
  all.release();
  EXPECT_EQ(grpc_->call(kExport, traces(1)).code, 0);
}

TEST_F(OtlpReceiverTest, GrpcTooLargeIsNotToBeTriedAgain) {
  start();
  const auto bomb = grpc_->call(kExport, std::string(kSmallRequestMax * 4, '\0'), {.compression = Compression::kGzip});
  EXPECT_EQ(bomb.code, 8);
  EXPECT_THAT(bomb.message, HasSubstr("after decompression"));
  EXPECT_THAT(bomb.details, ::testing::Not(HasSubstr("RetryInfo")));
  EXPECT_EQ(grpc_->call(kExport, std::string(kSmallRequestMax + 1, '\0')).code, 8);
}

TEST_F(OtlpReceiverTest, GrpcOtherCompressionIsUnimplemented) {
  start();
  const auto answer = grpc_->call(kExport, zstd(traces(1)));
  EXPECT_EQ(answer.code, 12);
  EXPECT_THAT(answer.message, HasSubstr("zstd"));
}

// --- Both ----------------------------------------------------------------------------------------------------------

TEST_F(OtlpReceiverTest, StopLetsRequestsFinish) {
  start();
  consumer_.hold();
  HttpClient http(http_port());
  http.send(fmt::format("POST /v1/traces HTTP/1.1\r\nHost: a\r\n{}Content-Length: {}\r\n\r\n{}", kProtobuf,
                        traces(1).size(), traces(1)));
  data::ConsumeDone first = consumer_.take_held();
  GrpcAnswer grpc_answer;
  std::jthread calling([&] { grpc_answer = grpc_->call(kExport, traces(1)); });
  data::ConsumeDone second = consumer_.take_held();
  std::jthread stopping([this] { receiver_->stop(seconds(20)); });
  first({});
  second({});
  EXPECT_EQ(http.receive().status, 200);
  calling.join();
  EXPECT_EQ(grpc_answer.code, 0);
}

TEST_F(OtlpReceiverTest, ConsumerMayAnswerWhenTheReceiverIsGone) {
  start();
  consumer_.hold();
  HttpClient http(http_port());
  http.send(fmt::format("POST /v1/traces HTTP/1.1\r\nHost: a\r\n{}Content-Length: {}\r\n\r\n{}", kProtobuf,
                        traces(1).size(), traces(1)));
  data::ConsumeDone done = consumer_.take_held();
  receiver_.reset();
  EXPECT_TRUE(http.closed_by_server());
  done({});
  EXPECT_EQ(metric(Metric::kReceiverRequests, {"http", "accepted"}), 1);
}

TEST_F(OtlpReceiverTest, RecentRefusalsAreNewestFirstAndFew) {
  start();
  for (int i = 0; i < 7; ++i) post(kJson, fmt::format(R"({{"field{}": 1}})", i));
  grpc_->call("/other.Service/Method", "");
  const auto recent = receiver_->recent_refusals();
  ASSERT_EQ(recent.size(), kRecentRefusalsMax);
  EXPECT_EQ(recent.front().protocol, Protocol::kGrpc);
  EXPECT_THAT(recent[1].message, HasSubstr("field6"));
  EXPECT_EQ(recent[1].time, clock_.unix_nanos());
  EXPECT_EQ(receiver_->counts().requests_refused, 8U);
}

TEST_F(OtlpReceiverTest, ListenersCanBeOff) {
  const auto none = OtlpReceiver::start({}, consumer_, {ledger_, metrics_, log_, clock_});
  ASSERT_TRUE(none);
  EXPECT_EQ((*none)->http_address(), "");
  EXPECT_EQ((*none)->grpc_address(), "");
}

TEST_F(OtlpReceiverTest, SettingsThatCannotWorkAreErrors) {
  start();
  const auto taken =
      OtlpReceiver::start({.http_address = receiver_->http_address()}, consumer_, {ledger_, metrics_, log_, clock_});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message(), HasSubstr("OTLP over HTTP"));
  const auto token = OtlpReceiver::start({.http_address = "127.0.0.1:0", .tokens = {{"ci", "plain text"}}}, consumer_,
                                         {ledger_, metrics_, log_, clock_});
  EXPECT_FALSE(token);
}

TEST_F(OtlpReceiverTest, MemoryComesBack) {
  start();
  for (int i = 0; i < 20; ++i) {
    post(fmt::format("{}Content-Encoding: gzip\r\n", kProtobuf), gzip(traces(2000)));
    grpc_->call(kExport, traces(2000), {.compression = Compression::kGzip});
  }
  EXPECT_EQ(consumer_.spans(), 80'000U);
  grpc_.reset();
  receiver_.reset();
  EXPECT_EQ(ledger_.used_bytes(), 0U);
}

}  // namespace
}  // namespace sextant::ingest
