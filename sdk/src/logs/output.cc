#include "logs/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.h"
#include "logs/sigpipe.h"

namespace sextant {

namespace logs {
namespace {

constexpr std::int64_t kLookEveryNs = 1'000'000'000;
constexpr int kClosed = -1;       // instead of an error number: the SDK has stopped, which is nobody's fault
constexpr int kRestWaitMs = 100;  // for room for the rest of a line whose beginning stands

std::atomic<std::uint32_t> reopen_requests{0};

std::string reason(int error) {
  char text[128] = {};
  return strerror_r(error, text, sizeof(text));
}

}  // namespace

Output::Output(LogOutput options) : options_(std::move(options)), format_(options_) {}

Output::~Output() {
  close();
}

Result<std::unique_ptr<Output>> Output::open(LogOutput options) {
  std::unique_ptr<Output> output(new Output(std::move(options)));
  const LogOutput& o = output->options_;
  switch (o.target) {
    case LogTarget::kStdout:
      output->descriptor_ = STDOUT_FILENO;
      break;
    case LogTarget::kStderr:
      output->descriptor_ = STDERR_FILENO;
      break;
    case LogTarget::kFunction:
      if (!o.function) return Error{"a log output of kind function has no function: set LogOutput::function"};
      output->may_signal_.store(false, std::memory_order_relaxed);
      break;
    case LogTarget::kFile:
      if (o.path.empty()) return Error{"a log output of kind file has no path: set LogOutput::path"};
      output->reopened_ = reopen_requests.load(std::memory_order_relaxed);
      if (!output->open_file())
        return Error{"log file '" + o.path + "' cannot be opened: " + reason(errno) +
                     ": give the path of a file that may be written"};
  }
  return output;
}

/// Requires: the lock, or that nobody else knows this. What is open stays so where the new one cannot be opened.
bool Output::open_file() noexcept {
  // Non-blocking: a FIFO without a reader is an error, and one that is full loses lines instead of time.
  const int opened =
      ::open(options_.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  if (opened < 0) return false;
  struct stat status{};
  if (fstat(opened, &status) == 0) {
    device_ = status.st_dev;
    inode_ = status.st_ino;
    may_signal_.store(!S_ISREG(status.st_mode), std::memory_order_relaxed);
  }
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = opened;
  torn_ = false;
  return true;
}

void Output::close() noexcept {
  closed_.store(true, std::memory_order_relaxed);
  if (options_.target != LogTarget::kFile && options_.target != LogTarget::kFunction) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::string Output::name() const {
  switch (options_.target) {
    case LogTarget::kStdout:
      return "standard output";
    case LogTarget::kStderr:
      return "standard error";
    case LogTarget::kFunction:
      return "function";
    case LogTarget::kFile:
      break;
  }
  return options_.path;
}

void Output::write(const RecordView& record, std::int64_t monotonic_ns) noexcept {
  LineBuffer line;
  format_.append(line, record);
  std::optional<SigpipeHold> hold;
  if (may_signal_.load(std::memory_order_relaxed)) hold.emplace();
  int error = line.failed() ? ENOMEM : 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error == 0) error = write_line(record.severity, line.view(), monotonic_ns);
  }
  (error == 0 ? written_ : lost_).fetch_add(1, std::memory_order_relaxed);
  if (error == 0 || error == kClosed) return;
  if (error == EPIPE && hold) hold->expect();
  log_once_a_minute(LogLevel::kWarn, "lines of logs cannot be written", name() + ": " + reason(error));
}

/// Requires: the lock. An error number, 0 for none.
int Output::write_line(Severity severity, std::string_view line, std::int64_t monotonic_ns) noexcept {
  if (closed_.load(std::memory_order_relaxed)) return kClosed;
  if (options_.target == LogTarget::kFunction) {
    options_.function(severity, line.substr(0, line.size() - 1));
    return 0;
  }
  if (options_.target == LogTarget::kFile) follow_name(monotonic_ns);
  if (torn_) {
    if (const int error = write_whole("\n"); error != 0) return error;
    torn_ = false;
  }
  return write_whole(line);
}

/// Requires: the lock. Opens the file anew where that was asked for, or where its name is another file's or nobody's.
void Output::follow_name(std::int64_t monotonic_ns) noexcept {
  const std::uint32_t requests = reopen_requests.load(std::memory_order_relaxed);
  const bool asked = requests != reopened_;
  if (!asked && monotonic_ns - looked_at_ns_ < kLookEveryNs) return;
  looked_at_ns_ = monotonic_ns;
  struct stat status{};
  const bool same = stat(options_.path.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  if (asked || !same) open_file();
  reopened_ = requests;
}

/// Requires: the lock. An error number, 0 for none; a full pipe that has none of the line refuses it at once.
int Output::write_whole(std::string_view line) noexcept {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
    if (written > 0) {
      done += static_cast<std::size_t>(written);
      continue;
    }
    const int error = written == 0 ? ENOSPC : errno;
    if (error == EINTR) continue;
    if (error == EAGAIN && done > 0) {
      pollfd entry{descriptor_, POLLOUT, 0};
      if (poll(&entry, 1, kRestWaitMs) > 0) continue;
    }
    torn_ = torn_ || done > 0;
    return error;
  }
  return 0;
}

}  // namespace logs

void reopen_log_files() noexcept {
  logs::reopen_requests.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace sextant
