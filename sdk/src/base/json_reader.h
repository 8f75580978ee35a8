// JSON (RFC 8259) as it comes from receivers, one piece after the other, without a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sextant {

/// Thread-confined. Lifetime: the text outlives it. Bad text ends the reading with kBad; nesting past kDepthMax is bad.
class JsonReader {
 public:
  static constexpr std::size_t kDepthMax = 64;

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
    kBad
  };

  explicit JsonReader(std::string_view json) noexcept : json_(json) {}
  Piece next();
  /// Of the last key, text or number, unescaped.
  const std::string& text() const noexcept { return text_; }
  /// Lists and objects that are open.
  std::size_t depth() const noexcept { return depth_; }

 private:
  Piece read_value();
  Piece read_key();
  Piece open(char kind);
  Piece close();
  Piece word(std::string_view word, Piece piece);
  Piece number();
  bool read_text();
  bool read_escape();
  bool read_unit(std::uint32_t& unit);
  void append_character(std::uint32_t character);
  void skip_space() noexcept;
  bool at(char c) const noexcept { return at_ < json_.size() && json_[at_] == c; }
  Piece bad() noexcept {
    bad_ = true;
    return Piece::kBad;
  }

  std::string_view json_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  char open_[kDepthMax] = {};
  bool first_ = true;        // in what is open, nothing has come
  bool wants_value_ = true;  // of a key, or the whole text
  bool bad_ = false;
  std::string text_;
};

}  // namespace sextant
