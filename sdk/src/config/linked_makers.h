// Makers of the components that this one was built with.
#pragma once

#include "sextant/makers.h"

namespace sextant::config {

/// Fills in what is not given: TLS of sextant::http, OTLP over gRPC of sextant::grpc.
Makers with_linked_makers(Makers makers);

}  // namespace sextant::config
