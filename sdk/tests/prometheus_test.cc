// Metrics as Prometheus itself takes them: checked by promtool, scraped by a server, pushed to a Pushgateway. Each test
// is skipped, and says so, where its program is not installed.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "sextant/diagnostics.h"
#include "sextant/metric_sets.h"
#include "sextant/metrics.h"
#include "sextant/prometheus.h"
#include "sextant/sdk.h"
#include "tests/support/program.h"

namespace sextant {
namespace {

using tests::find_program;
using tests::Program;
using tests::TemporaryFolder;

/// All ready sets and one metric that OpenTelemetry's rules name, each with something in it.
struct Instruments {
  RuntimeMetrics runtime{"caxton", [] { return std::vector<AgentMemory>{{"a-1", "react", 4096}}; }};
  MessageMetrics messages{"caxton"};
  HttpMetrics http{"caxton"};
  SystemMetrics system{"caxton"};
  HttpMetrics plain_http{""};
  ChatMetrics chat{""};
  Histogram<> duration =
      meter("planner", "1.0").histogram("gen_ai.client.operation.duration", {"s", "Of \"calls\"\\\n."});

  void use() const {
    runtime.agents_total.add(3, {{"agent_type", "react"}});
    runtime.agents_active.add(2);
    runtime.record_execution("react", "success", 0.3);
    runtime.record_execution("react", "error", 40);
    messages.messages_sent_total.add(5, {{"message_type", "request"}});
    messages.messages_received_total.add(4, {{"message_type", "inform"}});
    messages.message_processing_duration_seconds.record(0.01, {{"message_type", "request"}});
    messages.message_queue_size.add(7);
    messages.message_errors_total.add(1, {{"message_type", "a \"quoted\\ one\n"}});
    http.record("GET", "/api/agents", 200, 0.004);
    http.http_active_connections.add(2);
    http.websocket_connections.add(1);
    plain_http.record("POST", "/v1/agents/{id}/chat", 500, 0.7);
    chat.agents_active.add(1, {{"project.id", "p"}});
    chat.agent_deploy_duration_seconds.record(12);
    chat.chat_tokens_total.add(225, {{"agent.id", "a"}, {"project.id", "p"}, {"model", "m"}});
    chat.chat_duration_seconds.record(1.5);
    chat.llm_calls_total.add(1, {{"status", "success"}});
    chat.llm_call_duration_seconds.record(0.85);
    chat.llm_tokens_input_total.add(150);
    chat.llm_tokens_output_total.add(75);
    duration.record(0.25, {{"gen_ai.request.model", "gpt-4o"}});
  }
};

Sdk started(Options options) {
  options.service_name = "caxton-runtime";
  auto sdk = Sdk::start(std::move(options));
  EXPECT_TRUE(sdk.ok()) << sdk.error();
  return sdk ? std::move(*sdk) : Sdk();
}

std::string get(const std::string& url) {
  const HttpTransportPtr client = plain_http();
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  const Result<HttpResponse> response = client->send(request, Deadline::after(std::chrono::minutes(1)));
  return response ? response->body : "no answer: " + response.error();
}

/// Whether Prometheus answers an instant query with this value.
void expect_value(const std::string& address, const std::string& query, const std::string& value) {
  const std::string answer = get("http://" + address + "/api/v1/query?query=" + query);
  EXPECT_NE(answer.find(",\"" + value + "\"]}]"), std::string::npos) << query << " is not " << value << ": " << answer;
}

TEST(PrometheusTest, PromtoolFindsNothingWrongWithTheText) {
  const std::string promtool = find_program("promtool");
  if (promtool.empty()) GTEST_SKIP() << "promtool is not installed";
  const Sdk sdk = started({});
  const Instruments instruments;
  instruments.use();
  Program check({promtool, "check", "metrics"}, Program::Input::kPipe);
  check.write(prometheus_text());
  check.end_input();
  EXPECT_EQ(check.wait(), 0) << check.output() << prometheus_text();
  EXPECT_EQ(check.output(), "");
}

/// Counts collections, and lets a test wait for them. Internally locked.
class Collections {
 public:
  void count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(PrometheusTest, AServerScrapesTheEndpoint) {
  const std::string prometheus = find_program("prometheus");
  if (prometheus.empty()) GTEST_SKIP() << "prometheus is not installed";
  Options options;
  options.metrics_port = 0;
  const Sdk sdk = started(options);
  const Instruments instruments;
  instruments.use();
  Collections collections;
  const Observable counted = meter("test").observable_gauge<std::int64_t>("test_collections", {"1", "Collections."},
                                                                          [&](Observer<std::int64_t>& observer) {
                                                                            collections.count();
                                                                            observer.observe(1);
                                                                          });
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/prometheus.yml")
      << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
      << "scrape_configs:\n- job_name: caxton-runtime\n  static_configs: [{targets: ['127.0.0.1:" << sdk.metrics_port()
      << "']}]\n";
  Program server({prometheus, "--config.file=" + folder.path() + "/prometheus.yml",
                  "--storage.tsdb.path=" + folder.path() + "/data", "--web.listen-address=127.0.0.1:0"});
  const std::string address = server.word_after("msg=\"Listening on\" address=");
  ASSERT_TRUE(server.wait_for("Server is ready")) << server.output();
  // What one scrape brought is stored before the next; on a busy machine one may take longer than it has.
  int scrapes = 1;
  do {
    ASSERT_TRUE(collections.wait_for(++scrapes)) << server.output();
  } while (get("http://" + address + "/api/v1/query?query=up==1").find("\"up\"") == std::string::npos);
  expect_value(address, "up", "1");
  expect_value(address, "caxton_http_requests_total", "1");
  expect_value(address, "caxton_agent_executions_total%7Bstatus%3D%22error%22%7D", "1");
  expect_value(address, "sum%20by%20(agent_type)%20(caxton_wasm_memory_usage_bytes)", "4096");
  expect_value(address, "caxton_message_queue_size", "7");
  expect_value(address, "chat_tokens_total%7Bagent_id%3D%22a%22%7D", "225");
  expect_value(address, "histogram_quantile(0.5,llm_call_duration_seconds_bucket)", "0.75");
  expect_value(address, "gen_ai_client_operation_duration_seconds_sum%7Bgen_ai_request_model%3D%22gpt-4o%22%7D",
               "0.25");
  expect_value(address, "count(target_info)", "1");
}

TEST(PrometheusTest, APushgatewayTakesWhatIsPushed) {
  const std::string gateway = find_program("prometheus-pushgateway");
  if (gateway.empty()) GTEST_SKIP() << "prometheus-pushgateway is not installed";
  Program server({gateway, "--web.listen-address=127.0.0.1:0"});
  const std::string address = server.word_after("msg=\"Listening on\" address=");
  ASSERT_FALSE(address.empty()) << server.output();
  Options options;
  options.pushgateway.url = "http://" + address;
  options.pushgateway.labels = {{"instance", "batch-7"}, {"path", "/var/tmp"}, {"nothing", ""}};
  Sdk sdk = started(options);
  const Instruments instruments;
  instruments.use();
  FlushResult result = sdk.flush();
  EXPECT_TRUE(result.complete) << result.message;
  const std::string labels = "instance=\"batch-7\",job=\"caxton-runtime\",";
  std::string text = get("http://" + address + "/metrics");
  EXPECT_NE(text.find("caxton_message_queue_size{" + labels), std::string::npos) << text;
  EXPECT_NE(text.find("path=\"/var/tmp\"} 7\n"), std::string::npos) << text;
  instruments.messages.message_queue_size.add(1);
  result = sdk.shutdown();
  EXPECT_TRUE(result.complete) << result.message;
  text = get("http://" + address + "/metrics");
  EXPECT_NE(text.find("path=\"/var/tmp\"} 8\n"), std::string::npos) << "the end of the SDK pushes once more\n" << text;
  EXPECT_EQ(text.find("path=\"/var/tmp\"} 7\n"), std::string::npos);
  EXPECT_NE(text.find("push_failure_time_seconds{" + labels), std::string::npos);
}

TEST(PrometheusTest, WhatAGatewayRefusesIsSaid) {
  const std::string gateway = find_program("prometheus-pushgateway");
  if (gateway.empty()) GTEST_SKIP() << "prometheus-pushgateway is not installed";
  set_diagnostic_handler([](LogLevel, std::string_view) {});
  Program server({gateway, "--web.listen-address=127.0.0.1:0"});
  const std::string address = server.word_after("msg=\"Listening on\" address=");
  ASSERT_FALSE(address.empty()) << server.output();
  Options options;
  options.pushgateway.url = "http://" + address + "/nowhere";
  Sdk sdk = started(options);
  const FlushResult result = sdk.flush();
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.message, "pushgateway: it answered 404: 404 page not found");
  sdk.shutdown();
  set_diagnostic_handler(nullptr);
}

}  // namespace
}  // namespace sextant
