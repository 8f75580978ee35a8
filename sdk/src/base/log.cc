#include "base/log.h"

#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace sextant {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::size_t kMessagesMax = 256;  // that are remembered; more would be messages made from data

struct Told {
  std::int64_t at_ns = 0;
  std::uint64_t left_out = 0;
};

/// Internally locked. Never destroyed.
struct Diagnostics {
  std::mutex mutex;
  DiagnosticHandler handler;
  std::map<std::string, Told, std::less<>> told;
  std::atomic<LogLevel> level{LogLevel::kWarn};
};

Diagnostics& diagnostics() {
  static Diagnostics& instance = *new Diagnostics;
  return instance;
}

const char* name_of(LogLevel level) {
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error", ""};
  return kNames[static_cast<std::size_t>(level)];
}

void tell(Diagnostics& to, LogLevel level, const std::string& line) {
  if (to.handler) return to.handler(level, line);
  std::fprintf(stderr, "sextant: %s: %s\n", name_of(level), line.c_str());
}

std::string line_of(std::string_view message, std::string_view details) {
  std::string line(message);
  if (!details.empty()) line.append(": ").append(details);
  return line;
}

}  // namespace

void set_diagnostic_handler(DiagnosticHandler handler) {
  Diagnostics& all = diagnostics();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.handler = std::move(handler);
}

void set_diagnostic_level(LogLevel level) noexcept {
  diagnostics().level.store(level, std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view message, std::string_view details) noexcept {
  Diagnostics& all = diagnostics();
  if (level < all.level.load(std::memory_order_relaxed)) return;
  const std::lock_guard<std::mutex> lock(all.mutex);
  tell(all, level, line_of(message, details));
}

void log_once_a_minute(LogLevel level, std::string_view message, std::string_view details) noexcept {
  Diagnostics& all = diagnostics();
  if (level < all.level.load(std::memory_order_relaxed)) return;
  std::string line = line_of(message, details);
  const std::int64_t now = monotonic_ns();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.told.size() >= kMessagesMax) all.told.clear();
  Told& told = all.told[line];
  if (told.at_ns != 0 && now - told.at_ns < kMinuteNs) {
    ++told.left_out;
    return;
  }
  if (told.left_out > 0) line += " (and " + std::to_string(told.left_out) + " times since the last such message)";
  told = {now, 0};
  tell(all, level, line);
}

void lock_log_for_fork() noexcept {
  diagnostics().mutex.lock();
}
void unlock_log_after_fork() noexcept {
  diagnostics().mutex.unlock();
}

}  // namespace sextant
