// Opening a listening socket, for both servers. Private to base/net.
#pragma once

#include <cstdint>
#include <string>

#include "base/core/result.h"

namespace sextant::net_detail {

/// Owned by whoever takes `descriptor`.
struct Listener {
  int descriptor = -1;
  bool is_v6 = false;
  std::string address;  // "127.0.0.1:8420", with the real port
  uint16_t port = 0;
};

/// Listens on host:port; without a host on every interface of both families. Errors: kInvalidArgument, kIo.
Result<Listener> listen_on(const std::string& address);

/// False when a connection with this descriptor would use up what is kept for the store and for everything else: the
/// kernel gives out the lowest free number, so a high number means that many are open.
bool descriptor_allowed(int descriptor);

}  // namespace sextant::net_detail
