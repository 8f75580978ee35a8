// Metrics that many programs with agents need, ready made: one struct a matter, whose members are the instruments.
//
//   sextant::HttpMetrics http("caxton");                        // caxton_http_requests_total, ...
//   http.record("POST", "/v1/agents/{id}/chat", 200, seconds);
//
// Prometheus shows each name as it stands here behind the prefix, and OTLP too; an empty prefix leaves it as it is.
// Sets are kept as long as they are to be observed; two of the same prefix count into the same metrics. Their labels
// are those that a comment names: more can be given, and views leave out what costs too much.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/metrics.h"

namespace sextant {

/// Seconds: the buckets that Prometheus' client libraries have by default.
inline constexpr std::array<double, 11> kRequestBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
/// Seconds, for what agents and their deployments take.
inline constexpr std::array<double, 9> kAgentBounds{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60};
/// Seconds, for calls of language models.
inline constexpr std::array<double, 8> kModelCallBounds{0.1, 0.5, 1, 2, 5, 10, 30, 60};

/// What one agent's sandbox uses.
struct AgentMemory {
  std::string agent_id;
  std::string agent_type;
  std::int64_t bytes = 0;
};
/// All agents at present. Called when metrics are collected, on the thread that does; must be quick.
using AgentMemoryCallback = std::function<std::vector<AgentMemory>()>;

/// The program that runs agents. Memory and CPU are this process's, as Linux counts them.
struct RuntimeMetrics {
  /// Without a callback there is no memory of agents.
  explicit RuntimeMetrics(std::string_view prefix, AgentMemoryCallback agent_memory = nullptr,
                          View<double> execution_bounds = kAgentBounds);

  Counter<> agents_total;            // agents that were created; agent_type
  UpDownCounter<> agents_active;     // agent_type
  Counter<> agent_executions_total;  // agent_type, status (`success`, `error`), agent_id where there are few
  Histogram<> agent_execution_duration_seconds;  // agent_type
  Observable wasm_memory_usage_bytes;            // agent_id, agent_type
  Observable runtime_memory_usage_bytes;         // resident
  Observable runtime_cpu_usage_ratio;            // of all CPUs that it may use, 0 to 1, over the last seconds

  /// One execution: counted, and its duration.
  void record_execution(std::string_view agent_type, std::string_view status, double seconds) const noexcept;
};

/// Messages between agents.
struct MessageMetrics {
  explicit MessageMetrics(std::string_view prefix, View<double> processing_bounds = kRequestBounds);

  Counter<> messages_sent_total;                    // message_type, e.g. a FIPA performative
  Counter<> messages_received_total;                // message_type
  Histogram<> message_processing_duration_seconds;  // message_type
  UpDownCounter<> message_queue_size;               // messages that wait
  Counter<> message_errors_total;                   // message_type, error_type
};

/// An HTTP server.
struct HttpMetrics {
  explicit HttpMetrics(std::string_view prefix, View<double> duration_bounds = kRequestBounds);

  Counter<> http_requests_total;              // method, path (the route, not the address), status
  Histogram<> http_request_duration_seconds;  // method, path
  UpDownCounter<> http_active_connections;
  UpDownCounter<> websocket_connections;

  /// One request: counted, and its duration.
  void record(std::string_view method, std::string_view path, int status, double seconds) const noexcept;
};

/// What the machine gives to the program: read when metrics are collected.
struct SystemMetrics {
  /// Paths: one of each file system that counts.
  explicit SystemMetrics(std::string_view prefix, std::vector<std::string> disk_paths = {"/"});

  Observable disk_usage_bytes;     // used; path
  Observable network_bytes_total;  // interface, direction (`receive`, `transmit`); of this network namespace
  Observable file_descriptors;     // that the process has open
};

/// A service that lets people talk with agents.
struct ChatMetrics {
  explicit ChatMetrics(std::string_view prefix = {});

  UpDownCounter<> agents_active;              // project.id
  Histogram<> agent_deploy_duration_seconds;  // framework, status
  Counter<> chat_tokens_total;                // agent.id, project.id, model
  Histogram<> chat_duration_seconds;          // model
  Counter<> llm_calls_total;                  // model, status
  Histogram<> llm_call_duration_seconds;      // model
  Counter<> llm_tokens_input_total;           // model
  Counter<> llm_tokens_output_total;          // model
};

}  // namespace sextant
