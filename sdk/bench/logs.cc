// sdk.log.*: what a log record costs the thread that makes it.
#include "bench/logs.h"

#include "bench/allocations.h"
#include "bench/figures.h"
#include "sextant/sextant.h"

namespace sextant::bench {
namespace {

constexpr int kRounds = 41;
constexpr int kCalls = 10'000;

/// Takes batches and forgets them.
class Discard final : public Exporter {
 public:
  bool wants(Signal) const noexcept override { return true; }
  ExportResult send(const Batch&, const Deadline&) override { return {}; }
  std::string name() const override { return "discard"; }
};

Options options_for_logs() {
  Options options;
  options.service_name = "bench";
  options.exporters.push_back(std::make_shared<Discard>());
  options.logs.queue.items_max = 65'536;  // nothing is dropped: what is measured is recording
  return options;
}

void one_record(const Logger& logger, Severity severity, int i) {
  logger.log(severity, "request to the model has been answered",
             {{"gen_ai.operation.name", "chat"},
              {"gen_ai.request.model", "gpt-4o"},
              {"gen_ai.usage.input_tokens", 150 + i},
              {"gen_ai.request.temperature", 0.7},
              {"gen_ai.response.cached", false}});
}

void recorded(const std::string& figure, int threads) {
  auto sdk = Sdk::start(options_for_logs());
  const Logger logger = sextant::logger("bench");
  const auto flush = [&] { sdk->flush(); };
  const auto once = [&](int, int i) { one_record(logger, Severity::kInfo, i); };
  ns_per_call(threads, 3, kCalls, once, flush);
  print(figure, ns_per_call(threads, kRounds, kCalls, once, flush), "ns");
  print(figure + ".dropped", static_cast<double>(sdk->stats().logs_dropped), "records");
}

void recorded_in_span() {
  auto sdk = Sdk::start(options_for_logs());
  const Logger logger = sextant::logger("bench");
  const ScopedSpan span(sextant::tracer("bench"), "within");
  const auto once = [&](int, int i) { one_record(logger, Severity::kInfo, i); };
  print("sdk.log.in_span", ns_per_call(1, kRounds, kCalls, once, [&] { sdk->flush(); }), "ns");
}

/// Of the thread that makes the records: the SDK's own threads are idle, since the queue wakes them late.
void allocated() {
  Options options = options_for_logs();
  options.logs.queue.batch_items_max = 60'000;
  options.logs.queue.delay = std::chrono::minutes(1);
  auto sdk = Sdk::start(std::move(options));
  const Logger logger = sextant::logger("bench");
  for (int i = 0; i < kCalls; ++i) one_record(logger, Severity::kInfo, i);
  sdk->flush();
  const std::uint64_t before = allocations();
  for (int i = 0; i < kCalls; ++i) one_record(logger, Severity::kInfo, i);
  print("sdk.log.allocs", static_cast<double>(allocations() - before) / kCalls, "allocations");
}

/// What making a line and handing it over costs.
void lines(const std::string& figure, LogFormat format, LogOutput output) {
  Options options = options_for_logs();
  output.format = format;
  options.logs.outputs.push_back(std::move(output));
  options.logs.exported = false;
  auto sdk = Sdk::start(std::move(options));
  const Logger logger = sextant::logger("bench");
  print(figure, ns_per_call(1, kRounds, kCalls, [&](int, int i) { one_record(logger, Severity::kInfo, i); }), "ns");
}

LogOutput to_nobody() {
  LogOutput output;
  output.target = LogTarget::kFunction;
  output.function = [](Severity, std::string_view) {};
  return output;
}

}  // namespace

void run_logs() {
  recorded("sdk.log", 1);
  recorded("sdk.log.2t", 2);
  recorded_in_span();
  allocated();
  {
    auto sdk = Sdk::start(options_for_logs());
    const Logger logger = sextant::logger("bench");
    print("sdk.log.disabled",
          ns_per_call(1, kRounds, kCalls, [&](int, int i) { one_record(logger, Severity::kDebug, i); }), "ns");
  }
  lines("sdk.log.line.json", LogFormat::kJson, to_nobody());
  lines("sdk.log.line.text", LogFormat::kText, to_nobody());
  lines("sdk.log.line.written", LogFormat::kJson, log_output("/dev/null"));
}

}  // namespace sextant::bench
