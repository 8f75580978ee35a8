// What a thread holds is given back when the thread ends.
#pragma once

#include <pthread.h>

namespace sextant {

/// kEnd is called with `state` at the end of this thread, even after its thread-local objects have been destroyed. It
/// may be registered anew by what runs still later. Where the system has no more keys nothing is called.
template <void (*kEnd)(void*)>
void at_thread_end(void* state) noexcept {
  struct Key {
    pthread_key_t value{};
    bool made = pthread_key_create(&value, kEnd) == 0;
  };
  static const Key key;
  if (key.made) pthread_setspecific(key.value, state);
}

}  // namespace sextant
