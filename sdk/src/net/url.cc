#include "net/url.h"

#include <algorithm>
#include <cctype>

#include "base/base64.h"

namespace sextant::net {
namespace {

/// What cannot be read may hold a password anywhere before an '@'.
Error bad(std::string_view text, std::string_view what) {
  const std::size_t at = text.rfind('@');
  const std::string shown =
      at == std::string_view::npos ? without_secrets(text) : "***@" + without_secrets(text.substr(at + 1));
  return {"'" + shown + "' is no address: " + std::string(what) + "; one looks like http://127.0.0.1:4318"};
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

std::string without_secrets(std::string_view address) {
  const std::size_t scheme_end = address.find("://");
  const std::size_t begin = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::size_t end = std::min(address.find_first_of("?#", begin), address.size());
  const std::string_view authority = address.substr(begin, std::min(address.find('/', begin), end) - begin);
  const std::size_t at = authority.rfind('@');
  const std::size_t host = at == std::string_view::npos ? begin : begin + at + 1;
  return std::string(address.substr(0, begin)).append(address.substr(host, end - host));
}

std::string basic_authorization(std::string_view user_info) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
  std::string plain;
  for (std::size_t i = 0; i < user_info.size(); ++i) {
    const bool escaped = user_info[i] == '%' && i + 2 < user_info.size() &&
                         std::isxdigit(static_cast<unsigned char>(user_info[i + 1])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(user_info[i + 2])) != 0;
    plain += escaped ? static_cast<char>(digit(user_info[i + 1]) * 16 + digit(user_info[i + 2])) : user_info[i];
    if (escaped) i += 2;
  }
  return "Basic " + base64(plain);
}

std::string problem_of(const HttpHeaders& headers) {
  constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";
  for (const auto& [name, value] : headers) {
    const bool token = !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
      return std::isalnum(c) != 0 || kTokenSigns.find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!token) return "a header's name must consist of letters, digits and '-'";
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return "the value of the header '" + name + "' holds a line break or a zero byte";
  }
  return {};
}

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
