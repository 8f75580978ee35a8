#include "wiring/core_makers.h"

#include <utility>

#include "sextant/console.h"
#include "sextant/datadog.h"

namespace sextant::wiring {

Makers with_core_makers(Makers makers) {
  if (!makers.console) {
    makers.console = [](bool traces, bool metrics, bool logs) {
      ConsoleSettings settings;
      settings.traces = traces;
      settings.metrics = metrics;
      settings.logs = logs;
      return console(settings);
    };
  }
  if (!makers.datadog) {
    makers.datadog = [](const std::string& endpoint) {
      DatadogSettings settings;
      settings.agent = endpoint;
      return datadog(std::move(settings));
    };
  }
  return makers;
}

}  // namespace sextant::wiring
