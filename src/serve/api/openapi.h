// The API's description, openapi.json, as it was built into the program.
#pragma once

#include <string_view>

namespace sextant::serve {

std::string_view openapi_json();

}  // namespace sextant::serve
