// sdk.sampler.*: what a decision costs by strategies that can change at any moment.
#include "bench/sampling.h"

#include <unistd.h>

#include <cstdio>

#include "bench/figures.h"
#include "sextant/remote_sampler.h"

namespace sextant::bench {
namespace {

constexpr const char* kStrategies = R"({"default_strategy": {"type": "probabilistic", "param": 0.1,
  "max_traces_per_second": 100, "operation_strategies": [
  {"operation": "agent.execute", "type": "probabilistic", "param": 0.2},
  {"operation": "message.process", "type": "ratelimiting", "param": 50}]}})";

void decide(const char* figure, Sampler& sampler, std::string_view name, int threads) {
  const SpanContext none;
  print(figure,
        ns_per_call(threads, 201, 2'000,
                    [&](int, int i) {
                      TraceId id;
                      id.bytes[9] = static_cast<std::uint8_t>(i * 37);  // a tenth of them pass
                      sampler.decide({none, id, name, SpanKind::kInternal, {}, {}});
                    }),
        "ns");
}

}  // namespace

void run_sampling() {
  char path[] = "/tmp/sextant_bench_XXXXXX";
  const int descriptor = mkstemp(path);
  std::FILE* file = fdopen(descriptor, "w");
  std::fputs(kStrategies, file);
  std::fclose(file);
  RemoteSamplerSettings settings;
  settings.file = path;
  const SamplerPtr sampler = remote_sampler(settings);
  unlink(path);
  decide("sdk.sampler.remote", *sampler, "agent.execute", 1);
  decide("sdk.sampler.remote.default", *sampler, "chat gpt-4o", 1);
  decide("sdk.sampler.remote.rate", *sampler, "message.process", 1);
  decide("sdk.sampler.remote.2t", *sampler, "agent.execute", 2);
  decide("sdk.sampler.ratio", *trace_id_ratio(0.1), "agent.execute", 1);
}

}  // namespace sextant::bench
