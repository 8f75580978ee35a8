// A port that is listened on.
#pragma once

#include <cstdint>
#include <string>

#include "net/socket.h"
#include "sextant/result.h"

namespace sextant::net {

struct Listener {
  Socket socket;  // does not block
  std::uint16_t port = 0;
};

/// `address` is an IP address, "localhost", or "*" for all addresses of this machine; port 0 takes a free one.
Result<Listener> listen_tcp(const std::string& address, std::uint16_t port);

}  // namespace sextant::net
