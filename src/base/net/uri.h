// Taking request targets apart: percent-encoding, path segments, query parameters. Each is decoded exactly once, so
// that no two places can disagree on what a path says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant {

/// Nothing when an escape is broken or stands for the NUL byte. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);
/// Everything but letters, digits and "-._~" as %XX.
std::string percent_encode(std::string_view text);

/// "/api/traces/a%2Fb" → {"api", "traces", "a/b"}: split first, decoded after, so an encoded slash never separates.
/// Nothing when an escape is broken. Empty segments are kept ("/a/" → {"a", ""}).
std::optional<std::vector<std::string>> split_path(std::string_view path);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;
/// Of a query string or a form body (application/x-www-form-urlencoded: '+' is a space). Nothing when an escape is
/// broken or there are more than 1,000 parameters.
std::optional<QueryParameters> parse_query(std::string_view query);

}  // namespace sextant
