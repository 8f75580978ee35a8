// Addresses as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/result.h"
#include "sextant/transport.h"

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

/// An address as messages may show it: without user information, query and fragment. Takes any text.
std::string without_secrets(std::string_view address);

/// The value of an Authorization header for user information as an address has it (`user:password`, percent-encoded).
std::string basic_authorization(std::string_view user_info);

/// What is wrong with headers that are about to be sent: names that are no tokens (RFC 9110, 5.6.2), values with line
/// breaks or zeros. Empty: nothing.
std::string problem_of(const HttpHeaders& headers);

/// `scheme://[user@]host[:port][/path][?query]`; without a port, that of the scheme (http 80, https 443), otherwise an
/// error.
Result<Url> parse_url(std::string_view text);

}  // namespace sextant::net
