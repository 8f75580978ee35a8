// Threads that are started while the program runs, where there may be none to be had.
#pragma once

#include <functional>

namespace sextant {

/// Runs `body` on a thread of its own, which nobody joins. False where the system gives none, as std::thread cannot say
/// without an exception.
bool run_detached(std::function<void()> body);

}  // namespace sextant
