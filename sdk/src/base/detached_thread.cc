#include "base/detached_thread.h"

#include <pthread.h>

#include <memory>
#include <utility>

namespace sextant {
namespace {

void* run(void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

bool run_detached(std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread{};
  const bool started = pthread_create(&thread, &attributes, run, owned.get()) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) return false;
  static_cast<void>(owned.release());  // the thread's
  return true;
}

}  // namespace sextant
