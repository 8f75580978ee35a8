#include "http/curl_handle.h"

#include <ctime>

namespace sextant::http {
namespace {

bool pending() noexcept {
  sigset_t set;
  return sigpending(&set) == 0 && sigismember(&set, SIGPIPE) == 1;
}

}  // namespace

NoSigpipe::NoSigpipe() noexcept : was_pending_(pending()) {
  sigemptyset(&pipe_);
  sigaddset(&pipe_, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
}

NoSigpipe::~NoSigpipe() {
  const timespec now{};
  if (!was_pending_ && pending()) sigtimedwait(&pipe_, nullptr, &now);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace sextant::http
