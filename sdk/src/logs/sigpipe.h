// Writing to a pipe that nobody reads, and living on.
#pragma once

#include <csignal>

namespace sextant::logs {

/// Thread-confined. As long as it lives SIGPIPE does not reach this thread, and none of that time reaches it later.
/// What the program itself has set for the signal stays as it is.
class SigpipeHold {
 public:
  SigpipeHold() noexcept;
  ~SigpipeHold();
  SigpipeHold(const SigpipeHold&) = delete;
  SigpipeHold& operator=(const SigpipeHold&) = delete;
  /// A write failed for want of a reader: there may be a signal to be taken away.
  void expect() noexcept { expected_ = true; }

 private:
  sigset_t before_{};
  bool was_pending_ = false;
  bool expected_ = false;
};

}  // namespace sextant::logs
