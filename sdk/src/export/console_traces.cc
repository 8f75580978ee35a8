// Spans as trees.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/base64.h"
#include "export/console_text.h"
#include "otlp/items.h"

namespace sextant::exporting {
namespace {

using otlp::SpanView;

constexpr std::size_t kIndentMax = 32;  // deeper spans stand no further to the right

constexpr std::size_t kNone = SIZE_MAX;

/// A span of the batch and where it stands. Lifetime: views into the batch.
struct Node {
  SpanView span;
  std::size_t parent = kNone;  // of the batch
  std::vector<std::size_t> children;
};

/// The spans of one trace. Value.
struct Tree {
  std::vector<Node> nodes;
  std::vector<std::size_t> roots;
};

/// Children below their parents, by start; what nobody in the batch is the parent of is a root. Of parents that are
/// each other's children, which only bad bytes can be, one is made a root.
void connect(Tree& tree) {
  std::unordered_map<std::string_view, std::size_t> by_id;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) by_id.emplace(tree.nodes[i].span.span_id, i);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const auto parent = by_id.find(tree.nodes[i].span.parent_span_id);
    if (parent != by_id.end() && parent->second != i) tree.nodes[i].parent = parent->second;
  }
  std::vector<std::size_t> seen_from(tree.nodes.size(), kNone);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    std::size_t at = i;
    while (tree.nodes[at].parent != kNone && seen_from[at] == kNone) {
      seen_from[at] = i;
      const std::size_t next = tree.nodes[at].parent;
      if (seen_from[next] == i) tree.nodes[at].parent = kNone;
      at = next;
    }
  }
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const std::size_t parent = tree.nodes[i].parent;
    (parent == kNone ? tree.roots : tree.nodes[parent].children).push_back(i);
  }
  const auto by_start = [&](std::size_t a, std::size_t b) {
    const std::uint64_t start_a = tree.nodes[a].span.start_ns;
    const std::uint64_t start_b = tree.nodes[b].span.start_ns;
    return start_a != start_b ? start_a < start_b : a < b;
  };
  std::sort(tree.roots.begin(), tree.roots.end(), by_start);
  for (Node& node : tree.nodes) std::sort(node.children.begin(), node.children.end(), by_start);
}

void append_span_line(std::string& out, const SpanView& span) {
  static constexpr const char* kKinds[] = {"", "", "  server", "  client", "  producer", "  consumer"};
  append_shown(out, span.name.empty() ? std::string_view("(no name)") : span.name);
  out += "  ";
  append_duration(out, span.end_ns > span.start_ns ? span.end_ns - span.start_ns : 0);
  if (span.kind >= 0 && span.kind < 6) out += kKinds[span.kind];
  if (span.status == 1) out += "  ok";
  if (span.status == 2) {
    out += "  error";
    if (!span.status_message.empty()) out += ": ";
    append_shown(out, span.status_message);
  }
  append_attributes_text(out, span.bytes, SpanView::kAttributes);
  out += '\n';
}

void append_details(std::string& out, const SpanView& span, const std::string& indent) {
  otlp::for_each_field(span.bytes, SpanView::kEvents, [&](std::string_view bytes) {
    const otlp::EventView event = otlp::read_event(bytes);
    out += indent + "  ";
    append_shown(out, event.name);
    out += "  +";
    append_duration(out, event.time_ns > span.start_ns ? event.time_ns - span.start_ns : 0);
    append_attributes_text(out, bytes, otlp::EventView::kAttributes);
    out += '\n';
  });
  otlp::for_each_field(span.bytes, SpanView::kLinks, [&](std::string_view bytes) {
    const otlp::LinkView link = otlp::read_link(bytes);
    out += indent + "  link to ";
    append_hex(out, link.trace_id);
    out += '/';
    append_hex(out, link.span_id);
    append_attributes_text(out, bytes, otlp::LinkView::kAttributes);
    out += '\n';
  });
}

/// Without recursion: a batch may be one long chain.
void append_tree(std::string& out, const Tree& tree) {
  struct Entry {
    std::size_t node;
    std::string indent;
    bool last;
  };
  std::vector<Entry> open;
  const auto push = [&](const std::vector<std::size_t>& nodes, const std::string& indent) {
    for (std::size_t i = nodes.size(); i > 0; --i) open.push_back({nodes[i - 1], indent, i == nodes.size()});
  };
  push(tree.roots, "");
  while (!open.empty()) {
    const Entry entry = open.back();
    open.pop_back();
    const Node& node = tree.nodes[entry.node];
    out.append(entry.indent).append(entry.last ? "└─ " : "├─ ");
    append_span_line(out, node.span);
    const bool deep = entry.indent.size() / 3 >= kIndentMax;
    const std::string below = deep ? entry.indent : entry.indent + (entry.last ? "   " : "│  ");
    append_details(out, node.span, below + (node.children.empty() ? "  " : "│ "));
    push(node.children, below);
  }
}

}  // namespace

bool append_traces_text(std::string& out, std::string_view request) {
  std::vector<Tree> trees;
  std::unordered_map<std::string_view, std::size_t> tree_of;
  bool whole = true;
  const bool read = otlp::for_each_item(request, [&](const otlp::Place&, std::string_view item) {
    Node node;
    whole = otlp::read_span(item, node.span) && whole;
    const auto [entry, is_new] = tree_of.emplace(node.span.trace_id, trees.size());
    if (is_new) trees.emplace_back();
    trees[entry->second].nodes.push_back(std::move(node));
  });
  for (Tree& tree : trees) {
    out += "trace ";
    append_hex(out, tree.nodes[0].span.trace_id);
    const std::size_t count = tree.nodes.size();
    out += "  " + std::to_string(count) + (count == 1 ? " span\n" : " spans\n");
    connect(tree);
    append_tree(out, tree);
  }
  return read && whole;
}

}  // namespace sextant::exporting
