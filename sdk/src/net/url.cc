#include "net/url.h"

#include <algorithm>
#include <cctype>

namespace sextant::net {
namespace {

Error bad(std::string_view text, std::string_view what) {
  return {"'" + std::string(text) + "' is no address: " + std::string(what) + "; one looks like http://127.0.0.1:4318"};
}

std::uint16_t port_of(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 0;
}

/// 1 to 65535; 0 where the text is no such number.
std::uint16_t parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return 0;
  unsigned port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port <= UINT16_MAX ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  if (!plain(text)) return bad(text, "it holds spaces or control characters");
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return bad(text, "it has no scheme");
  for (const char c : text.substr(0, colon))
    url.scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view rest = text.substr(colon + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  url.target = std::string(rest.substr(path, rest.find('#', path) - path));
  if (url.target.empty() || url.target[0] != '/') url.target.insert(0, "/");
  rest = rest.substr(0, path);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    url.user_info = std::string(rest.substr(0, at));
    rest = rest.substr(at + 1);
  }
  const std::size_t bracket = rest.empty() || rest[0] != '[' ? std::string_view::npos : rest.find(']');
  const std::size_t host_end = bracket != std::string_view::npos ? bracket + 1 : std::min(rest.find(':'), rest.size());
  url.host = std::string(bracket != std::string_view::npos ? rest.substr(1, bracket - 1) : rest.substr(0, host_end));
  if (url.host.empty() || url.host.find('[') != std::string::npos) return bad(text, "it has no host");
  if (host_end == rest.size()) {
    url.port = port_of(url.scheme);
    if (url.port == 0) return bad(text, "it has no port, and '" + url.scheme + "' has none of its own");
  } else {
    url.port = rest[host_end] == ':' ? parse_port(rest.substr(host_end + 1)) : std::uint16_t{0};
    if (url.port == 0) return bad(text, "its port is no number from 1 to 65535");
  }
  return url;
}

}  // namespace sextant::net
