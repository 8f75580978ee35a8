// Configuration files, in the component sextant::config: YAML and TOML, and OpenTelemetry's declarative configuration.
//
//   auto options = sextant::from_file("config/agents.yaml");
//   if (!options) return fail(options.error());                // every error of the file, with line and column
//   auto telemetry = sextant::Sdk::start(std::move(*options));
//
// What wins: what the program sets in the Options afterwards, then OTEL_* variables, then the file, then defaults. A
// file with `file_format` is OpenTelemetry's own form, for which variables count only where it names them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/environment.h"
#include "sextant/makers.h"
#include "sextant/result.h"
#include "sextant/sdk.h"

namespace sextant {

/// A part of a file that is not about telemetry: the program's own.
struct FileSection {
  std::string name;  // of the key at the top
  std::string text;  // its value, as a document of the same format; variables are not replaced
  int line = 0;      // in the file, from 1
};

struct LoadedFile {
  Options options;
  std::vector<FileSection> sections;
  /// What was asked for and could not be done, and what of the environment could not be understood.
  std::vector<std::string> notes;
};

struct LoadSettings {
  Makers makers;
  Environment environment = process_environment();
};

enum class FileFormat : std::uint8_t { kYaml, kToml };

/// `.toml` is TOML, anything else YAML, which JSON is too. Throws nothing. Sets the diagnostic level where file or
/// environment ask for one. An error has one line for each thing that is wrong: `file:line:column: key: what`.
Result<LoadedFile> load_file(const std::string& path, const LoadSettings& settings = {});
/// The same of a text; `name` stands for the file in messages.
Result<LoadedFile> load_text(std::string_view text, FileFormat format, const std::string& name,
                             const LoadSettings& settings = {});

/// load_file() whose notes go to the diagnostics.
Result<Options> from_file(const std::string& path, const Makers& makers = {});

/// As the process is told to: by the file that OTEL_CONFIG_FILE names, and then by no other OTEL_* variable, or else as
/// options_from_env().
Result<Options> configured_options(std::string_view service_name = {}, const LoadSettings& settings = {});

}  // namespace sextant
