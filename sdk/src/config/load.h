// A file into settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/config.h"
#include "wiring/settings.h"

namespace sextant::config {

/// Which OTEL_* variables count beside the file.
enum class Variables : std::uint8_t { kOverFile, kNone };

struct LoadedSettings {
  wiring::Settings settings;
  std::vector<FileSection> sections;
  std::vector<std::string> notes;
};

/// Errors as load_file() has them.
Result<LoadedSettings> load_settings(std::string_view text, FileFormat format, const std::string& name,
                                     const Environment& environment, Variables variables);

}  // namespace sextant::config
