// Where the presets send to, as a receiver sees it; keys in headers and nowhere else.
#include "sextant/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/receiver.h"

namespace sextant {
namespace {

using testing::HasSubstr;
using testing::Not;

/// One batch of traces to a receiver that stands where the backend would.
test::Received received(const OtlpHttpSettings& settings, test::Receiver& receiver) {
  EXPECT_EQ(otlp_http(settings)->send({Signal::kTraces, 1, {}}, Deadline::after(std::chrono::seconds(60))).code,
            ExportCode::kTaken);
  return receiver.requests().back();
}

void expect_traces_only(const OtlpHttpSettings& settings) {
  EXPECT_TRUE(settings.traces);
  EXPECT_FALSE(settings.metrics);
  EXPECT_FALSE(settings.logs);
}

TEST(Presets, LangfuseGetsBasicAuthorizationOfBothKeys) {
  test::Receiver receiver;
  LangfuseAccount account;
  EXPECT_EQ(langfuse(account).endpoint, "https://cloud.langfuse.com/api/public/otel");
  EXPECT_EQ(langfuse(account).name, "langfuse https://cloud.langfuse.com/api/public/otel");
  account.host = receiver.url() + "/";
  account.public_key = "pk-lf-1";
  account.secret_key = "sk-lf-2";
  const test::Received request = received(langfuse(account), receiver);
  EXPECT_EQ(request.start_line, "POST /api/public/otel/v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "Basic cGstbGYtMTpzay1sZi0y");
  EXPECT_EQ(request.header("x-langfuse-ingestion-version"), "4");
  expect_traces_only(langfuse(account));
  account.host += "api/public/otel";
  EXPECT_EQ(langfuse(account).endpoint, receiver.url() + "/api/public/otel");
}

TEST(Presets, LangsmithGetsItsKeyAndProject) {
  test::Receiver receiver;
  LangsmithAccount account;
  EXPECT_EQ(langsmith(account).endpoint, "https://api.smith.langchain.com/otel");
  EXPECT_TRUE(langsmith(account).headers.empty());
  account.endpoint = receiver.url() + "/api/v1/otel/";
  account.api_key = "ls-key-1";
  account.project = "agents";
  const test::Received request = received(langsmith(account), receiver);
  EXPECT_EQ(request.start_line, "POST /api/v1/otel/v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("x-api-key"), "ls-key-1");
  EXPECT_EQ(request.header("langsmith-project"), "agents");
  expect_traces_only(langsmith(account));
}

TEST(Presets, PhoenixGetsABearerKeyWhereItHasOne) {
  test::Receiver receiver;
  PhoenixAccount account;
  EXPECT_EQ(phoenix(account).endpoint, "http://127.0.0.1:6006");
  EXPECT_TRUE(phoenix(account).headers.empty());
  account.host = receiver.url();
  account.api_key = "px-key";
  account.project = "agents";
  const test::Received request = received(phoenix(account), receiver);
  EXPECT_EQ(request.start_line, "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "Bearer px-key");
  EXPECT_EQ(request.header("x-project-name"), "agents");
  EXPECT_EQ(request.header("content-type"), "application/x-protobuf");
  expect_traces_only(phoenix(account));
}

TEST(Presets, OpikGetsItsKeyWithoutAScheme) {
  test::Receiver receiver;
  OpikAccount account;
  EXPECT_EQ(opik(account).endpoint, "https://www.comet.com/opik/api/v1/private/otel");
  account.endpoint = receiver.url() + "/api/v1/private/otel";
  account.api_key = "opik-key";
  account.workspace = "team";
  account.project = "agents";
  const test::Received request = received(opik(account), receiver);
  EXPECT_EQ(request.start_line, "POST /api/v1/private/otel/v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "opik-key");
  EXPECT_EQ(request.header("comet-workspace"), "team");
  EXPECT_EQ(request.header("projectname"), "agents");
  expect_traces_only(opik(account));
}

TEST(Presets, GrafanaCloudGetsInstanceAndTokenOrWhatIsGiven) {
  test::Receiver receiver;
  GrafanaCloudAccount account;
  account.endpoint = receiver.url();
  account.instance_id = "123456";
  account.token = "glc_token";
  test::Received request = received(grafana_cloud(account), receiver);
  EXPECT_EQ(request.start_line, "POST /otlp/v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "Basic MTIzNDU2OmdsY190b2tlbg==");
  account.endpoint += "/otlp";
  account.authorization = "Bearer given-key";
  request = received(grafana_cloud(account), receiver);
  EXPECT_EQ(request.start_line, "POST /otlp/v1/traces HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "Bearer given-key");
  EXPECT_TRUE(grafana_cloud(account).metrics);
  EXPECT_TRUE(grafana_cloud(account).logs);
}

TEST(Presets, NameNoKey) {
  const std::string key = "very-secret-key";
  test::Receiver receiver([&](const test::Received& request) {
    return test::Answer{
        401, {}, "bad " + std::string(request.header("authorization")) + std::string(request.header("x-api-key"))};
  });
  const std::string host = "http://user:" + key + "@127.0.0.1:" + std::to_string(receiver.port());
  const OtlpHttpSettings all[] = {
      langfuse({host, key, key}), langsmith({host, key, ""}),          phoenix({host, key, ""}),
      opik({host, key, "", ""}),  grafana_cloud({host, "1", key, ""}), grafana_cloud({host, "", "", "Bearer " + key})};
  for (const OtlpHttpSettings& settings : all) {
    const ExporterPtr exporter = otlp_http(settings);
    const ExportResult result = exporter->send({Signal::kTraces, 1, {}}, Deadline::after(std::chrono::seconds(60)));
    EXPECT_THAT(exporter->name(), Not(HasSubstr(key)));
    EXPECT_EQ(result.code, ExportCode::kRefused);
    EXPECT_THAT(result.message, Not(HasSubstr(key)));
    for (const auto& header : settings.headers) {
      const bool basic = header.second.rfind("Basic ", 0) == 0;
      EXPECT_FALSE(basic && result.message.find(header.second.substr(6)) != std::string::npos) << result.message;
    }
  }
}

}  // namespace
}  // namespace sextant
