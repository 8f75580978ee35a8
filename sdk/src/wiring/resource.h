// Who sends: the resource of everything this process records.
#pragma once

#include "export/queue_source.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

/// By OpenTelemetry's resource conventions; what the options say wins over what is detected.
exporting::EncodedResource make_resource(const Options& options);

}  // namespace sextant::wiring
