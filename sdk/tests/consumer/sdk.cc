// The smallest program that is observed.
#include <sextant/in_memory.h>
#include <sextant/sextant.h>

int main() {
  sextant::Options options;
  options.service_name = "consumer";
  options.exporters.push_back(std::make_shared<sextant::InMemoryExporter>());
  auto sdk = sextant::Sdk::start(std::move(options));
  if (!sdk) return 1;
  sextant::tracer("main").start("work", {{"answer", 42}});
  return sdk->stats().spans_ended == 1 ? 0 : 2;
}
