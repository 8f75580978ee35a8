// Values as people write them in files and variables. An error is the end of a sentence that begins with the value's
// name: "takes a number from 0 to 1".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/makers.h"
#include "sextant/result.h"
#include "sextant/transport.h"
#include "wiring/settings.h"

namespace sextant::wiring {

std::string_view trim(std::string_view text) noexcept;
std::string to_lower(std::string_view text);
/// The parts between separators, trimmed; empty ones are left out.
std::vector<std::string> split(std::string_view text, char separator);

/// Decimal digits only; the error names the range.
Result<std::uint64_t> parse_integer(std::string_view text, std::uint64_t least, std::uint64_t most);
/// A finite decimal number.
Result<double> parse_number(std::string_view text, double least, double most);
/// `500ms`, `60s`, `1m30s`, `2h`; at most ten days.
Result<Milliseconds> parse_duration(std::string_view text);
inline constexpr Milliseconds kDurationMax = std::chrono::hours(240);

/// `%41` is `A`; an error where a '%' is not followed by two hexadecimal digits.
Result<std::string> percent_decode(std::string_view text);
/// `key=value,key2=value2`, values percent-encoded, as W3C Baggage writes it. Errors repeat no value.
Result<std::vector<ResourceAttribute>> parse_pairs(std::string_view text);
/// What is wrong with an HTTP header; empty: nothing. Does not repeat the value.
std::string problem_of_header(std::string_view name, std::string_view value);

/// An address with or without a scheme.
struct Endpoint {
  std::string scheme;  // http or https; empty: none was given
  std::string rest;    // as given, from the host on
  std::string host;    // brackets of IPv6 addresses included
  std::uint16_t port = 0;

  std::string url(std::string_view default_scheme) const;
  std::string host_and_port() const { return host + ":" + std::to_string(port); }
};
Result<Endpoint> parse_endpoint(std::string_view text);

/// The nearest of `known` by edit distance, if near enough to be a slip; else empty.
std::string nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace sextant::wiring
