// The instruments of the ready sets: names, units, helps.
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "sets/process_usage.h"
#include "sextant/metric_sets.h"
#include "sextant/version.h"

namespace sextant {
namespace {

/// Makes the instruments of one set. Thread-confined.
class Maker {
 public:
  explicit Maker(std::string_view prefix) : prefix_(prefix), meter_(meter("sextant.sets", kVersion)) {
    if (!prefix_.empty()) prefix_ += '_';
  }

  Counter<> counter(const char* name, const char* unit, const char* help) const {
    return meter_.counter(prefix_ + name, exact(unit, help));
  }
  UpDownCounter<> up_down_counter(const char* name, const char* unit, const char* help) const {
    return meter_.up_down_counter(prefix_ + name, exact(unit, help));
  }
  Histogram<> seconds(const char* name, const char* help, View<double> bounds) const {
    return meter_.histogram(prefix_ + name, exact("s", help, bounds));
  }
  template <class T>
  Observable gauge(const char* name, const char* unit, const char* help, ObserverCallback<T> callback) const {
    return meter_.observable_gauge<T>(prefix_ + name, exact(unit, help), std::move(callback));
  }
  Observable sum(const char* name, const char* unit, const char* help, ObserverCallback<std::int64_t> callback) const {
    return meter_.observable_counter<std::int64_t>(prefix_ + name, exact(unit, help), std::move(callback));
  }

 private:
  static InstrumentOptions exact(const char* unit, const char* help, View<double> bounds = {}) {
    return InstrumentOptions(unit, help, bounds, PrometheusName::kExact);
  }

  std::string prefix_;
  Meter meter_;
};

Observable watch_agents(const Maker& make, AgentMemoryCallback agents) {
  if (agents == nullptr) return {};
  return make.gauge<std::int64_t>("wasm_memory_usage_bytes", "By", "Memory of the WebAssembly sandbox of each agent.",
                                  [agents = std::move(agents)](Observer<std::int64_t>& observer) {
                                    for (const AgentMemory& one : agents()) {
                                      observer.observe(one.bytes,
                                                       {{"agent_id", one.agent_id}, {"agent_type", one.agent_type}});
                                    }
                                  });
}

/// Internally locked.
struct Cpu {
  std::mutex mutex;
  sets::CpuRatio ratio;
};

Observable watch_cpu(const Maker& make) {
  return make.gauge<double>("runtime_cpu_usage_ratio", "1", "Share of its CPUs that the process uses.",
                            [cpu = std::make_shared<Cpu>()](Observer<double>& observer) {
                              const std::lock_guard<std::mutex> lock(cpu->mutex);
                              observer.observe(cpu->ratio.at(monotonic_ns(), sets::cpu_time_ns()));
                            });
}

}  // namespace

RuntimeMetrics::RuntimeMetrics(std::string_view prefix, AgentMemoryCallback agent_memory,
                               View<double> execution_bounds) {
  const Maker make(prefix);
  agents_total = make.counter("agents_total", "{agent}", "Agents that were created.");
  agents_active = make.up_down_counter("agents_active", "{agent}", "Agents that are active.");
  agent_executions_total = make.counter("agent_executions_total", "{execution}", "Executions of agents.");
  agent_execution_duration_seconds =
      make.seconds("agent_execution_duration_seconds", "How long executions of agents take.", execution_bounds);
  wasm_memory_usage_bytes = watch_agents(make, std::move(agent_memory));
  runtime_memory_usage_bytes = make.gauge<std::int64_t>(
      "runtime_memory_usage_bytes", "By", "Resident memory of the process.", [](Observer<std::int64_t>& observer) {
        if (const auto bytes = sets::resident_bytes()) observer.observe(*bytes);
      });
  runtime_cpu_usage_ratio = watch_cpu(make);
}

void RuntimeMetrics::record_execution(std::string_view agent_type, std::string_view status,
                                      double seconds) const noexcept {
  agent_executions_total.add(1, {{"agent_type", agent_type}, {"status", status}});
  agent_execution_duration_seconds.record(seconds, {{"agent_type", agent_type}});
}

MessageMetrics::MessageMetrics(std::string_view prefix, View<double> processing_bounds) {
  const Maker make(prefix);
  messages_sent_total = make.counter("messages_sent_total", "{message}", "Messages that were sent.");
  messages_received_total = make.counter("messages_received_total", "{message}", "Messages that were received.");
  message_processing_duration_seconds =
      make.seconds("message_processing_duration_seconds", "How long messages are worked on.", processing_bounds);
  message_queue_size = make.up_down_counter("message_queue_size", "{message}", "Messages that wait.");
  message_errors_total = make.counter("message_errors_total", "{error}", "Messages whose processing failed.");
}

HttpMetrics::HttpMetrics(std::string_view prefix, View<double> duration_bounds) {
  const Maker make(prefix);
  http_requests_total = make.counter("http_requests_total", "{request}", "HTTP requests.");
  http_request_duration_seconds =
      make.seconds("http_request_duration_seconds", "How long HTTP requests take.", duration_bounds);
  http_active_connections =
      make.up_down_counter("http_active_connections", "{connection}", "HTTP connections that are open.");
  websocket_connections =
      make.up_down_counter("websocket_connections", "{connection}", "WebSocket connections that are open.");
}

void HttpMetrics::record(std::string_view method, std::string_view path, int status, double seconds) const noexcept {
  http_requests_total.add(1, {{"method", method}, {"path", path}, {"status", std::int64_t{status}}});
  http_request_duration_seconds.record(seconds, {{"method", method}, {"path", path}});
}

SystemMetrics::SystemMetrics(std::string_view prefix, std::vector<std::string> disk_paths) {
  const Maker make(prefix);
  disk_usage_bytes = make.gauge<std::int64_t>("disk_usage_bytes", "By", "Used space of file systems.",
                                              [paths = std::move(disk_paths)](Observer<std::int64_t>& observer) {
                                                for (const std::string& path : paths) {
                                                  if (const auto bytes = sets::disk_used_bytes(path))
                                                    observer.observe(*bytes, {{"path", path}});
                                                }
                                              });
  network_bytes_total = make.sum(
      "network_bytes_total", "By", "Bytes that went through network interfaces.", [](Observer<std::int64_t>& observer) {
        for (const sets::InterfaceBytes& one : sets::network_bytes()) {
          observer.observe(one.received, {{"interface", one.name}, {"direction", "receive"}});
          observer.observe(one.transmitted, {{"interface", one.name}, {"direction", "transmit"}});
        }
      });
  file_descriptors = make.gauge<std::int64_t>("file_descriptors", "{descriptor}", "File descriptors that are open.",
                                              [](Observer<std::int64_t>& observer) {
                                                if (const auto count = sets::open_descriptors())
                                                  observer.observe(*count);
                                              });
}

ChatMetrics::ChatMetrics(std::string_view prefix) {
  const Maker make(prefix);
  agents_active = make.up_down_counter("agents_active", "{agent}", "Agents that are active.");
  agent_deploy_duration_seconds =
      make.seconds("agent_deploy_duration_seconds", "How long the deployment of agents takes.", kAgentBounds);
  chat_tokens_total = make.counter("chat_tokens_total", "{token}", "Tokens that chats used.");
  chat_duration_seconds = make.seconds("chat_duration_seconds", "How long answers of chats take.", kModelCallBounds);
  llm_calls_total = make.counter("llm_calls_total", "{call}", "Calls of language models.");
  llm_call_duration_seconds =
      make.seconds("llm_call_duration_seconds", "How long calls of language models take.", kModelCallBounds);
  llm_tokens_input_total = make.counter("llm_tokens_input_total", "{token}", "Tokens that language models were given.");
  llm_tokens_output_total = make.counter("llm_tokens_output_total", "{token}", "Tokens that language models answered.");
}

}  // namespace sextant
