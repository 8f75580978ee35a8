#include "examples/http_echo/actions.h"

#include <utility>

namespace http_echo {
namespace {

using sextant::Error;
using sextant::Result;

/// Reads from the front of a text. Thread-confined. Nesting costs a counter, no recursion.
class Reader {
 public:
  explicit Reader(std::string_view json) : json_(json) {}

  char peek() {
    while (at_ < json_.size() && std::string_view(" \t\r\n").find(json_[at_]) != std::string_view::npos) ++at_;
    return at_ < json_.size() ? json_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  /// A string with its quotes.
  bool take_string(std::string_view& raw) {
    if (peek() != '"') return false;
    const std::size_t begin = at_++;
    while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2 : 1;
    if (at_ >= json_.size()) return false;
    raw = json_.substr(begin, ++at_ - begin);
    return true;
  }
  /// Any value, as it stands there.
  bool take_value(std::string_view& raw) {
    peek();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    do {
      std::string_view ignored;
      const char c = peek();
      if (c == '\0') return false;
      if (c == '"') {
        if (!take_string(ignored)) return false;
        continue;
      }
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && depth-- == 0) return false;
      if (depth == 0 && c != ']' && c != '}') {
        while (at_ < json_.size() && std::string_view(",]} \t\r\n").find(json_[at_]) == std::string_view::npos) ++at_;
      } else {
        ++at_;
      }
    } while (depth > 0);
    raw = json_.substr(begin, at_ - begin);
    return !raw.empty();
  }
  Error expected(const char* what) const {
    return {std::string("this is no list of {\"url\", \"arguments\"}: ") + what + " should stand at byte " +
            std::to_string(at_)};
  }

 private:
  std::string_view json_;
  std::size_t at_ = 0;
};

/// Escapes that addresses have: `\/` and the like; others stay as they are.
std::string unescaped(std::string_view raw) {
  std::string out;
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 2 < raw.size()) ++i;
    out += raw[i];
  }
  return out;
}

Result<Action> parse_action(Reader& in) {
  Action action;
  if (!in.take('{')) return in.expected("an object");
  while (!in.take('}')) {
    std::string_view key;
    std::string_view value;
    if (!in.take_string(key)) return in.expected("a key");
    if (!in.take(':')) return in.expected("a ':'");
    if (!in.take_value(value)) return in.expected("a value");
    if (key == "\"url\"" && value[0] == '"') action.url = unescaped(value);
    if (key == "\"arguments\"" && value != "null") action.arguments = std::string(value);
    if (!in.take(',') && in.peek() != '}') return in.expected("a ',' or a '}'");
  }
  if (action.url.empty()) return Error{"an object has no \"url\" that is a text"};
  return action;
}

}  // namespace

Result<std::vector<Action>> parse_actions(std::string_view json) {
  Reader in(json);
  std::vector<Action> actions;
  const bool list = in.take('[');
  while (!list || !in.take(']')) {
    Result<Action> action = parse_action(in);
    if (!action) return Error{action.error()};
    actions.push_back(std::move(*action));
    if (!list) break;
    if (actions.size() == kActionsMax) return Error{"these are more than " + std::to_string(kActionsMax) + " actions"};
    if (!in.take(',') && in.peek() != ']') return in.expected("a ',' or a ']'");
  }
  if (in.peek() != '\0') return in.expected("nothing more");
  return actions;
}

}  // namespace http_echo
