#include "base/net/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "base/net/address.h"
#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

union AnyAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Result<std::unique_ptr<addrinfo, void (*)(addrinfo*)>> resolve(const ListenAddress& wanted) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = wanted.host.empty() ? "::" : wanted.host;
  int failed = getaddrinfo(host.c_str(), std::to_string(wanted.port).c_str(), &hints, &found);
  if (failed != 0) return fail(ErrorCode::kInvalidArgument, "listen on {}: {}", wanted.text(), gai_strerror(failed));
  return std::unique_ptr<addrinfo, void (*)(addrinfo*)>(found, freeaddrinfo);
}

int open_socket(int family) {
  const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  return descriptor;
}

void note_bound(Listener& listener) {
  AnyAddress bound{};
  socklen_t size = sizeof(bound);
  getsockname(listener.descriptor, &bound.any, &size);
  char text[INET6_ADDRSTRLEN] = {};
  listener.is_v6 = bound.any.sa_family == AF_INET6;
  const void* raw = listener.is_v6 ? static_cast<const void*>(&bound.v6.sin6_addr) : &bound.v4.sin_addr;
  inet_ntop(bound.any.sa_family, raw, text, sizeof(text));
  listener.port = ntohs(listener.is_v6 ? bound.v6.sin6_port : bound.v4.sin_port);
  listener.address = ListenAddress{.host = text, .port = listener.port}.text();
}

}  // namespace

Result<Listener> listen_on(const std::string& address) {
  const ListenAddress wanted = TRY(parse_listen_address(address));
  const auto found = TRY(resolve(wanted));
  AnyAddress target{};
  std::memcpy(&target, found->ai_addr, found->ai_addrlen);
  socklen_t size = found->ai_addrlen;
  Listener listener{.descriptor = open_socket(found->ai_family), .address = {}};
  if (listener.descriptor < 0 && wanted.host.empty()) {  // a machine without IPv6
    target = {};
    target.v4.sin_family = AF_INET;
    target.v4.sin_port = htons(wanted.port);
    size = sizeof(target.v4);
    listener.descriptor = open_socket(AF_INET);
  }
  if (target.any.sa_family == AF_INET6) {
    const int only_v6 = wanted.host.empty() ? 0 : 1;
    setsockopt(listener.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6));
  }
  if (listener.descriptor < 0 || bind(listener.descriptor, &target.any, size) != 0 ||
      listen(listener.descriptor, kListenBacklog) != 0) {
    const int reason = errno;
    if (listener.descriptor >= 0) close(listener.descriptor);
    return fail(ErrorCode::kIo, "listen on {}: {}", wanted.text(), strerror(reason));
  }
  note_bound(listener);
  return listener;
}

bool descriptor_allowed(int descriptor) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  const uint64_t kept = std::min<uint64_t>(kDescriptorsReserved, limit.rlim_cur / 4);
  return static_cast<uint64_t>(descriptor) < limit.rlim_cur - kept;
}

}  // namespace sextant::net_detail
