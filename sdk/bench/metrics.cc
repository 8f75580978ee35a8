// sdk.counter.*, sdk.histogram.*: what a measurement costs the thread that makes it.
#include "bench/metrics.h"

#include "bench/allocations.h"
#include "bench/figures.h"
#include "sextant/sextant.h"

namespace sextant::bench {
namespace {

constexpr int kRounds = 41;
constexpr int kCalls = 10'000;

Options quiet_options() {
  Options options;
  options.service_name = "bench";
  options.metrics.interval = std::chrono::hours(1);
  return options;
}

/// The figure on one thread and on two, and what one call allocates.
template <class Once>
void measured(const std::string& figure, Once once) {
  for (const int threads : {1, 2}) {
    ns_per_call(threads, 3, kCalls, once);
    print(figure + (threads == 1 ? ".1t" : ".2t"), ns_per_call(threads, kRounds, kCalls, once), "ns");
  }
  const std::uint64_t before = allocations();
  for (int i = 0; i < kCalls; ++i) once(0, i);
  print(figure + ".allocs", static_cast<double>(allocations() - before) / kCalls, "allocations");
}

double latency_of(int i) {
  return static_cast<double>(i & 4095) * 2.5;
}

void run_running() {
  auto sdk = Sdk::start(quiet_options());
  const Meter meter = sextant::meter("bench");
  const auto counter = meter.counter("bench.calls", {"{call}"});
  const auto histogram = meter.histogram("bench.latency", {"ms"});
  const auto level = meter.gauge("bench.level");
  measured("sdk.counter.labels", [&](int, int i) {
    counter.add(1, {{"gen_ai.operation.name", "chat"},
                    {"gen_ai.request.model", (i & 1) == 0 ? "gpt-4o" : "claude-sonnet"},
                    {"http.response.status_code", 200 + (i & 3)}});
  });
  const auto bound_counter = counter.bind({{"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "gpt-4o"}});
  measured("sdk.counter.bound", [&](int, int) { bound_counter.add(1); });
  measured("sdk.histogram.labels", [&](int, int i) {
    histogram.record(latency_of(i), {{"gen_ai.operation.name", "chat"},
                                     {"gen_ai.request.model", (i & 1) == 0 ? "gpt-4o" : "claude-sonnet"},
                                     {"http.response.status_code", 200 + (i & 3)}});
  });
  const auto bound_histogram = histogram.bind({{"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "gpt-4o"}});
  measured("sdk.histogram.bound", [&](int, int i) { bound_histogram.record(latency_of(i)); });
  {
    const auto span = tracer("bench").start("work");
    const Scope scope(span);
    measured("sdk.counter.bound.in_span", [&](int, int) { bound_counter.add(1); });
    measured("sdk.histogram.bound.in_span", [&](int, int i) { bound_histogram.record(latency_of(i)); });
  }
  measured("sdk.gauge.labels", [&](int, int i) { level.set(latency_of(i), {{"queue", "inbox"}}); });
}

void run_exponential() {
  Options options = quiet_options();
  options.metrics.histogram_aggregation = Aggregation::kExponentialHistogram;
  auto sdk = Sdk::start(std::move(options));
  const auto bound = meter("bench").histogram("bench.latency", {"ms"}).bind({{"gen_ai.request.model", "gpt-4o"}});
  measured("sdk.histogram.exponential.bound", [&](int, int i) { bound.record(latency_of(i)); });
}

/// A collection of 2,000 histogram points and its request.
void run_collection() {
  auto sdk = Sdk::start(quiet_options());
  const auto histogram = meter("bench").histogram("bench.latency", {"ms"});
  for (int i = 0; i < 1'999; ++i) histogram.record(latency_of(i), {{"agent.id", i}});
  const auto flush = [&](int, int) { sdk->flush(); };
  print("sdk.metrics.collect", ns_per_call(1, 21, 5, flush) / 1e6, "ms");
  print("sdk.metrics.prometheus", ns_per_call(1, 21, 5, [&](int, int) { prometheus_text(); }) / 1e6, "ms");
}

}  // namespace

void run_metrics() {
  const auto counter = meter("bench").counter("bench.calls", {"{call}"});
  const auto bound = counter.bind({{"gen_ai.operation.name", "chat"}});
  print("sdk.counter.disabled",
        ns_per_call(1, kRounds, kCalls,
                    [&](int, int i) {
                      counter.add(1, {{"gen_ai.operation.name", "chat"}, {"http.response.status_code", 200 + (i & 3)}});
                    }),
        "ns");
  print("sdk.counter.bound.disabled", ns_per_call(1, kRounds, kCalls, [&](int, int) { bound.add(1); }), "ns");
  run_running();
  run_exponential();
  run_collection();
}

}  // namespace sextant::bench
