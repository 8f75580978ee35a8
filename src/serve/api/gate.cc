#include "serve/api/gate.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sextant::serve {
namespace {

/// "localhost:8420" → "localhost", "[::1]:8420" → "::1".
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view name) {
  const std::string text(name);
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

bool Gate::knows_host(std::string_view name) const {
  return is_address(name) || equal_without_case(name, "localhost") ||
         std::ranges::any_of(hosts_, [&](const std::string& host) { return equal_without_case(host, name); });
}

std::optional<Problem> Gate::check_origin(const HttpHead& head) const {
  const std::string_view host = head.headers.get("Host");
  if (head.headers.count("Host") != 1 || !knows_host(name_in(host))) {
    return Problem(
        403, "permission_denied",
        fmt::format("this server does not answer to the name \"{}\"; ask for localhost or an address, or add "
                    "the name to http.allowed_hosts",
                    host));
  }
  if (!head.headers.has("Origin")) return std::nullopt;
  const std::string_view origin = head.headers.get("Origin");
  const std::string own = fmt::format("{}://{}", head.encrypted ? "https" : "http", host);
  if (head.headers.count("Origin") == 1 && equal_without_case(origin, own)) return std::nullopt;
  return Problem(403, "permission_denied",
                 fmt::format("requests from pages of \"{}\" are refused; only this server's own page may ask", origin));
}

std::optional<Problem> Gate::check_token(const HttpHead& head) const {
  if (!authorize_ || authorize_(head.headers.get("Authorization"))) return std::nullopt;
  return Problem(401, "unauthenticated", "a token is needed: send the header \"Authorization: Bearer TOKEN\"");
}

}  // namespace sextant::serve
