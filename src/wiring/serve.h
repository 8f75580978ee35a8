// `sextant serve` as a function: the whole server, from its configuration to its last answer.
#pragma once

#include <string>

#include "wiring/config.h"

namespace sextant::wiring {

/// Runs until SIGINT or SIGTERM. Prints the line `ready {…}` on standard output when every listener is open.
/// Returns an error when the server could not start.
/// Requires: block_stop_signals() was called before any thread was started.
Result<void> serve(const FinalConfig& config, std::string_view version);

}  // namespace sextant::wiring
