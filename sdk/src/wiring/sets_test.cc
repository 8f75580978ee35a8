// The ready sets, as Prometheus reads them.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sextant/metric_sets.h"
#include "sextant/prometheus.h"
#include "sextant/sdk.h"

namespace sextant {
namespace {

/// All sets, with something in each instrument.
struct AllSets {
  RuntimeMetrics runtime{"caxton",
                         [] { return std::vector<AgentMemory>{{"a-1", "react", 4096}, {"a-2", "logger", 8192}}; }};
  MessageMetrics messages{"caxton"};
  HttpMetrics http{"caxton"};
  SystemMetrics system{"caxton"};
  HttpMetrics plain_http{""};
  ChatMetrics chat;

  void use() const {
    runtime.agents_total.add(3, {{"agent_type", "react"}});
    runtime.agents_active.add(2, {{"agent_type", "react"}});
    runtime.record_execution("react", "success", 0.3);
    runtime.record_execution("react", "error", 40);
    messages.messages_sent_total.add(5, {{"message_type", "request"}});
    messages.messages_received_total.add(4, {{"message_type", "inform"}});
    messages.message_processing_duration_seconds.record(0.01, {{"message_type", "request"}});
    messages.message_queue_size.add(7);
    messages.message_errors_total.add(1, {{"message_type", "request"}, {"error_type", "timeout"}});
    http.record("GET", "/api/agents", 200, 0.004);
    http.http_active_connections.add(2);
    http.websocket_connections.add(1);
    plain_http.record("POST", "/v1/agents/{id}/chat", 200, 0.7);
    use_chat();
  }
  void use_chat() const {
    chat.agents_active.add(1, {{"project.id", "p"}});
    chat.agent_deploy_duration_seconds.record(12, {{"framework", "x"}, {"status", "success"}});
    chat.chat_tokens_total.add(225, {{"agent.id", "a"}, {"project.id", "p"}, {"model", "m"}});
    chat.chat_duration_seconds.record(1.5, {{"model", "m"}});
    chat.llm_calls_total.add(1, {{"model", "m"}, {"status", "success"}});
    chat.llm_call_duration_seconds.record(0.85, {{"model", "m"}});
    chat.llm_tokens_input_total.add(150, {{"model", "m"}});
    chat.llm_tokens_output_total.add(75, {{"model", "m"}});
  }
};

struct Name {
  const char* name;
  const char* type;
};

/// Every metric name of these sets in the texts of the systems that they come from.
constexpr Name kNames[] = {
    // Caxton: runtime
    {"caxton_agents_total", "counter"},
    {"caxton_agents_active", "gauge"},
    {"caxton_agent_executions_total", "counter"},
    {"caxton_agent_execution_duration_seconds", "histogram"},
    {"caxton_wasm_memory_usage_bytes", "gauge"},
    {"caxton_runtime_memory_usage_bytes", "gauge"},
    {"caxton_runtime_cpu_usage_ratio", "gauge"},
    // Caxton: message protocol
    {"caxton_messages_sent_total", "counter"},
    {"caxton_messages_received_total", "counter"},
    {"caxton_message_processing_duration_seconds", "histogram"},
    {"caxton_message_queue_size", "gauge"},
    {"caxton_message_errors_total", "counter"},
    // Caxton: HTTP
    {"caxton_http_requests_total", "counter"},
    {"caxton_http_request_duration_seconds", "histogram"},
    {"caxton_http_active_connections", "gauge"},
    {"caxton_websocket_connections", "gauge"},
    // Caxton: system resources
    {"caxton_disk_usage_bytes", "gauge"},
    {"caxton_network_bytes_total", "counter"},
    {"caxton_file_descriptors", "gauge"},
    // AgentStack: names that stand in its text
    {"http_requests_total", "counter"},
    {"http_request_duration_seconds", "histogram"},
    {"chat_tokens_total", "counter"},
    {"llm_call_duration_seconds", "histogram"},
    // AgentStack: instruments that are declared there and named by the same pattern
    {"agents_active", "gauge"},
    {"agent_deploy_duration_seconds", "histogram"},
    {"chat_duration_seconds", "histogram"},
    {"llm_calls_total", "counter"},
    {"llm_tokens_input_total", "counter"},
    {"llm_tokens_output_total", "counter"},
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has_line_with(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& line : lines_of(text)) {
    bool all = true;
    for (const std::string& part : parts) all = all && line.find(part) != std::string::npos;
    if (all) return true;
  }
  return false;
}

class SetsTest : public testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.service_name = "caxton-runtime";
    auto sdk = Sdk::start(std::move(options));
    ASSERT_TRUE(sdk.ok()) << sdk.error();
    sdk_ = std::move(*sdk);
    sets_.use();
  }
  AllSets sets_;
  Sdk sdk_;
};

TEST_F(SetsTest, EveryNameComesOutWithItsType) {
  const std::string text = prometheus_text();
  const std::vector<std::string> lines = lines_of(text);
  const std::set<std::string> all(lines.begin(), lines.end());
  for (const Name& one : kNames) {
    EXPECT_EQ(all.count("# TYPE " + std::string(one.name) + " " + one.type), 1u) << one.name;
    const std::string sample = std::string(one.name) + (std::string(one.type) == "histogram" ? "_count" : "");
    EXPECT_NE(text.find("\n" + sample + "{"), std::string::npos) << one.name;
  }
}

TEST_F(SetsTest, OpenMetricsHasTheSameSamples) {
  const std::string text = prometheus_text(PrometheusFormat::kOpenMetrics);
  for (const Name& one : kNames) {
    const std::string sample = std::string(one.name) + (std::string(one.type) == "histogram" ? "_count" : "");
    EXPECT_NE(text.find("\n" + sample), std::string::npos) << one.name;
  }
  EXPECT_EQ(text.substr(text.size() - 6), "# EOF\n");
}

/// What rules and dashboards select and sum by.
TEST_F(SetsTest, LabelsAreThoseThatRulesAndDashboardsUse) {
  const std::string text = prometheus_text();
  EXPECT_TRUE(
      has_line_with(text, {"caxton_agent_executions_total{", "status=\"error\"", "agent_type=\"react\"", "} 1"}));
  EXPECT_TRUE(
      has_line_with(text, {"caxton_wasm_memory_usage_bytes{", "agent_id=\"a-1\"", "agent_type=\"react\"", "} 4096"}));
  EXPECT_TRUE(
      has_line_with(text, {"caxton_wasm_memory_usage_bytes{", "agent_id=\"a-2\"", "agent_type=\"logger\"", "} 8192"}));
  EXPECT_TRUE(has_line_with(text, {"caxton_message_errors_total{", "message_type=\"request\""}));
  EXPECT_TRUE(has_line_with(text, {"caxton_network_bytes_total{", "interface=\"lo\"", "direction=\"receive\""}));
  EXPECT_TRUE(has_line_with(text, {"caxton_disk_usage_bytes{", "path=\"/\""}));
  EXPECT_TRUE(has_line_with(
      text, {"http_requests_total{", "method=\"POST\"", "path=\"/v1/agents/{id}/chat\"", "status=\"200\""}));
  EXPECT_TRUE(
      has_line_with(text, {"chat_tokens_total{", "agent_id=\"a\"", "project_id=\"p\"", "model=\"m\"", "} 225"}));
}

TEST_F(SetsTest, HistogramsHaveTheirBuckets) {
  const std::string text = prometheus_text();
  for (const char* bound : {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"})
    EXPECT_TRUE(has_line_with(text, {"http_request_duration_seconds_bucket{", "le=\"" + std::string(bound) + "\""}))
        << bound;
  for (const char* bound : {"0.1", "0.5", "1", "2", "5", "10", "30", "60", "+Inf"})
    EXPECT_TRUE(has_line_with(text, {"llm_call_duration_seconds_bucket{", "le=\"" + std::string(bound) + "\""}))
        << bound;
}

TEST_F(SetsTest, WhatIsObservedEndsWithItsSet) {
  {
    const SystemMetrics other("other");
    EXPECT_NE(prometheus_text().find("other_file_descriptors"), std::string::npos);
  }
  EXPECT_EQ(prometheus_text().find("other_file_descriptors"), std::string::npos);
}

}  // namespace
}  // namespace sextant
