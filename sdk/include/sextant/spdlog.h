// spdlog's messages as log records. Header-only; needs spdlog 1.9 or later: link sextant::spdlog.
//
//   spdlog::default_logger()->sinks().push_back(std::make_shared<sextant::SpdlogSink>());
#pragma once

#include <spdlog/common.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "sextant/log.h"

namespace sextant {

inline Severity severity_of(spdlog::level::level_enum level) noexcept {
  switch (level) {
    case spdlog::level::trace:
      return Severity::kTrace;
    case spdlog::level::debug:
      return Severity::kDebug;
    case spdlog::level::info:
      return Severity::kInfo;
    case spdlog::level::warn:
      return Severity::kWarn;
    case spdlog::level::err:
      return Severity::kError;
    default:
      return Severity::kFatal;
  }
}

/// Internally locked. A record has the message as its body, spdlog's time, the spdlog logger's name as its scope, and
/// as attributes the thread (`thread.id`) and, where it is known, the place in the code (`code.file.path`,
/// `code.line.number`, `code.function.name`). spdlog's patterns have no effect.
class SpdlogSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    const Logger logger = logger_named({message.logger_name.data(), message.logger_name.size()});
    const Severity severity = severity_of(message.level);
    if (!logger.enabled(severity)) return;
    const Attribute attributes[] = {{"thread.id", message.thread_id},
                                    {"code.file.path", message.source.filename},
                                    {"code.line.number", message.source.line},
                                    {"code.function.name", message.source.funcname}};
    logger.emit(LogEntry(severity, std::string_view(message.payload.data(), message.payload.size()))
                    .attributes({attributes, message.source.empty() ? std::size_t{1} : std::size_t{4}})
                    .time(std::chrono::time_point_cast<std::chrono::nanoseconds>(message.time)));
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  Logger logger_named(std::string_view name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = loggers_.find(name);
    if (found != loggers_.end()) return found->second;
    return loggers_.emplace(std::string(name), sextant::logger(name)).first->second;
  }

  std::mutex mutex_;
  std::map<std::string, Logger, std::less<>> loggers_;
};

}  // namespace sextant
