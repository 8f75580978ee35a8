#include "config/load.h"
#include "base/read_file.h"
#include "config/linked_makers.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "config/declarative.h"
#include "config/observability.h"
#include "config/sections.h"
#include "wiring/env.h"
#include "wiring/options_from.h"

namespace sextant {
namespace config {
namespace {

using wiring::Settings;

FileFormat format_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot != std::string::npos && path.substr(dot) == ".toml" ? FileFormat::kToml : FileFormat::kYaml;
}

bool is_ours(const std::string& key) {
  return key == "observability" || key == "profiling";
}

/// A file in which nothing is ours is likely to be another one, or one with a slip.
void complain_of_foreign_file(const std::vector<std::string>& keys, Section& root, Errors& errors) {
  for (const std::string& key : keys) {
    if (!wiring::nearest(key, {"observability"}).empty())
      return root.wrong(key, "unknown section; did you mean observability?");
  }
  errors.add({}, "", "there is neither a section 'observability' nor a file_format in it");
}

std::vector<FileSection> sections_of(const std::vector<std::string>& keys, Section& root, std::string_view text,
                                     FileFormat format) {
  std::vector<FileSection> sections;
  for (const std::string& key : keys) {
    if (is_ours(key)) continue;
    sections.push_back(
        {key, format == FileFormat::kToml ? toml_section(text, key) : yaml_section(text, key), root.place(key).line});
  }
  return sections;
}

/// A variable that names an address asks for OTLP as well as a file that does.
void decide_on_otlp(const FileChoices& choices, const Environment& environment, Settings& settings) {
  if (choices.otlp_was_asked_for || settings.otlp.endpoint || settings.traces.otlp.endpoint) return;
  const std::optional<std::string> named = environment ? environment("OTEL_TRACES_EXPORTER") : std::nullopt;
  if (!named || named->empty()) settings.traces.exporters.clear();
}

void read_own_form(Section& root, Errors& errors, const Environment& environment, Variables variables,
                   std::string_view text, FileFormat format, LoadedSettings& loaded) {
  const std::vector<std::string> keys = root.keys();
  if (std::none_of(keys.begin(), keys.end(), is_ours)) return complain_of_foreign_file(keys, root, errors);
  Section observability = root.section("observability");
  const FileChoices choices = read_observability(observability, loaded.settings);
  if (root.has("profiling"))
    loaded.notes.push_back("the section 'profiling' is left to a profiler: profiling is not part of the SDK");
  if (!errors.empty()) return;
  if (variables == Variables::kOverFile) {
    for (std::string& problem : wiring::read_environment(environment, loaded.settings))
      loaded.notes.push_back(std::move(problem));
  }
  decide_on_otlp(choices, variables == Variables::kOverFile ? environment : Environment(), loaded.settings);
  loaded.sections = sections_of(keys, root, text, format);
}

Result<LoadedFile> finish(Result<LoadedSettings> loaded, const Makers& makers) {
  if (!loaded) return Error{loaded.error()};
  wiring::BuiltOptions built = wiring::options_from(loaded->settings, with_linked_makers(makers));
  LoadedFile file;
  file.options = std::move(built.options);
  file.sections = std::move(loaded->sections);
  file.notes = std::move(loaded->notes);
  for (std::string& note : built.notes) file.notes.push_back(std::move(note));
  return file;
}

Result<LoadedFile> load(const std::string& path, const LoadSettings& settings, Variables variables) {
  const Result<std::string> text = read_file(path, kFileBytesMax);
  if (!text) return Error{path + ": " + text.error()};
  return finish(load_settings(*text, format_of(path), path, settings.environment, variables), settings.makers);
}

Result<Options> told(Result<LoadedFile> file) {
  if (!file) return Error{file.error()};
  for (const std::string& note : file->notes) log(LogLevel::kWarn, note);
  return std::move(file->options);
}

}  // namespace

Result<LoadedSettings> load_settings(std::string_view text, FileFormat format, const std::string& name,
                                     const Environment& environment, Variables variables) {
  Errors errors(name);
  LoadedSettings loaded;
  const NodePtr tree = parse(text, format, errors);
  if (tree != nullptr) {
    const bool declarative = std::any_of(tree->entries.begin(), tree->entries.end(),
                                         [](const Entry& entry) { return entry.key == "file_format"; });
    Context context{errors, environment, declarative ? Missing::kEmpty : Missing::kError};
    Section root(tree, "", context);
    if (declarative) {
      read_declarative(root, loaded.settings, loaded.notes);
    } else if (errors.empty()) {
      read_own_form(root, errors, environment, variables, text, format, loaded);
    }
  }
  if (!errors.empty()) return Error{errors.text()};
  return loaded;
}

}  // namespace config

Result<LoadedFile> load_file(const std::string& path, const LoadSettings& settings) {
  return config::load(path, settings, config::Variables::kOverFile);
}

Result<LoadedFile> load_text(std::string_view text, FileFormat format, const std::string& name,
                             const LoadSettings& settings) {
  return config::finish(config::load_settings(text, format, name, settings.environment, config::Variables::kOverFile),
                        settings.makers);
}

Result<Options> from_file(const std::string& path, const Makers& makers) {
  LoadSettings settings;
  settings.makers = makers;
  return config::told(load_file(path, settings));
}

Result<Options> configured_options(std::string_view service_name, const LoadSettings& settings) {
  const std::optional<std::string> path =
      settings.environment ? settings.environment("OTEL_CONFIG_FILE") : std::nullopt;
  if (!path || path->empty()) return options_from_env(service_name, settings.makers, settings.environment);
  Result<Options> options = config::told(config::load(*path, settings, config::Variables::kNone));
  if (options && options->service_name.empty()) options->service_name = std::string(service_name);
  return options;
}

}  // namespace sextant
