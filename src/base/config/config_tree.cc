#include "base/config/config_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/core/text.h"

namespace sextant {
namespace {

/// Nesting of a configuration file; ours needs eight levels, collectors' about as many.
constexpr int kDepthMax = 64;

}  // namespace

/// One value of the file: a scalar, a list or a mapping. Which keys were asked for is noted on the way, and therefore
/// mutable: reading a configuration changes nothing of what it says.
struct ConfigDocument::Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;
  int column = 0;
  std::string scalar;
  std::vector<std::string> keys;  // of a mapping, beside children
  std::vector<int> key_lines;
  std::vector<int> key_columns;
  std::vector<std::unique_ptr<Node>> children;
  mutable std::vector<std::string> asked;
  mutable bool visited = false;  // as a mapping
};

namespace {

/// Replaces ${NAME}, ${env:NAME}, ${NAME:-default}; `$$` becomes `$`.
std::string expand(std::string_view text, const VariableLookup& lookup, std::string& problem) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    out.append(text.substr(0, dollar));
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      out.push_back('$');
      text.remove_prefix(2);
      continue;
    }
    const size_t close = text.find('}');
    if (!text.starts_with("${") || close == std::string_view::npos) {
      out.push_back('$');
      text.remove_prefix(1);
      continue;
    }
    std::string_view name = text.substr(2, close - 2);
    text.remove_prefix(close + 1);
    if (name.starts_with("env:")) name.remove_prefix(4);
    const size_t fallback = name.find(":-");
    const auto value = lookup(name.substr(0, fallback));
    if (value) {
      out.append(*value);
    } else if (fallback != std::string_view::npos) {
      out.append(name.substr(fallback + 2));
    } else {
      problem = fmt::format("the environment variable {} is not set; set it, or write ${{{}:-default}}", name, name);
    }
  }
  return out;
}

double unit_nanos(std::string_view unit) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1},     {"us", 1e3},    {"\xC2\xB5s", 1e3},
                                                                   {"ms", 1e6},   {"s", 1e9},     {"m", 60e9},
                                                                   {"h", 3600e9}, {"d", 86400e9}, {"w", 7 * 86400e9}};
  for (const auto& [name, nanos] : kUnits) {
    if (name == unit) return nanos;
  }
  return 0;
}

double unit_bytes(std::string_view unit) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1},     {"B", 1},    {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
      {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6},     {"GB", 1e9},        {"TB", 1e12}};
  for (const auto& [name, bytes] : kUnits) {
    if (name == unit) return bytes;
  }
  return 0;
}

/// Takes a number from the front of `text`; nothing when there is none.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (problem != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

std::string_view trim_left(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

Result<uint64_t> parse_bytes(std::string_view text) {
  std::string_view left = trim_left(text);
  const auto number = take_number(left);
  const double unit = unit_bytes(trim_left(left));
  if (!number || unit == 0 || *number * unit > 9e18) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a size; write a number and B, KiB, MiB, GiB, kB, MB or GB",
                text);
  }
  return static_cast<uint64_t>(*number * unit);
}

Result<uint64_t> parse_duration(std::string_view text) {
  std::string_view left = trim_left(text);
  double nanos = 0;
  if (left == "0") return 0;
  do {
    const auto number = take_number(left);
    const size_t unit_end = std::min(left.find_first_of("0123456789."), left.size());
    const double unit = unit_nanos(left.substr(0, unit_end));
    if (!number || unit == 0) {
      return fail(ErrorCode::kInvalidArgument, "'{}' is not a duration; write a number and ns, us, ms, s, m, h or d",
                  text);
    }
    nanos += *number * unit;
    left.remove_prefix(unit_end);
  } while (!left.empty());
  if (nanos > 9e18) return fail(ErrorCode::kInvalidArgument, "'{}' is longer than 285 years", text);
  return static_cast<uint64_t>(nanos);
}

std::string ConfigErrors::to_text(std::string_view source) const {
  std::string text;
  for (const ConfigError& error : errors_) {
    auto to = std::back_inserter(text);
    fmt::format_to(to, "{}", source);
    if (error.line > 0) fmt::format_to(to, ":{}:{}", error.line, error.column);
    if (!error.path.empty()) fmt::format_to(to, ": {}", error.path);
    fmt::format_to(to, ": {}\n", error.message);
  }
  return text;
}

/// Copies yaml-cpp's tree into ours, so that its types and exceptions stay in this file.
class ConfigTreeBuilder {
 public:
  ConfigTreeBuilder(const VariableLookup& lookup, ConfigErrors& errors) : lookup_(lookup), errors_(errors) {}

  template <typename NodeType>
  std::unique_ptr<NodeType> build(const YAML::Node& from, int depth) {
    auto node = std::make_unique<NodeType>();
    node->line = from.Mark().line + 1;
    node->column = from.Mark().column + 1;
    if (depth > kDepthMax) {
      errors_.add({node->line, node->column, "", fmt::format("nested deeper than {} levels", kDepthMax)});
      return node;
    }
    if (from.IsScalar()) {
      node->kind = NodeType::Kind::kScalar;
      std::string problem;
      node->scalar = expand(from.Scalar(), lookup_, problem);
      if (!problem.empty()) errors_.add({node->line, node->column, "", problem});
    } else if (from.IsSequence()) {
      node->kind = NodeType::Kind::kList;
      for (const auto& item : from) node->children.push_back(build<NodeType>(item, depth + 1));
    } else if (from.IsMap()) {
      node->kind = NodeType::Kind::kMap;
      for (const auto& pair : from) add_pair(*node, pair.first, pair.second, depth);
    }
    return node;
  }

 private:
  template <typename NodeType>
  void add_pair(NodeType& node, const YAML::Node& key, const YAML::Node& value, int depth) {
    const int line = key.Mark().line + 1;
    const int column = key.Mark().column + 1;
    const std::string name = key.IsScalar() ? key.Scalar() : std::string();
    if (!key.IsScalar()) errors_.add({line, column, "", "a key must be a plain text"});
    if (std::ranges::find(node.keys, name) != node.keys.end()) {
      errors_.add({line, column, name, "the key stands here a second time"});
    }
    node.keys.push_back(name);
    node.key_lines.push_back(line);
    node.key_columns.push_back(column);
    node.children.push_back(build<NodeType>(value, depth + 1));
  }

  const VariableLookup& lookup_;
  ConfigErrors& errors_;
};

ConfigDocument::ConfigDocument(std::unique_ptr<Node> root) : root_(std::move(root)) {}
ConfigDocument::ConfigDocument(ConfigDocument&&) noexcept = default;
ConfigDocument& ConfigDocument::operator=(ConfigDocument&&) noexcept = default;
ConfigDocument::~ConfigDocument() = default;

ConfigDocument ConfigDocument::parse(std::string_view text, const VariableLookup& lookup, ConfigErrors& errors) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    auto tree = ConfigTreeBuilder(lookup, errors).build<Node>(root, 0);
    if (tree->kind != Node::Kind::kMap && tree->kind != Node::Kind::kNull) {
      errors.add({tree->line, tree->column, "", "the file must be a mapping of sections, such as `storage:`"});
    }
    return ConfigDocument(std::move(tree));
  } catch (const YAML::Exception& problem) {
    errors.add({problem.mark.line + 1, problem.mark.column + 1, "", problem.msg});
    return ConfigDocument(std::make_unique<Node>());
  }
}

ConfigMap ConfigDocument::root(ConfigErrors& errors) const {
  return {root_.get(), "", &errors};
}

ConfigMap::ConfigMap(const ConfigDocument::Node* node, std::string path, ConfigErrors* errors)
    : node_(node), path_(std::move(path)), errors_(errors) {
  using Kind = ConfigDocument::Node::Kind;
  if (node_ != nullptr && node_->kind != Kind::kMap) {
    if (node_->kind != Kind::kNull) error_at(node_, path_, "a mapping is wanted here");
    node_ = nullptr;
  }
  if (node_ != nullptr) node_->visited = true;
}

std::string ConfigMap::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void ConfigMap::error_at(const ConfigDocument::Node* node, std::string path, std::string message) {
  errors_->add(
      {node == nullptr ? 0 : node->line, node == nullptr ? 0 : node->column, std::move(path), std::move(message)});
}

const ConfigDocument::Node* ConfigMap::find(std::string_view key) {
  if (node_ == nullptr) return nullptr;
  node_->asked.emplace_back(key);
  const auto place = std::ranges::find(node_->keys, key);
  if (place == node_->keys.end()) return nullptr;
  return node_->children[static_cast<size_t>(place - node_->keys.begin())].get();
}

const ConfigDocument::Node* ConfigMap::scalar(std::string_view key, std::string_view wanted) {
  const auto* node = find(key);
  using Kind = ConfigDocument::Node::Kind;
  if (node == nullptr || node->kind == Kind::kNull) return nullptr;
  if (node->kind == Kind::kScalar) return node;
  error_at(node, path_of(key), fmt::format("{} is wanted here", wanted));
  return nullptr;
}

bool ConfigMap::has(std::string_view key) {
  return find(key) != nullptr;
}

std::optional<std::string> ConfigMap::text(std::string_view key) {
  const auto* node = scalar(key, "a text");
  if (node == nullptr) return std::nullopt;
  return node->scalar;
}

std::optional<bool> ConfigMap::boolean(std::string_view key) {
  const auto* node = scalar(key, "true or false");
  if (node == nullptr) return std::nullopt;
  if (node->scalar == "true" || node->scalar == "yes" || node->scalar == "on") return true;
  if (node->scalar == "false" || node->scalar == "no" || node->scalar == "off") return false;
  error_at(node, path_of(key), fmt::format("'{}' is neither true nor false", node->scalar));
  return std::nullopt;
}

std::optional<int64_t> ConfigMap::integer(std::string_view key, int64_t least, int64_t most) {
  const auto* node = scalar(key, "a whole number");
  if (node == nullptr) return std::nullopt;
  int64_t value = 0;
  const char* end = node->scalar.data() + node->scalar.size();
  const auto [stop, problem] = std::from_chars(node->scalar.data(), end, value);
  if (problem == std::errc{} && stop == end && value >= least && value <= most) return value;
  error_at(node, path_of(key), fmt::format("'{}' is not a whole number from {} to {}", node->scalar, least, most));
  return std::nullopt;
}

std::optional<uint64_t> ConfigMap::bytes(std::string_view key) {
  const auto* node = scalar(key, "a size, such as 64MiB");
  if (node == nullptr) return std::nullopt;
  auto value = parse_bytes(node->scalar);
  if (value) return *value;
  error_at(node, path_of(key), value.error().message());
  return std::nullopt;
}

std::optional<uint64_t> ConfigMap::duration_nanos(std::string_view key) {
  const auto* node = scalar(key, "a duration, such as 30s");
  if (node == nullptr) return std::nullopt;
  auto value = parse_duration(node->scalar);
  if (value) return *value;
  error_at(node, path_of(key), value.error().message());
  return std::nullopt;
}

std::vector<std::string> ConfigMap::texts(std::string_view key) {
  using Kind = ConfigDocument::Node::Kind;
  const auto* node = find(key);
  if (node == nullptr || node->kind == Kind::kNull) return {};
  if (node->kind == Kind::kScalar) return {node->scalar};
  std::vector<std::string> all;
  for (const auto& child : node->children) {
    if (node->kind == Kind::kList && child->kind == Kind::kScalar) {
      all.push_back(child->scalar);
    } else {
      error_at(child.get(), path_of(key), "a list of texts is wanted here");
    }
  }
  return all;
}

std::optional<std::string> ConfigMap::choice(std::string_view key, std::initializer_list<std::string_view> choices) {
  const auto* node = scalar(key, fmt::format("one of {}", fmt::join(choices, ", ")));
  if (node == nullptr) return std::nullopt;
  if (std::ranges::find(choices, node->scalar) != choices.end()) return node->scalar;
  error_at(node, path_of(key), fmt::format("'{}' is not one of {}", node->scalar, fmt::join(choices, ", ")));
  return std::nullopt;
}

ConfigMap ConfigMap::map(std::string_view key) {
  return {find(key), path_of(key), errors_};
}

std::vector<ConfigMap> ConfigMap::maps(std::string_view key) {
  using Kind = ConfigDocument::Node::Kind;
  const auto* node = find(key);
  if (node == nullptr || node->kind == Kind::kNull) return {};
  if (node->kind != Kind::kList) {
    error_at(node, path_of(key), "a list is wanted here");
    return {};
  }
  std::vector<ConfigMap> all;
  for (size_t i = 0; i < node->children.size(); ++i) {
    all.push_back({node->children[i].get(), fmt::format("{}[{}]", path_of(key), i), errors_});
  }
  return all;
}

std::vector<std::string> ConfigMap::keys() const {
  return node_ == nullptr ? std::vector<std::string>{} : node_->keys;
}

void ConfigMap::error(std::string_view key, std::string message) {
  const auto* node = find(key);
  error_at(node == nullptr ? node_ : node, path_of(key), std::move(message));
}

void ConfigMap::finish() {
  if (node_ == nullptr) return;
  const std::vector<std::string_view> known(node_->asked.begin(), node_->asked.end());
  for (size_t i = 0; i < node_->keys.size(); ++i) {
    const std::string& key = node_->keys[i];
    const ConfigDocument::Node* child = node_->children[i].get();
    if (std::ranges::find(known, key) == known.end()) {
      const auto near = nearest(key, known);
      errors_->add({node_->key_lines[i], node_->key_columns[i], path_of(key),
                    near ? fmt::format("unknown key; did you mean {}?", *near)
                         : fmt::format("unknown key; known here: {}", fmt::join(known, ", "))});
    } else if (child->visited) {
      ConfigMap(child, path_of(key), errors_).finish();
    } else {
      for (size_t j = 0; j < child->children.size(); ++j) {
        const ConfigDocument::Node* item = child->children[j].get();
        if (child->kind == ConfigDocument::Node::Kind::kList && item->visited) {
          ConfigMap(item, fmt::format("{}[{}]", path_of(key), j), errors_).finish();
        }
      }
    }
  }
}

}  // namespace sextant
