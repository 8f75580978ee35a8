// A configuration file as a tree with positions, the same for YAML and TOML.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/config.h"

namespace sextant::config {

/// Of a file of the SDK's; those of tools that do much more keep well below.
inline constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kDepthMax = 64;
inline constexpr std::size_t kNodesMax = 100'000;  // with what aliases stand for counted each time

struct Place {
  int line = 0;  // from 1; 0: the whole file
  int column = 0;
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  Place place;  // of the key
  NodePtr value;
};

/// Immutable after construction. An alias is the same node once more.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string scalar;
  std::vector<NodePtr> items;
  std::vector<Entry> entries;  // in the order of the file; keys are unique
  std::size_t nodes = 1;       // of it and below
};

/// All errors of a file. Thread-confined.
class Errors {
 public:
  explicit Errors(std::string file) : file_(std::move(file)) {}
  void add(Place place, const std::string& path, const std::string& what);
  bool empty() const noexcept { return lines_.empty(); }
  std::string text() const;

 private:
  static constexpr std::size_t kMax = 100;  // more help nobody
  struct Line {
    Place place;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;  // in the order of the file, whatever was looked at first
  std::size_t left_out_ = 0;
};

/// Null, and errors, where the text is none of that format. An empty file is an empty map.
NodePtr parse_yaml(std::string_view text, Errors& errors);
NodePtr parse_toml(std::string_view text, Errors& errors);
NodePtr parse(std::string_view text, FileFormat format, Errors& errors);

}  // namespace sextant::config
