// An environment of the tests' own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sextant/environment.h"

namespace sextant::test {

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace sextant::test
