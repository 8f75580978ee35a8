// A place in the list of runs as the text that clients carry from page to page. Opaque to them: its form may change.
#pragma once

#include <string>
#include <string_view>

#include "data/model/scan.h"
#include "query/traces/literals.h"

namespace sextant::query {

/// Letters, digits, - and _ only, fit for a URL.
std::string encode_cursor(const data::RunCursor& cursor);

/// An error when the text is not one that encode_cursor of this version made, or was changed on the way.
Parsed<data::RunCursor> decode_cursor(std::string_view text);

}  // namespace sextant::query
