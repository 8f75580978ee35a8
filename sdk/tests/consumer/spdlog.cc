// A program whose log is spdlog's.
#include <sextant/spdlog.h>
#include <spdlog/spdlog.h>

#include <memory>

int main() {
  spdlog::default_logger()->sinks().push_back(std::make_shared<sextant::SpdlogSink>());
  spdlog::info("started");
  return 0;
}
