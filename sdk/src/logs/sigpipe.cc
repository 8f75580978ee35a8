#include "logs/sigpipe.h"

#include <pthread.h>

#include <ctime>

namespace sextant::logs {
namespace {

sigset_t only_sigpipe() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

SigpipeHold::SigpipeHold() noexcept {
  const sigset_t set = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  if (sigismember(&before_, SIGPIPE) != 1) return;
  sigset_t pending;
  was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

SigpipeHold::~SigpipeHold() {
  if (expected_ && !was_pending_) {
    const sigset_t set = only_sigpipe();
    const timespec now{0, 0};
    sigtimedwait(&set, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace sextant::logs
