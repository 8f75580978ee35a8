// Finds the route of a path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/http_message.h"
#include "serve/api/route.h"

namespace sextant::serve {

/// Where a path leads. `route` is null when there is no such address for this method; then `allowed` names the methods
/// that there are for the path ("GET, HEAD"), and is empty when the path leads nowhere.
struct Match {
  const Route* route = nullptr;
  std::vector<std::string> path;  // what stood at the pattern's {…}
  std::string allowed;
};

/// `segments`: the path split and decoded (split_path). HEAD is answered as GET.
Match match_route(HttpMethod method, const std::vector<std::string>& segments);

/// The pattern that a path was most likely meant to be.
std::optional<std::string_view> nearest_route(std::string_view path);

}  // namespace sextant::serve
