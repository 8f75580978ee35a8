// Addresses to listen on, as users write them: "127.0.0.1:8420", "[::1]:8420", "localhost:8420", ":8420".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant {

/// Value. `host` without brackets; "" means every interface.
struct ListenAddress {
  std::string host;
  uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
  /// "127.0.0.1:8420"; IPv6 in brackets.
  std::string text() const;
};

/// Errors: kInvalidArgument.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// True for 127.0.0.0/8, ::1 (also IPv4 within IPv6) and the name localhost.
bool is_loopback_host(std::string_view host);

}  // namespace sextant
