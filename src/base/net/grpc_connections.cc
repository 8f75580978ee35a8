#include "base/net/grpc_connections.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

/// As the library names peers, without the scheme; "" for what is no internet address.
std::string peer_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
  }
  if (address.ss_family != AF_INET6) return {};
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof(v6));
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) != 0;
  inet_ntop(mapped ? AF_INET : AF_INET6, v6.sin6_addr.s6_addr + (mapped ? 12 : 0), text.data(), text.size());
  return fmt::format("{}{}{}:{}", mapped ? "" : "[", text.data(), mapped ? "" : "]", ntohs(v6.sin6_port));
}

std::string peer_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return peer_text(address);
}

}  // namespace

GrpcConnections::Connection* GrpcConnections::Table::find(const std::string& peer) {
  const auto found = by_peer.find(peer);
  return found == by_peer.end() ? nullptr : &by_descriptor[static_cast<size_t>(found->second)];
}

void GrpcConnections::opened(int descriptor, const sockaddr_storage& address) {
  const auto index = static_cast<size_t>(descriptor);
  auto table = table_.lock();
  if (index >= table->by_descriptor.size()) table->by_descriptor.resize(index + 1);
  Connection& connection = table->by_descriptor[index];
  const auto before = table->by_peer.find(connection.peer);
  if (before != table->by_peer.end() && before->second == descriptor) table->by_peer.erase(before);
  connection = {.peer = peer_text(address)};
  table->by_peer[connection.peer] = descriptor;
}

void GrpcConnections::call_was_whole(const std::string& peer) {
  auto table = table_.lock();
  if (Connection* connection = table->find(peer)) connection->broken_in_a_row = 0;
}

void GrpcConnections::call_was_broken(const std::string& peer) {
  auto table = table_.lock();
  Connection* connection = table->find(peer);
  if (connection == nullptr || ++connection->broken_in_a_row < kGrpcBrokenCallsMax) return;
  connection->broken_in_a_row = 0;
  // The library owns the descriptor and may have closed it since: whoever has it now keeps it, unless it is the same.
  const int descriptor = table->by_peer[peer];
  if (peer_of(descriptor) == peer) shutdown(descriptor, SHUT_RDWR);
}

}  // namespace sextant::net_detail
