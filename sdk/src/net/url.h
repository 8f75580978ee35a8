// Addresses as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/result.h"

namespace sextant::net {

struct Url {
  std::string scheme;     // lower case
  std::string user_info;  // as written, without the '@'
  std::string host;       // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target;  // path and query; at least "/"

  /// host:port as a Host header has it.
  std::string authority() const;
};

/// `scheme://[user@]host[:port][/path][?query]`; without a port, that of the scheme (http 80, https 443), otherwise an
/// error.
Result<Url> parse_url(std::string_view text);

}  // namespace sextant::net
