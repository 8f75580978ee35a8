// Who sends: the resource of everything this process records.
#pragma once

#include <string>

#include "export/queue_source.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

/// By OpenTelemetry's resource conventions; what the options say wins over what is detected.
exporting::EncodedResource make_resource(const Options& options);

/// Its service.name.
std::string service_name(const Options& options);

}  // namespace sextant::wiring
