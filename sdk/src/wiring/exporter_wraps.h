// What can be put around an exporter.
#pragma once

#include <chrono>

#include "sextant/exporter.h"

namespace sextant::wiring {

/// No attempt takes longer than that, whatever the deadline.
ExporterPtr with_timeout(ExporterPtr exporter, std::chrono::milliseconds timeout);
/// Says of each attempt what was sent, how long it took and what came of it, as a diagnostic of level kInfo.
ExporterPtr with_log(ExporterPtr exporter);

}  // namespace sextant::wiring
