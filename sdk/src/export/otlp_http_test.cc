// What the exporter puts on the wire and makes of answers.
#include "sextant/otlp_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "export/retry_after.h"
#include "otlp/wire.h"
#include "tests/support/receiver.h"

namespace sextant {
namespace {

using testing::HasSubstr;
using testing::Not;

// A request with one span that is named "x".
const std::string kBody("\x0a\x07\x12\x05\x12\x03\x2a\x01x", 9);
const std::string kJson = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]})";

ExportResult send(const OtlpHttpSettings& settings, Signal signal = Signal::kTraces, const std::string& body = kBody) {
  return otlp_http(settings)->send({signal, 1, body}, Deadline::after(std::chrono::seconds(60)));
}

OtlpHttpSettings settings_for(const test::Receiver& receiver) {
  OtlpHttpSettings settings;
  settings.endpoint = receiver.url();
  return settings;
}

std::string unpacked(const std::string& gzip) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(OtlpHttp, SendsTheBytesOfTheBatchAsTheyAre) {
  test::Receiver receiver;
  OtlpHttpSettings settings = settings_for(receiver);
  settings.endpoint += "/base/";
  settings.headers = {{"X-Key", "value"}};
  EXPECT_EQ(send(settings).code, ExportCode::kTaken);
  EXPECT_EQ(send(settings, Signal::kMetrics).code, ExportCode::kTaken);
  settings.logs_url = receiver.url() + "/own?x=1";
  EXPECT_EQ(send(settings, Signal::kLogs).code, ExportCode::kTaken);
  const auto requests = receiver.requests();
  EXPECT_EQ(requests.at(0).start_line, "POST /base/v1/traces HTTP/1.1");
  EXPECT_EQ(requests.at(1).start_line, "POST /base/v1/metrics HTTP/1.1");
  EXPECT_EQ(requests.at(2).start_line, "POST /own?x=1 HTTP/1.1");
  EXPECT_EQ(requests[0].body, kBody);
  EXPECT_EQ(requests[0].header("content-type"), "application/x-protobuf");
  EXPECT_EQ(requests[0].header("content-encoding"), "");
  EXPECT_EQ(requests[0].header("x-key"), "value");
  EXPECT_THAT(std::string(requests[0].header("user-agent")), HasSubstr("sextant-cpp/"));
}

TEST(OtlpHttp, SendsJsonWhereItIsAskedTo) {
  test::Receiver receiver;
  OtlpHttpSettings settings = settings_for(receiver);
  settings.encoding = OtlpEncoding::kJson;
  EXPECT_EQ(send(settings).code, ExportCode::kTaken);
  settings.compression = Compression::kGzip;
  EXPECT_EQ(send(settings).code, ExportCode::kTaken);
  const auto requests = receiver.requests();
  EXPECT_EQ(requests.at(0).header("content-type"), "application/json");
  EXPECT_EQ(requests.at(0).body, kJson);
  EXPECT_EQ(requests.at(1).header("content-type"), "application/json");
  EXPECT_EQ(requests.at(1).header("content-encoding"), "gzip");
  EXPECT_EQ(unpacked(requests.at(1).body), kJson);
}

TEST(OtlpHttp, PacksProtobufToo) {
  test::Receiver receiver;
  OtlpHttpSettings settings = settings_for(receiver);
  settings.compression = Compression::kGzip;
  EXPECT_EQ(send(settings).code, ExportCode::kTaken);
  EXPECT_EQ(unpacked(receiver.requests().at(0).body), kBody);
}

TEST(OtlpHttp, RefusesBytesThatCannotBeJson) {
  test::Receiver receiver;
  OtlpHttpSettings settings = settings_for(receiver);
  settings.encoding = OtlpEncoding::kJson;
  const ExportResult result = send(settings, Signal::kTraces, "\xff");
  EXPECT_EQ(result.code, ExportCode::kRefused);
  EXPECT_THAT(result.message, HasSubstr("cannot be written as JSON"));
  EXPECT_TRUE(receiver.requests().empty());
}

TEST(OtlpHttp, RefusesARequestThatIsLargerThanTheFormatAllows) {
  test::Receiver receiver;
  const ExportResult result =
      send(settings_for(receiver), Signal::kTraces, std::string((std::size_t{64} << 20) + 1, 'x'));
  EXPECT_EQ(result.code, ExportCode::kRefused);
  EXPECT_EQ(result.message,
            "the request has 67108865 bytes, more than the 64 MiB that OTLP allows: smaller batches are to be made");
  EXPECT_TRUE(receiver.requests().empty());
}

TEST(OtlpHttp, ReadsWhatIsWrongOutOfAStatusMessage) {
  const std::vector<test::Answer> answers = {
      {400, {{"Content-Type", "application/x-protobuf"}}, std::string("\x08\x03\x12\x05wrong", 9)},
      {400, {{"Content-Type", "application/json"}}, R"({"code": 3, "message": "wrong"})"},
      {400, {{"Content-Type", "text/plain"}}, "wrong\nand more"}};
  for (const test::Answer& answer : answers) {
    test::Receiver receiver([&](const test::Received&) { return answer; });
    EXPECT_EQ(send(settings_for(receiver)).message, "answered 400 wrong");
  }
}

TEST(OtlpHttp, PassesOnHowLongToPause) {
  test::Receiver receiver([](const test::Received&) { return test::Answer{503, {{"Retry-After", "7"}}}; });
  const ExportResult result = send(settings_for(receiver));
  EXPECT_EQ(result.code, ExportCode::kRetry);
  EXPECT_EQ(result.retry_after, std::chrono::seconds(7));
}

TEST(OtlpHttp, WantsTheSignalsThatItIsToldTo) {
  OtlpHttpSettings settings;
  settings.metrics = false;
  const ExporterPtr exporter = otlp_http(settings);
  EXPECT_TRUE(exporter->wants(Signal::kTraces));
  EXPECT_FALSE(exporter->wants(Signal::kMetrics));
  EXPECT_TRUE(exporter->wants(Signal::kLogs));
}

TEST(OtlpHttp, NeverNamesASecret) {
  test::Receiver receiver([](const test::Received& received) {
    return test::Answer{
        401, {}, "who is " + std::string(received.header("authorization")) + ", and is secret-key good?"};
  });
  OtlpHttpSettings settings;
  settings.endpoint = "http://user:hidden-word@127.0.0.1:" + std::to_string(receiver.port()) + "/x?key=hidden-word";
  settings.traces_url = receiver.url() + "/v1/traces";
  settings.headers = {{"Authorization", "Bearer secret-key"}};
  EXPECT_EQ(otlp_http(settings)->name(), "otlp " + receiver.url() + "/x");
  const ExportResult result = send(settings);
  EXPECT_EQ(result.message, "answered 401 who is Bearer ***, and is *** good?");
  settings.traces_url = "https://user:hidden-word@127.0.0.1";
  EXPECT_THAT(send(settings).message, HasSubstr("'https://127.0.0.1' needs TLS"));
  settings.traces_url = "user:hidden-word@127.0.0.1?x";
  EXPECT_THAT(send(settings).message, HasSubstr("'***@127.0.0.1' is no address"));
}

TEST(RetryAfter, TakesSecondsAndDatesWithinAnHour) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const auto now = std::chrono::system_clock::from_time_t(784'111'777);  // Sun, 06 Nov 1994 08:49:37 GMT
  const auto pause = [&](std::string_view header) { return exporting::retry_after(header, now); };
  EXPECT_EQ(pause("120"), seconds(120));
  EXPECT_EQ(pause("0"), seconds(0));
  EXPECT_EQ(pause("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
  EXPECT_EQ(pause("Sun, 06 Nov 1994 08:00:00 GMT"), seconds(0));
  EXPECT_EQ(pause("86400"), seconds(3'600));
  EXPECT_EQ(pause("99999999999999999999"), seconds(3'600));
  for (const char* nonsense : {"", "soon", "-5", "5s", "1.5"}) EXPECT_EQ(pause(nonsense), milliseconds(0)) << nonsense;
}

}  // namespace
}  // namespace sextant
