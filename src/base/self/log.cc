#include "base/self/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <unordered_map>

#include "base/core/guarded.h"
#include "base/self/metrics.h"

namespace sextant {
namespace {

/// A message is written this often in a window; what comes beyond is counted and said when the next window opens.
constexpr uint32_t kRepeatsMax = 10;
constexpr uint64_t kWindowNanos = 10 * kNanosPerSecond;
/// Messages are constants of the program; the bound only guards against one built at run time by mistake.
constexpr size_t kMessagesMax = 4096;

struct Window {
  uint64_t opened_steady_nanos = 0;
  uint32_t written = 0;
  uint64_t suppressed = 0;
};

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\n\r\t") != std::string_view::npos;
}

/// key=value, the value quoted and escaped when it would not stand alone on its line.
void append_field(std::string& line, const LogField& field) {
  fmt::format_to(std::back_inserter(line), " {}=", field.key);
  if (!needs_quotes(field.value)) {
    line.append(field.value);
    return;
  }
  line.push_back('"');
  for (char c : field.value) {
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  line.push_back('"');
}

}  // namespace

struct Log::Impl {
  const Clock& clock;
  Counter& suppressed;
  spdlog::logger logger;
  Guarded<std::unordered_map<std::string, Window>> windows;

  /// True when the message may be written now; `missed` is how many were held back in the window before.
  bool admit(std::string_view message, uint64_t& missed) {
    const uint64_t now = clock.steady_nanos();
    auto all = windows.lock();
    if (all->size() >= kMessagesMax) all->clear();
    Window& window = (*all)[std::string(message)];
    if (window.written == 0 || now - window.opened_steady_nanos > kWindowNanos) {
      missed = window.suppressed;
      window = {now, 0, 0};
    }
    if (++window.written <= kRepeatsMax) return true;
    ++window.suppressed;
    return false;
  }
};

Log::Log(const Clock& clock, Metrics& metrics, LogLevel least)
    : impl_(new Impl{clock,
                     metrics.counter(Metric::kLogSuppressed),
                     spdlog::logger("sextant", std::make_shared<spdlog::sinks::stderr_sink_mt>()),
                     {}}) {
  impl_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  impl_->logger.set_level(level_of(least));
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, Fields fields) {
  if (!impl_->logger.should_log(level_of(level))) return;
  uint64_t missed = 0;
  if (!impl_->admit(message, missed)) {
    impl_->suppressed.add();
    return;
  }
  std::string line(message);
  for (const LogField& field : fields) append_field(line, field);
  if (missed > 0) append_field(line, {"suppressed_before", missed});
  impl_->logger.log(level_of(level), "{}", line);
}

}  // namespace sextant
