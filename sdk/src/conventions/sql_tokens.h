// The words of a statement, in any of the ways in which databases let one write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sextant/conventions.h"

namespace sextant::conventions {

enum class SqlTokenKind : std::uint8_t {
  kEnd,
  kWord,          // a keyword or a name
  kQuotedName,    // with its quotes
  kDoubleQuoted,  // "x", which is a name or a text, by where it stands
  kLiteral,
  kParameter,  // ?, $1, :name, @name
  kSymbol      // one character
};

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::kEnd;
  std::string_view text;
  bool spaced = false;  // blanks or comments stand before it
};

/// Thread-confined. Goes forward by at least a byte with each token.
class SqlTokens {
 public:
  SqlTokens(std::string_view statement, SqlDialect dialect) noexcept : text_(statement), dialect_(dialect) {}
  SqlToken next() noexcept;

 private:
  char at(std::size_t i) const noexcept { return i < text_.size() ? text_[i] : '\0'; }
  bool skip_blanks() noexcept;
  bool skip_comment() noexcept;
  std::size_t quoted_end(std::size_t begin, char quote, bool escapes) const noexcept;
  std::size_t dollar_quoted_end() const noexcept;
  std::size_t number_end() const noexcept;
  std::size_t word_end(std::size_t begin) const noexcept;
  SqlToken take(SqlTokenKind kind, std::size_t end) noexcept;
  SqlToken take_word() noexcept;
  bool backslash_escapes() const noexcept { return dialect_ == SqlDialect::kOther; }

  std::string_view text_;
  const SqlDialect dialect_;
  std::size_t at_ = 0;
};

}  // namespace sextant::conventions
