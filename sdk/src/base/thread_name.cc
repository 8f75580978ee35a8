#include "base/thread_name.h"

#include <pthread.h>

namespace sextant {

void name_thread(const char* name) noexcept {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace sextant
