#include "wiring/scalars.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "base/characters.h"
#include "net/url.h"

namespace sextant::wiring {
namespace {

constexpr std::uint16_t kOtlpHttpPort = 4318;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = c | 32;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Unit {
  std::string_view name;
  double ms;
};
constexpr Unit kUnits[] = {{"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};

/// One number with its unit from the beginning of the text, which it is taken off; negative: there is none.
double take_duration_part(std::string_view& text) noexcept {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
  const std::string_view unit = text.substr(digits, end - digits);
  const auto known = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == unit; });
  const Result<double> number = parse_number(text.substr(0, digits), 0, 1e15);
  if (known == std::end(kUnits) || !number) return -1;
  text.remove_prefix(end);
  return *number * known->ms;
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view part = trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<std::uint64_t> parse_integer(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return Error{"takes a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
  return value;
}

Result<double> parse_number(std::string_view text, double least, double most) {
  const Error wrong{"takes a number from " + shown(least) + " to " + shown(most)};
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return wrong;
  if (value < least || value > most) return wrong;
  return value;
}

Result<Milliseconds> parse_duration(std::string_view text) {
  const Error wrong{"takes a duration with its unit, such as 500ms, 60s or 1m30s, of at most 240h"};
  if (text.empty()) return wrong;
  double total = 0;
  while (!text.empty()) {
    const double part = take_duration_part(text);
    if (part < 0) return wrong;
    total += part;
  }
  if (total > static_cast<double>(kDurationMax.count())) return wrong;
  // Why rounded up: what is shorter than a millisecond is short, and not nothing.
  return Milliseconds(static_cast<std::int64_t>(std::ceil(total - 1e-9)));
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) return Error{"has a '%' that two hexadecimal digits do not follow"};
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

Result<std::vector<ResourceAttribute>> parse_pairs(std::string_view text) {
  std::vector<ResourceAttribute> pairs;
  std::size_t position = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++position;
    if (pair.empty()) continue;
    const std::string at = "entry " + std::to_string(position);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)).empty())
      return Error{at + " is not of the form key=value"};
    const Result<std::string> key = percent_decode(trim(pair.substr(0, equals)));
    if (!key) return Error{at + " " + key.error()};
    const Result<std::string> value = percent_decode(trim(pair.substr(equals + 1)));
    if (!value) return Error{at + " (" + *key + ") " + value.error()};
    pairs.push_back({*key, *value});
  }
  return pairs;
}

std::string problem_of_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return "'" + std::string(name) + "' cannot be the name of an HTTP header";
  const bool plain = std::all_of(value.begin(), value.end(), [](unsigned char c) { return c >= ' ' || c == '\t'; });
  if (!plain) return "the value of header '" + std::string(name) + "' holds a line break or another control character";
  return {};
}

std::string Endpoint::url(std::string_view default_scheme) const {
  return (scheme.empty() ? std::string(default_scheme) : scheme) + "://" + rest;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  const std::size_t colon = text.find("://");
  const bool schemeless = colon == std::string_view::npos;
  endpoint.rest = std::string(schemeless ? text : text.substr(colon + 3));
  if (!schemeless) endpoint.scheme = to_lower(text.substr(0, colon));
  if (!schemeless && endpoint.scheme != "http" && endpoint.scheme != "https")
    return Error{"takes an http:// or https:// address, such as http://127.0.0.1:4318, or host:port"};
  const Result<net::Url> url = net::parse_url(endpoint.url("http"));
  if (!url) return Error{"takes an address such as http://127.0.0.1:4318 or 127.0.0.1:4317: " + url.error()};
  endpoint.host = url->host.find(':') != std::string::npos ? "[" + url->host + "]" : url->host;
  endpoint.port = url->port;
  const std::string_view authority = std::string_view(endpoint.rest).substr(0, endpoint.rest.find_first_of("/?#"));
  const std::size_t bracket = authority.rfind(']');
  const std::size_t port = authority.find(':', bracket == std::string_view::npos ? authority.rfind('@') + 1 : bracket);
  if (schemeless && port == std::string_view::npos) {
    endpoint.port = kOtlpHttpPort;
    endpoint.rest.insert(authority.size(), ":" + std::to_string(kOtlpHttpPort));
  }
  return endpoint;
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& known) {
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= b.size(); ++j) {
        const std::size_t above = row[j];
        row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
        diagonal = above;
      }
    }
    return row[b.size()];
  };
  constexpr std::size_t kWordMax = 100;
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  if (word.size() > kWordMax) return best;
  for (const std::string_view candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = std::string(candidate);
    }
  }
  return best;
}

}  // namespace sextant::wiring
