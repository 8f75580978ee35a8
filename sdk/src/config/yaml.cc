// YAML into the tree, event by event: aliases share their node, so that a small file cannot become a large tree.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "config/sections.h"
#include "config/tree.h"

namespace sextant::config {
namespace {

using Kind = Node::Kind;

/// What stops the parser; caught below.
struct Refused : std::runtime_error {
  Refused(Place at, const std::string& what) : std::runtime_error(what), place(at) {}
  Place place;
};

Place place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

bool is_null(const std::string& tag, const std::string& text) {
  return tag == "?" && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

/// Thread-confined.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Errors& errors) : errors_(errors) {}
  NodePtr take() { return std::move(root_); }
  bool found_anything() const { return root_ != nullptr; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    node->place = place_of(mark);
    finish(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused(place_of(mark), "an alias stands within what it is an alias of");
    add(found->second, place_of(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->place = place_of(mark);
    node->kind = is_null(tag, value) ? Kind::kNull : Kind::kScalar;
    node->scalar = value;
    finish(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::vector<NodePtr> merged;  // values of `<<`
    std::set<std::string> keys;
  };

  void begin(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() == kDepthMax) throw Refused(place_of(mark), "it is nested more than 64 deep");
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->place = place_of(mark);
    open_.push_back({std::move(node), anchor, false, {}, {}, {}, {}});
  }

  void end() {
    Open done = std::move(open_.back());
    open_.pop_back();
    for (const NodePtr& merged : done.merged) merge(*done.node, *merged);
    finish(std::move(done.node), done.anchor);
  }

  void finish(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    const Place place = node->place;
    add(std::move(node), place);
  }

  void add(NodePtr node, Place place) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& into = open_.back();
    if (into.node->kind == Kind::kMap && !into.has_key) return take_key(into, *node, place);
    count(*into.node, *node);
    if (into.node->kind == Kind::kList) {
      into.node->items.push_back(std::move(node));
      return;
    }
    into.has_key = false;
    if (into.key == "<<") {
      into.merged.push_back(std::move(node));
    } else {
      into.node->entries.push_back({std::move(into.key), into.key_place, std::move(node)});
    }
  }

  void take_key(Open& into, const Node& key, Place place) {
    if (key.kind != Kind::kScalar) throw Refused(place, "a key is expected to be a text");
    into.has_key = true;
    into.key = key.scalar;
    into.key_place = place;
    count(*into.node, key);
    if (!into.keys.insert(key.scalar).second) errors_.add(place, key.scalar, "the key stands there a second time");
  }

  /// What a map does not have itself it has of the merged one.
  static void merge(Node& into, const Node& from) {
    for (const NodePtr& item : from.items) merge(into, *item);
    for (const Entry& entry : from.entries) {
      const auto same = [&](const Entry& own) { return own.key == entry.key; };
      if (std::none_of(into.entries.begin(), into.entries.end(), same)) into.entries.push_back(entry);
    }
  }

  void count(Node& into, const Node& added) {
    into.nodes += added.nodes;
    if (into.nodes > kNodesMax) throw Refused(added.place, "it holds more than 100000 values, aliases resolved");
  }

  Errors& errors_;
  NodePtr root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
};

}  // namespace

NodePtr parse_yaml(std::string_view text, Errors& errors) {
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    TreeBuilder builder(errors);
    if (!parser.HandleNextDocument(builder) || !builder.found_anything()) {
      auto nothing = std::make_shared<Node>();
      nothing->kind = Kind::kMap;
      return nothing;
    }
    NodePtr root = builder.take();
    if (parser.HandleNextDocument(builder)) errors.add({}, "", "it holds more than one YAML document");
    return root;
  } catch (const Refused& refused) {
    errors.add(refused.place, "", refused.what());
  } catch (const YAML::Exception& problem) {
    errors.add(place_of(problem.mark), "", "this is not YAML: " + problem.msg);
  } catch (const std::exception& problem) {
    errors.add({}, "", std::string("it cannot be read: ") + problem.what());
  }
  return nullptr;
}

std::string yaml_section(std::string_view text, const std::string& key) {
  try {
    return YAML::Dump(YAML::Load(std::string(text))[key]) + "\n";
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace sextant::config
