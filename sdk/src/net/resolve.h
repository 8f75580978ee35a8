// Names to addresses, without waiting longer than asked: the C library's resolver cannot be called off.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sextant/exporter.h"
#include "sextant/result.h"

namespace sextant::net {

struct Address {
  sockaddr_storage storage;
  socklen_t size;
};

/// Never empty where it succeeds. A name is looked up on a thread of its own, which is left behind where it takes too
/// long, at most kLookupsMax at a time; an address in numbers is not looked up.
Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, const Deadline& deadline);

inline constexpr int kLookupsMax = 4;

}  // namespace sextant::net
