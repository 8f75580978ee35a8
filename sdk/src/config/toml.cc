// TOML into the tree.
#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>

#include "config/sections.h"
#include "config/tree.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace sextant::config {
namespace {

using Kind = Node::Kind;

Place place_of(const toml::source_region& region) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

std::string shortest(double value) {
  char text[64];
  const auto [end, problem] = std::to_chars(text, text + sizeof(text), value);
  return problem == std::errc() ? std::string(text, end) : std::string();
}

std::string scalar_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* real = node.as_floating_point()) return shortest(real->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  std::ostringstream out;  // dates and times
  node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) out << value.get();
  });
  return out.str();
}

/// Thread-confined.
class TreeMaker {
 public:
  NodePtr make(const toml::node& from, std::size_t depth) {
    if (depth > kDepthMax) throw std::runtime_error("it is nested more than 64 deep");
    if (++made_ > kNodesMax) throw std::runtime_error("it holds more than 100000 values");
    auto node = std::make_shared<Node>();
    node->place = place_of(from.source());
    if (const toml::table* table = from.as_table()) {
      node->kind = Kind::kMap;
      for (const auto& [key, value] : *table)
        node->entries.push_back({std::string(key.str()), place_of(key.source()), make(value, depth + 1)});
      std::sort(node->entries.begin(), node->entries.end(), comes_before);
    } else if (const toml::array* array = from.as_array()) {
      node->kind = Kind::kList;
      for (const toml::node& item : *array) node->items.push_back(make(item, depth + 1));
    } else {
      node->kind = Kind::kScalar;
      node->scalar = scalar_of(from);
    }
    return node;
  }

 private:
  static bool comes_before(const Entry& a, const Entry& b) {
    return a.place.line != b.place.line ? a.place.line < b.place.line : a.place.column < b.place.column;
  }
  std::size_t made_ = 0;
};

}  // namespace

NodePtr parse_toml(std::string_view text, Errors& errors) {
  try {
    const toml::table table = toml::parse(text);
    return TreeMaker().make(table, 0);
  } catch (const toml::parse_error& problem) {
    errors.add(place_of(problem.source()), "", "this is not TOML: " + std::string(problem.description()));
  } catch (const std::exception& problem) {
    errors.add({}, "", problem.what());
  }
  return nullptr;
}

std::string toml_section(std::string_view text, const std::string& key) {
  try {
    const toml::table table = toml::parse(text);
    const toml::node* node = table.get(key);
    std::ostringstream out;
    if (node == nullptr) return {};
    if (const toml::table* section = node->as_table()) {
      out << *section;
    } else {
      toml::table single;
      single.insert(key, *node);
      out << single;
    }
    return out.str() + "\n";
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace sextant::config
