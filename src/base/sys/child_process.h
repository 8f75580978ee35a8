// Other programs started and watched from this one: what benchmarks and tests of the whole server need.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/sys/process.h"

namespace sextant {

/// A program that was started. Thread-confined resource: when destroyed it is killed and waited for.
class ChildProcess {
 public:
  /// `arguments[0]` is the path of the program. Its standard output is read here; standard error is shared.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  int pid() const { return pid_; }
  /// The next line of its standard output, without the line end. Errors: kDeadlineExceeded; kUnavailable when it closed
  /// its output.
  Result<std::string> read_line(uint32_t timeout_ms);
  /// SIGTERM, then SIGKILL when it has not ended in time. Returns the exit status, or 128 + signal.
  int stop(uint32_t timeout_ms);
  /// SIGKILL, as a crash would end it; returns when it is gone.
  void kill_now();

 private:
  ChildProcess(int pid, int output) : pid_(pid), output_(output) {}
  int wait_for(uint32_t timeout_ms);
  int pid_;
  int output_;
  std::string buffer_;  // read but not yet handed out
};

/// What another process has used so far, from /proc. `resident_peak_bytes` is the kernel's VmHWM.
Result<ProcessUse> process_use_of(int pid);

/// The path of this program's file.
Result<std::string> own_program();

/// Confines this thread, and threads and programs started from it later, to one core.
Result<void> pin_to_core(uint32_t core);

/// CPU time that this thread has used, nanoseconds.
uint64_t thread_cpu_nanos();

}  // namespace sextant
