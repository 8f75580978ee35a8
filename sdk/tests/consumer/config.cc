// A program that is configured by a file.
#include <sextant/config.h>

#include <cstdio>

int main() {
  const auto loaded = sextant::load_text("observability: {tracing: true, endpoint: 'collector:4317'}",
                                         sextant::FileFormat::kYaml, "consumer");
  if (!loaded) return std::puts(loaded.error().c_str()), 1;
  std::puts(loaded->options.exporters.at(0)->name().c_str());
  return 0;
}
