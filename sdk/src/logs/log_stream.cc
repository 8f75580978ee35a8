// Lines of a stream as log records.
#include "sextant/log_stream.h"

#include <utility>

namespace sextant {
namespace {

constexpr std::size_t kThreadsMax = 1024;  // whose lines are kept apart; beyond, a line may come in pieces

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5424, 6.2.1: emergency to alert, critical, error, warning, notice, information, debug.
constexpr Severity kOfSyslog[] = {Severity::kFatal, Severity::kFatal,          Severity::kFatal, Severity::kError,
                                  Severity::kWarn,  static_cast<Severity>(10), Severity::kInfo,  Severity::kDebug};

}  // namespace

Severity severity_of_line(std::string_view line, Severity otherwise) noexcept {
  if (line.size() > 2 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>')
    return kOfSyslog[line[1] - '0'];
  std::size_t begin = 0;
  while (begin < line.size() && (line[begin] == ' ' || line[begin] == '[' || line[begin] == '(')) ++begin;
  std::size_t end = begin;
  while (end < line.size() && is_letter_or_digit(line[end])) ++end;
  const bool bracketed =
      begin > 0 && line[begin - 1] != ' ' && end < line.size() && (line[end] == ']' || line[end] == ')');
  const bool ended = bracketed || (end < line.size() && line[end] == ':');
  const bool is_name = end > begin && !(line[begin] >= '0' && line[begin] <= '9');
  if (!ended || !is_name) return otherwise;
  const auto severity = parse_severity(line.substr(begin, end - begin));
  return severity.ok() && *severity != Severity::kOff ? *severity : otherwise;
}

LogStreambuf::LogStreambuf(Logger logger, LogStreamOptions options) : logger_(logger), options_(std::move(options)) {}

LogStreambuf::~LogStreambuf() {
  for (const auto& [thread, line] : unfinished_) log_line(line);
}

LogStreambuf::int_type LogStreambuf::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char c = traits_type::to_char_type(character);
  take({&c, 1});
  return character;
}

std::streamsize LogStreambuf::xsputn(const char* text, std::streamsize size) {
  if (size > 0) take({text, static_cast<std::size_t>(size)});
  return size;
}

void LogStreambuf::take(std::string_view text) {
  std::string line;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = unfinished_.find(std::this_thread::get_id());
    if (found != unfinished_.end()) {
      line = std::move(found->second);
      unfinished_.erase(found);
    }
  }
  // Records are made outside the lock: writing one may take time, or write to this stream again.
  while (!text.empty()) {
    const std::size_t room = kLineBytesMax - line.size();
    const std::size_t newline = text.substr(0, room).find('\n');
    const bool ends = newline != std::string_view::npos;
    const std::size_t taken = ends ? newline : text.size() < room ? text.size() : room;
    line.append(text.substr(0, taken));
    text.remove_prefix(ends ? taken + 1 : taken);
    if (!ends && line.size() < kLineBytesMax) break;
    log_line(line);
    line.clear();
  }
  if (line.empty()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (unfinished_.size() < kThreadsMax) {
      unfinished_[std::this_thread::get_id()] = std::move(line);
      return;
    }
  }
  log_line(line);
}

void LogStreambuf::log_line(std::string_view line) const {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return;
  const Severity severity =
      options_.severity_of ? options_.severity_of(line, options_.severity) : severity_of_line(line, options_.severity);
  logger_.log(severity, line);
}

StreamToLog::StreamToLog(std::ostream& stream, Logger logger, LogStreamOptions options)
    : buffer_(logger, std::move(options)), stream_(stream), before_(stream.rdbuf(&buffer_)) {}

StreamToLog::~StreamToLog() {
  stream_.rdbuf(before_);
}

}  // namespace sextant
