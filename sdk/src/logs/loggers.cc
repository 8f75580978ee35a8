#include "logs/loggers.h"

#include <memory>
#include <string_view>
#include <unordered_map>

namespace sextant {

namespace detail {
LoggerState nameless_logger;
}

namespace logs {
namespace {

using detail::LoggerState;

/// Internally locked. Never destroyed.
struct Loggers {
  std::mutex mutex;
  std::unordered_map<const detail::ScopeInfo*, std::unique_ptr<LoggerState>> by_scope;
  const Runtime* runtime = nullptr;
};

Loggers& loggers() {
  static Loggers& instance = *new Loggers;
  return instance;
}

bool fits(std::string_view pattern, std::string_view name) noexcept {
  if (pattern.empty() || pattern.back() != '*') return pattern == name;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

void apply(LoggerState& logger, const Runtime* runtime) noexcept {
  Severity least = runtime != nullptr ? runtime->least : Severity::kOff;
  bool sampled_only = runtime != nullptr && runtime->sampled_only;
  if (runtime != nullptr) {
    const std::string_view name = logger.scope != nullptr ? std::string_view(logger.scope->name) : std::string_view();
    for (const LoggerRule& rule : runtime->rules) {
      if (!fits(rule.name, name)) continue;
      least = rule.least;
      sampled_only = rule.sampled_only;
    }
  }
  logger.sampled_only.store(sampled_only, std::memory_order_relaxed);
  logger.least.store(least >= Severity::kOff ? UINT8_MAX : static_cast<std::uint8_t>(least), std::memory_order_relaxed);
}

}  // namespace

const LoggerState& logger_of(const detail::ScopeInfo& scope) {
  if (scope.index == 0) return detail::nameless_logger;
  Loggers& all = loggers();
  const std::lock_guard<std::mutex> lock(all.mutex);
  std::unique_ptr<LoggerState>& state = all.by_scope[&scope];
  if (state == nullptr) {
    state = std::make_unique<LoggerState>();
    state->scope = &scope;
    apply(*state, all.runtime);
  }
  return *state;
}

void apply_rules(const Runtime* runtime) {
  Loggers& all = loggers();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.runtime = runtime;
  apply(detail::nameless_logger, runtime);
  for (auto& [scope, state] : all.by_scope) apply(*state, runtime);
}

std::mutex& loggers_mutex() noexcept {
  return loggers().mutex;
}

}  // namespace logs
}  // namespace sextant
