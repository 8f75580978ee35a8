// A name server that never answers: the C library's lookup of one name waits until the test lets it go. To be included
// by one file of a test.
#pragma once

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>

namespace sextant::test {

struct NameGate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  int waiting = 0;
};
inline NameGate& name_gate() {
  static NameGate& gate = *new NameGate;
  return gate;
}

/// While it lives, lookups of `hangs.invalid` hang; its end waits until all of them have gone.
class HangingNames {
 public:
  HangingNames() {
    const std::lock_guard<std::mutex> lock(name_gate().mutex);
    name_gate().open = false;
  }
  ~HangingNames() {
    std::unique_lock<std::mutex> lock(name_gate().mutex);
    name_gate().open = true;
    name_gate().changed.notify_all();
    name_gate().changed.wait(lock, [] { return name_gate().waiting == 0; });
  }
  HangingNames(const HangingNames&) = delete;
  HangingNames& operator=(const HangingNames&) = delete;

  void wait_for_lookup() {
    std::unique_lock<std::mutex> lock(name_gate().mutex);
    name_gate().changed.wait(lock, [] { return name_gate().waiting > 0; });
  }
};

}  // namespace sextant::test

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  auto& gate = sextant::test::name_gate();
  const bool numeric = hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0;
  if (node != nullptr && std::strcmp(node, "hangs.invalid") == 0 && !numeric) {
    std::unique_lock<std::mutex> lock(gate.mutex);
    ++gate.waiting;
    gate.changed.notify_all();
    gate.changed.wait(lock, [&] { return gate.open; });
    --gate.waiting;
    gate.changed.notify_all();
    return EAI_AGAIN;
  }
  using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}
