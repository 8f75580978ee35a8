// The small languages inside one filter: times, durations, and `scope.key=value`. What cannot be read is answered with
// the place and with what would have been right.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/sys/clock.h"
#include "data/model/aggregate.h"
#include "data/model/scan.h"

namespace sextant::query {

/// Why a text could not be read. Value.
struct TextError {
  std::string message;  // what was wrong and what would be right
  size_t offset = 0;    // byte of the text
};

template <typename T>
using Parsed = std::expected<T, TextError>;

/// "250ms", "1.5s", "2m", "1h30m": numbers with units ns, us, µs, ms, s, m, h, d, w. In nanoseconds.
Parsed<uint64_t> parse_duration(std::string_view text);

/// Unix nanoseconds in digits, RFC 3339 ("2026-04-01T12:00:00.5Z"), `now`, or `now` minus a duration ("now-15m").
Parsed<UnixNanos> parse_time(std::string_view text, UnixNanos now);

/// RFC 3339 with nine digits of a second, in UTC: "2026-04-01T12:00:00.500000000Z".
std::string format_time(UnixNanos time);

/// "retries=3", "span.http.route=/login", "resource.host.name=\"7\"". Scopes: span resource scope event link; without
/// one (or with a leading dot) the span's attributes are looked at, then the resource's. A bare number, true or false
/// matches text, numbers and bools that read so; a value in double quotes matches text only. "message*=refused by"
/// holds where the value is text with these bytes in it; a key that ends in * is put in quotes.
Parsed<data::SpanFilter> parse_attribute(std::string_view text);

/// The name of an attribute: "retries", "span.http.route", "resource.\"odd name\"", ".name". Scopes as above.
Parsed<data::SpanColumn> parse_attribute_name(std::string_view text);

/// "span" → kSpan and so on; nothing when there is no such scope.
std::optional<data::AttributeScope> scope_named(std::string_view name);
std::string_view to_string(data::AttributeScope scope);

}  // namespace sextant::query
