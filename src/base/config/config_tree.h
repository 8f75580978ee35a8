// Configuration files as a tree with positions, read by typed look-ups that collect every error of a file instead of
// stopping at the first. Keys that nobody asked for are errors, each with the nearest key that exists.
//
//   ConfigErrors errors;
//   auto document = ConfigDocument::parse(text, "sextant.yaml", lookup_variable, errors);
//   ConfigMap root = document.root(errors);
//   ConfigMap storage = root.map("storage");
//   settings.data_dir = storage.text("data_dir").value_or("data");
//   root.finish();               // reports unknown keys of the whole tree
//   if (!errors.empty()) print(errors.to_text());
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant {

struct ConfigError {
  int line = 0;  // from 1; 0: the whole file
  int column = 0;
  std::string path;  // "receivers.otlp.protocols"
  std::string message;
};

/// All errors of a file, in order of their discovery. Thread-confined value.
class ConfigErrors {
 public:
  void add(ConfigError error) { errors_.push_back(std::move(error)); }
  bool empty() const { return errors_.empty(); }
  const std::vector<ConfigError>& all() const { return errors_; }
  /// One line each: "sextant.yaml:3:5: storage.data_dri: unknown key; did you mean data_dir?"
  std::string to_text(std::string_view source) const;

 private:
  std::vector<ConfigError> errors_;
};

/// Nothing when the variable is not set.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

class ConfigMap;

/// A parsed file. Resource; ConfigMaps point into it.
class ConfigDocument {
 public:
  /// YAML 1.2 as yaml-cpp reads it. `${NAME}`, `${env:NAME}` and `${NAME:-default}` in values are replaced; `$$` is a
  /// dollar sign. Syntax errors go to `errors` and leave an empty document.
  static ConfigDocument parse(std::string_view text, const VariableLookup& lookup, ConfigErrors& errors);

  ConfigDocument(ConfigDocument&&) noexcept;
  ConfigDocument& operator=(ConfigDocument&&) noexcept;
  ~ConfigDocument();

  ConfigMap root(ConfigErrors& errors) const;

 private:
  friend class ConfigMap;
  struct Node;
  explicit ConfigDocument(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

/// A mapping of the file being read; also stands for one that is absent, whose look-ups all find nothing.
/// Thread-confined. Lifetime: not longer than document and errors.
class ConfigMap {
 public:
  bool present() const { return node_ != nullptr; }
  /// True when the key is there, even with an empty value (`grpc:` alone switches a protocol on).
  bool has(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<int64_t> integer(std::string_view key, int64_t least, int64_t most);
  /// "64MiB", "10 GB", "4096": bytes.
  std::optional<uint64_t> bytes(std::string_view key);
  /// "250ms", "1.5s", "2m", "14d": nanoseconds. A number alone is refused: it has no unit.
  std::optional<uint64_t> duration_nanos(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  /// One of `choices`, or an error that lists them.
  std::optional<std::string> choice(std::string_view key, std::initializer_list<std::string_view> choices);
  ConfigMap map(std::string_view key);
  std::vector<ConfigMap> maps(std::string_view key);
  /// Keys present, in the file's order.
  std::vector<std::string> keys() const;

  /// Reports an error of meaning at `key` (or at the mapping itself when the key is absent).
  void error(std::string_view key, std::string message);
  /// Reports keys that no look-up asked for, here and in every mapping below that was asked for.
  void finish();

 private:
  friend class ConfigDocument;
  ConfigMap(const ConfigDocument::Node* node, std::string path, ConfigErrors* errors);
  const ConfigDocument::Node* find(std::string_view key);
  const ConfigDocument::Node* scalar(std::string_view key, std::string_view wanted);
  std::string path_of(std::string_view key) const;
  void error_at(const ConfigDocument::Node* node, std::string path, std::string message);

  const ConfigDocument::Node* node_;
  std::string path_;
  ConfigErrors* errors_;
};

/// "64MiB", "10GB", "1 KiB", "4096". Powers of two for KiB MiB GiB TiB, of ten for kB KB MB GB TB.
Result<uint64_t> parse_bytes(std::string_view text);
/// "850us", "250ms", "1.5s", "2m", "3h", "14d", also combined ("1h30m"). Nanoseconds.
Result<uint64_t> parse_duration(std::string_view text);

}  // namespace sextant
