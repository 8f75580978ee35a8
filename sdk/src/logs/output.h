// Where lines are written.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

#include "logs/line_format.h"
#include "logs/record_view.h"
#include "sextant/log_output.h"
#include "sextant/result.h"

namespace sextant::logs {

struct LineCounts {
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
};

/// Internally locked: a line is made outside the lock, and written within it.
class Output {
 public:
  /// An error says what is wrong with the options, or why the file cannot be opened.
  static Result<std::unique_ptr<Output>> open(LogOutput options);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  bool wants(Severity severity) const noexcept { return severity >= options_.least; }
  void write(const RecordView& record, std::int64_t monotonic_ns) noexcept;
  /// What comes later is lost, and counted. Waits for a function that is being called, not for a pipe that is full.
  void close() noexcept;
  LineCounts counts() const noexcept {
    return {written_.load(std::memory_order_relaxed), lost_.load(std::memory_order_relaxed)};
  }
  /// In the child of a fork: the thread that held the lock is not there.
  void renew_in_child() noexcept { new (&mutex_) std::mutex; }

 private:
  explicit Output(LogOutput options);
  bool open_file() noexcept;
  void follow_name(std::int64_t monotonic_ns) noexcept;
  int write_line(Severity severity, std::string_view line, std::int64_t monotonic_ns) noexcept;
  int write_whole(std::string_view line) noexcept;
  std::string name() const;

  const LogOutput options_;
  const LineFormat format_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> may_signal_{true};  // SIGPIPE: not a regular file
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;
  // Guarded by the mutex.
  int descriptor_ = -1;
  bool torn_ = false;  // the last line could be written in part only
  dev_t device_ = 0;   // of the file that is open
  ino_t inode_ = 0;
  std::int64_t looked_at_ns_ = 0;  // at the file's name, monotonic
  std::uint32_t reopened_ = 0;     // which of the requests has been followed
};

}  // namespace sextant::logs
