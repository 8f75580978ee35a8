// What a request asks for: a JSON list of {"url": …, "arguments": […]}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/result.h"

namespace http_echo {

struct Action {
  std::string url;
  std::string arguments = "[]";  // JSON, as it stood in the request
};

/// A list, or one object by itself. An error says what was expected, and at which byte.
sextant::Result<std::vector<Action>> parse_actions(std::string_view json);

inline constexpr std::size_t kActionsMax = 100;

}  // namespace http_echo
