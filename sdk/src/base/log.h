// What the SDK itself has to say: to standard error, or to a function of the program's.
#pragma once

#include <string_view>

#include "sextant/diagnostics.h"

namespace sextant {

void log(LogLevel level, std::string_view message, std::string_view details = {}) noexcept;
/// The same message with the same details at most once a minute; how many were left out is said with the next one.
void log_once_a_minute(LogLevel level, std::string_view message, std::string_view details = {}) noexcept;

/// Around fork(), so that the child does not find the log locked by a thread it does not have.
void lock_log_for_fork() noexcept;
void unlock_log_after_fork() noexcept;

}  // namespace sextant
