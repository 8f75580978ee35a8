// All loggers of the process, and what is enabled for each.
#pragma once

#include <mutex>

#include "logs/runtime.h"
#include "scope/scope_registry.h"
#include "sextant/log.h"

namespace sextant::logs {

/// The one of a scope. Lives as long as the process.
const detail::LoggerState& logger_of(const detail::ScopeInfo& scope);
/// What every logger keeps is settled anew by these rules, and so for those that are made later; null: nothing.
void apply_rules(const Runtime* runtime);
std::mutex& loggers_mutex() noexcept;  // to be held over a fork

}  // namespace sextant::logs
