// Lines that a program writes to a stream, such as std::clog, as log records.
//
//   sextant::StreamToLog clog(std::clog, sextant::logger("clog"));
//   std::clog << "warning: disk nearly full\n";       // a record of severity WARN, until `clog` goes out of scope
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <thread>

#include "sextant/log.h"

namespace sextant {

/// The severity that a line begins with: a name as parse_severity() reads it, alone, in brackets or before a colon
/// (`[warn] …`, `ERROR: …`), or a number of syslog (`<3>…`). `otherwise` where there is none.
Severity severity_of_line(std::string_view line, Severity otherwise) noexcept;

struct LogStreamOptions {
  Severity severity = Severity::kInfo;  // of lines that do not say
  /// Which severity a line has; severity_of_line() where there is none.
  std::function<Severity(std::string_view line, Severity otherwise)> severity_of;
};

/// Internally locked: several threads may write, and each has a line of its own. A line ends with its newline, or at
/// kLineBytesMax; one without an end is logged when the buffer goes.
class LogStreambuf final : public std::streambuf {
 public:
  static constexpr std::size_t kLineBytesMax = 64 * 1024;

  explicit LogStreambuf(Logger logger, LogStreamOptions options = {});
  ~LogStreambuf() override;

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;

 private:
  void take(std::string_view text);
  void log_line(std::string_view line) const;

  const Logger logger_;
  const LogStreamOptions options_;
  std::mutex mutex_;
  std::map<std::thread::id, std::string> unfinished_;
};

/// Sends what is written to a stream to a logger, for its own lifetime. Requires: the stream lives as long, and nobody
/// writes to it while this begins or ends.
class StreamToLog {
 public:
  StreamToLog(std::ostream& stream, Logger logger, LogStreamOptions options = {});
  ~StreamToLog();
  StreamToLog(const StreamToLog&) = delete;
  StreamToLog& operator=(const StreamToLog&) = delete;

 private:
  LogStreambuf buffer_;
  std::ostream& stream_;
  std::streambuf* before_;
};

}  // namespace sextant
