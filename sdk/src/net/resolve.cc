#include "net/resolve.h"

#include <netdb.h>
#include <poll.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "base/thread_name.h"
#include "base/waker.h"
#include "net/socket.h"

namespace sextant::net {
namespace {

std::atomic<int> lookups{0};

Result<std::vector<Address>> look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (failure != 0) return Error{gai_strerror(failure)};
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address address{};
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

/// Shared by the thread that asks and the one that looks up; whoever leaves last destroys it.
struct Lookup {
  std::mutex mutex;
  Result<std::vector<Address>> answer = Error{"timed out"};
  Waker done;
};

}  // namespace

Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, const Deadline& deadline) {
  const std::string service = std::to_string(port);
  if (auto numeric = look_up(host, service, AI_NUMERICHOST | AI_NUMERICSERV)) return numeric;
  if (lookups.fetch_add(1) >= kLookupsMax) {
    lookups.fetch_sub(1);
    return Error{"looking up '" + host + "' takes too long"};
  }
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, service] {
    name_thread("sextant_lookup");
    auto answer = look_up(host, service, AI_NUMERICSERV);
    {
      const std::lock_guard<std::mutex> lock(lookup->mutex);
      lookup->answer = std::move(answer);
    }
    lookup->done.wake();
    lookups.fetch_sub(1);
  }).detach();
  wait_ready(lookup->done.descriptor(), POLLIN, deadline);
  const std::lock_guard<std::mutex> lock(lookup->mutex);
  if (!lookup->answer) return Error{"looking up '" + host + "': " + lookup->answer.error()};
  return lookup->answer;
}

}  // namespace sextant::net
