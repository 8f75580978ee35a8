// What of an address is secret.
#include <algorithm>

#include "sextant/conventions.h"

namespace sextant {
namespace {

constexpr std::string_view kRedacted = "REDACTED";
constexpr std::size_t kNameBytesMax = 64;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  return out;
}

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool secret_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return false;
  const std::string key = lower(name);
  for (const std::string_view known : {"awsaccesskeyid", "sig", "auth", "authorization", "code", "x-amz-credential"}) {
    if (key == known) return true;
  }
  for (const std::string_view end : {"signature", "key", "token", "secret", "password", "passwd", "pwd"}) {
    if (ends_with(key, end)) return true;
  }
  return false;
}

void append_query(std::string& out, std::string_view query) {
  for (bool first = true; first || !query.empty(); first = false) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!first) out += '&';
    if (equals != std::string_view::npos && secret_name(pair.substr(0, equals))) {
      out.append(pair.substr(0, equals + 1)).append(kRedacted);
    } else {
      out.append(pair);
    }
    if (end == query.size()) return;
    query.remove_prefix(end + 1);
    if (query.empty()) out += '&';
  }
}

}  // namespace

std::string redacted_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return {};
  const std::size_t authority = scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
  const std::string_view host_part = url.substr(authority, path - authority);
  const std::size_t at = host_part.rfind('@');
  std::string out(url.substr(0, authority));
  if (at != std::string_view::npos) {
    const bool password = host_part.substr(0, at).find(':') != std::string_view::npos;
    out.append(kRedacted).append(password ? ":REDACTED@" : "@");
    out.append(host_part.substr(at + 1));
  } else {
    out.append(host_part);
  }
  const std::string_view rest = url.substr(path);
  const std::size_t fragment = std::min(rest.find('#'), rest.size());
  const std::size_t query = std::min(rest.find('?'), fragment);
  out.append(rest.substr(0, query));
  if (query < fragment) {
    out += '?';
    append_query(out, rest.substr(query + 1, fragment - query - 1));
  }
  return out.append(rest.substr(fragment));
}

}  // namespace sextant
