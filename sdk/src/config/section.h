// Typed look-ups in a map of a configuration file: each notes its key as known, collects what is wrong with the value,
// and finish() reports the keys that nobody asked for.
//
//   Section section(node, "observability", context);
//   section.boolean("tracing", settings.traces.on);
//   section.finish();
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/tree.h"
#include "wiring/scalars.h"
#include "wiring/settings.h"

namespace sextant::config {

/// What a variable that is not set is.
enum class Missing : std::uint8_t { kError, kEmpty };

struct Context {
  Errors& errors;
  const Environment& environment;
  Missing missing = Missing::kError;
};

/// Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}`, and `$$` by `$`. What is put in is not looked at again. An
/// error is the end of a sentence.
Result<std::string> expand(std::string_view text, const Environment& environment, Missing missing);

/// Thread-confined. Lifetime: no longer than the context. Also stands for a map that is not there, where every look-up
/// finds nothing.
class Section {
 public:
  /// Anything but a map, and but nothing, is an error.
  Section(NodePtr node, std::string path, Context& context);

  bool present() const noexcept { return node_ != nullptr; }
  /// Present at all, with whatever value. Notes the key.
  bool has(std::string_view key) { return find(key) != nullptr; }
  Node::Kind kind(std::string_view key);

  /// Each sets `out`, and says true, where the key is there with a value that is right.
  bool text(std::string_view key, std::string& out);
  bool boolean(std::string_view key, bool& out);
  bool integer(std::string_view key, std::uint64_t least, std::uint64_t most, std::uint64_t& out);
  bool number(std::string_view key, double least, double most, double& out);
  bool duration(std::string_view key, std::chrono::milliseconds least, std::chrono::milliseconds& out);
  /// A whole number of milliseconds; 0 is "no limit" where `least` is 0.
  bool milliseconds(std::string_view key, std::uint64_t least, std::chrono::milliseconds& out);
  bool texts(std::string_view key, std::vector<std::string>& out);
  bool numbers(std::string_view key, std::vector<double>& out);
  /// Key-value pairs, in the file's order.
  bool pairs(std::string_view key, HttpHeaders& out);
  template <class Out, class T, std::size_t kCount>
  bool word(std::string_view key, Out& out, const std::pair<std::string_view, T> (&words)[kCount]) {
    std::string value;
    if (!text(key, value)) return false;
    std::vector<std::string_view> names;
    for (const auto& [name, meaning] : words) {
      if (name == value) {
        out = meaning;
        return true;
      }
      names.push_back(name);
    }
    wrong_word(key, value, names);
    return false;
  }

  Section section(std::string_view key);
  /// The maps of a list.
  std::vector<Section> sections(std::string_view key);
  /// Of two names of one thing the one that is there; both are an error.
  std::string_view either(std::string_view key, std::string_view other);
  /// Keys that are there, in the file's order.
  std::vector<std::string> keys() const;
  Place place(std::string_view key) const;

  void wrong(std::string_view key, const std::string& what);
  /// About the map itself, also where it is not there.
  void fail(const std::string& what);
  /// Takes the key as known without looking at it.
  void accept(std::string_view key) { find(key); }
  void accept_everything() { everything_ = true; }
  /// Reports unknown keys.
  void finish();

 private:
  const Entry* find(std::string_view key);
  const Entry* scalar(std::string_view key, const char* takes);
  bool expanded(const Node& node, const std::string& path, std::string& out);
  std::string path_of(std::string_view key) const;
  void wrong_word(std::string_view key, const std::string& value, const std::vector<std::string_view>& names);

  NodePtr node_;
  Place place_;
  std::string path_;
  Context* context_;
  std::vector<std::string> known_;
  bool everything_ = false;
};

}  // namespace sextant::config
