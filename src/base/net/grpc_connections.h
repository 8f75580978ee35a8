// The connections of the gRPC server, as far as they must be known to end one. Private to base/net.
//
// Why: the library (1.51) keeps a call that its client resets until a handler has seen it, and takes new ones
// meanwhile. A client that opens and resets calls without end ("rapid reset", CVE-2023-44487) would fill the memory
// that way.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/guarded.h"

namespace sextant::net_detail {

/// Internally locked.
class GrpcConnections {
 public:
  /// A connection was accepted. It takes the place of an earlier one with the same descriptor, which is closed.
  void opened(int descriptor, const sockaddr_storage& address);
  /// A call from `peer` ("127.0.0.1:53124") brought its message.
  void call_was_whole(const std::string& peer);
  /// A call was broken off before its message. After kGrpcBrokenCallsMax in a row the connection is shut down.
  void call_was_broken(const std::string& peer);

 private:
  struct Connection {
    std::string peer;
    uint32_t broken_in_a_row = 0;
  };
  struct Table {
    std::vector<Connection> by_descriptor;
    std::unordered_map<std::string, int> by_peer;

    Connection* find(const std::string& peer);
  };
  Guarded<Table> table_;
};

}  // namespace sextant::net_detail
