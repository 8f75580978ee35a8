#include "serve/api/router.h"

#include <algorithm>

#include "base/core/text.h"

namespace sextant::serve {
namespace {

/// Compares a pattern with the segments of a path; collects what stands at {…}. Nothing when they differ.
std::optional<std::vector<std::string>> compare(std::string_view pattern, const std::vector<std::string>& segments) {
  std::vector<std::string> values;
  pattern.remove_prefix(1);
  for (size_t i = 0; i < segments.size(); ++i) {
    const size_t slash = std::min(pattern.find('/'), pattern.size());
    const std::string_view part = pattern.substr(0, slash);
    const bool last = slash == pattern.size();
    if (last != (i + 1 == segments.size())) return std::nullopt;
    if (part.starts_with('{')) {
      values.push_back(segments[i]);
    } else if (part != segments[i]) {
      return std::nullopt;
    }
    pattern.remove_prefix(std::min(slash + 1, pattern.size()));
  }
  return values;
}

bool answers(const Route& route, HttpMethod method) {
  return route.method == method || (route.method == HttpMethod::kGet && method == HttpMethod::kHead);
}

}  // namespace

Match match_route(HttpMethod method, const std::vector<std::string>& segments) {
  Match match;
  std::string_view pattern;
  for (const Route& route : routes()) {
    // The first pattern that fits decides, with all its methods: "/api/traces/overview" is no trace id.
    if (!pattern.empty() && route.pattern != pattern) continue;
    auto values = compare(route.pattern, segments);
    if (!values) continue;
    if (answers(route, method)) return {&route, *std::move(values), {}};
    pattern = route.pattern;
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += route.method == HttpMethod::kGet ? "GET, HEAD" : to_string(route.method);
  }
  return match;
}

std::optional<std::string_view> nearest_route(std::string_view path) {
  std::vector<std::string_view> patterns;
  for (const Route& route : routes()) patterns.push_back(route.pattern);
  return nearest(path, patterns);
}

}  // namespace sextant::serve
