#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sextant::net {
namespace {

constexpr int kBacklog = 4'096;  // a connection that finds no place here is tried again a second later

struct Local {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool parse_address(const std::string& text, std::uint16_t port, Local& out) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&out.storage, &v4, out.size = sizeof(v4));
    return true;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) return false;
  std::memcpy(&out.storage, &v6, out.size = sizeof(v6));
  return true;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  // The port stands at the same place in both kinds of addresses.
  sockaddr_in v4{};
  std::memcpy(&v4, &storage, sizeof(v4));
  return ntohs(v4.sin_port);
}

Result<Listener> listen_at(const std::string& address, std::uint16_t port) {
  Local local;
  if (!parse_address(address, port, local))
    return Error{"'" + address + "' is no IP address: 127.0.0.1, ::1, or * for all addresses would be"};
  const std::string place = address + " port " + std::to_string(port);
  const auto failed = [&](const char* what) {
    return Error{std::string(what) + " " + place + ": " + std::strerror(errno)};
  };
  Listener listener{Socket(socket(local.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), 0};
  if (!listener.socket.open()) return failed("no socket for");
  const int descriptor = listener.socket.descriptor();
  const int on = 1;
  const int off = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (local.storage.ss_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&local.storage), local.size) != 0 ||
      listen(descriptor, kBacklog) != 0)
    return failed("cannot listen on");
  listener.port = port_of(descriptor);
  return listener;
}

}  // namespace

Result<Listener> listen_tcp(const std::string& address, std::uint16_t port) {
  if (address == "localhost") return listen_at("127.0.0.1", port);
  if (address != "*") return listen_at(address, port);
  Result<Listener> both = listen_at("::", port);  // takes IPv4 as well
  if (both) return both;
  Result<Listener> old = listen_at("0.0.0.0", port);  // where there is no IPv6
  return old ? std::move(old) : std::move(both);
}

}  // namespace sextant::net
