// JSON (RFC 8259) as it comes from outside, one piece after the other, without a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sextant {

/// Thread-confined. Lifetime: the text outlives it. Bad text ends the reading with kBad for good; so do nesting past
/// kDepthMax and texts past kBytesMax. Whether strings are UTF-8 is not looked at.
class JsonReader {
 public:
  static constexpr std::size_t kDepthMax = 64;
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;  // what OTLP allows for a request

  enum class Piece : std::uint8_t {
    kObject,  // begins
    kObjectEnd,
    kList,
    kListEnd,
    kKey,     // text() is it
    kText,    // text()
    kNumber,  // text() is it as written
    kTrue,
    kFalse,
    kNull,
    kEnd,
    kBad  // problem()
  };

  explicit JsonReader(std::string_view json) noexcept : json_(json) {}
  Piece next();
  /// What is left of the value that `piece` began: nothing, unless it is an object or a list. False: bad text.
  bool skip(Piece piece);
  /// Of the last key, text or number, unescaped.
  const std::string& text() const noexcept { return text_; }
  /// Lists and objects that are open.
  std::size_t depth() const noexcept { return depth_; }
  /// After kBad: `line 3, column 7: a comma or '}' is missing`. Columns count bytes.
  std::string problem() const;
  /// Where the last piece began, from 1.
  std::size_t line() const noexcept;
  std::size_t column() const noexcept;

 private:
  Piece read_value();
  Piece read_key();
  Piece open(char kind);
  Piece close();
  Piece word(std::string_view word, Piece piece);
  Piece number();
  bool digits() noexcept;
  bool read_text();
  bool read_escape();
  bool read_unit(std::uint32_t& unit);
  void skip_space() noexcept;
  bool at(char c) const noexcept { return at_ < json_.size() && json_[at_] == c; }
  Piece bad(const char* what) noexcept;

  std::string_view json_;
  std::size_t at_ = 0;
  std::size_t began_ = 0;  // the last piece, or where it is bad
  std::size_t depth_ = 0;
  char open_[kDepthMax] = {};
  bool first_ = true;        // in what is open, nothing has come
  bool wants_value_ = true;  // of a key, or the whole text
  const char* problem_ = nullptr;
  std::string text_;
};

}  // namespace sextant
