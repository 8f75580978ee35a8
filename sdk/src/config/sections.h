// The parts of a file that are the program's own, as texts.
#pragma once

#include <string>
#include <string_view>

namespace sextant::config {

/// The value of a key at the top of a file that was read without errors. TOML that is no table stays `key = value`.
std::string yaml_section(std::string_view text, const std::string& key);
std::string toml_section(std::string_view text, const std::string& key);

}  // namespace sextant::config
