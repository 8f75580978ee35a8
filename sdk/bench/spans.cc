// sdk.span.*: what a span costs the thread that makes it.
#include "bench/spans.h"

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

Options options_with(SamplerPtr sampler) {
  Options options;
  options.service_name = "bench";
  options.exporters.push_back(std::make_shared<Discard>());
  options.sampler = std::move(sampler);
  options.span_queue.items_max = 65'536;  // nothing is dropped: what is measured is recording
  return options;
}

void one_span(const Tracer& tracer, int i) {
  Span span = tracer.start("chat gpt-4o");
  span.set("gen_ai.operation.name", "chat");
  span.set("gen_ai.request.model", "gpt-4o");
  span.set("gen_ai.usage.input_tokens", 150 + i);
  span.set("gen_ai.request.temperature", 0.7);
  span.set("gen_ai.response.cached", false);
}

void recorded(const std::string& figure, int threads) {
  auto sdk = Sdk::start(options_with(always_on()));
  const Tracer tracer = sextant::tracer("bench");
  const auto flush = [&] { sdk->flush(); };
  ns_per_call(threads, 3, kCalls, [&](int, int i) { one_span(tracer, i); }, flush);
  const double ns = ns_per_call(threads, kRounds, kCalls, [&](int, int i) { one_span(tracer, i); }, flush);
  print(figure, ns, "ns");
  print(figure + ".dropped", static_cast<double>(sdk->stats().spans_dropped), "spans");
}

/// Of the thread that makes the spans: the SDK's own threads are idle, since the queue wakes them late.
void allocated() {
  Options options = options_with(always_on());
  options.span_queue.batch_items_max = 60'000;
  auto sdk = Sdk::start(std::move(options));
  const Tracer tracer = sextant::tracer("bench");
  for (int i = 0; i < kCalls; ++i) one_span(tracer, i);
  sdk->flush();
  const std::uint64_t before = allocations();
  for (int i = 0; i < kCalls; ++i) one_span(tracer, i);
  print("sdk.span.allocs", static_cast<double>(allocations() - before) / kCalls, "allocations");
}

}  // namespace

void run_spans() {
  print("sdk.span.disabled",
        ns_per_call(1, kRounds, kCalls, [tracer = sextant::tracer("bench")](int, int i) { one_span(tracer, i); }),
        "ns");
  recorded("sdk.span.1t", 1);
  recorded("sdk.span.2t", 2);
  allocated();
  {
    auto sdk = Sdk::start(options_with(always_off()));
    const Tracer tracer = sextant::tracer("bench");
    print("sdk.span.sampled_out", ns_per_call(1, kRounds, kCalls, [&](int, int i) { one_span(tracer, i); }), "ns");
  }
}

}  // namespace sextant::bench
