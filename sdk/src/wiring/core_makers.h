// What settings can ask for and the core itself can make.
#pragma once

#include "sextant/makers.h"

namespace sextant::wiring {

/// Fills in what is not given.
Makers with_core_makers(Makers makers);

}  // namespace sextant::wiring
