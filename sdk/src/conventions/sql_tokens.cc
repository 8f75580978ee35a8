#include "conventions/sql_tokens.h"

#include <algorithm>

namespace sextant::conventions {
namespace {

bool digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool word_start(char c) noexcept {
  return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool word_character(char c) noexcept {
  return word_start(c) || digit(c) || c == '$';
}

bool blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// What may stand right before a quote and belongs to the literal: X'00', N'é', E'\n', B'1', U&'x', _utf8'x'.
bool literal_prefix(std::string_view word) noexcept {
  if (word.size() == 1) return std::string_view("xXnNeEbB").find(word[0]) != std::string_view::npos;
  return !word.empty() && word[0] == '_';
}

}  // namespace

std::size_t SqlTokens::word_end(std::size_t begin) const noexcept {
  std::size_t end = begin;
  while (end < text_.size() && word_character(text_[end])) ++end;
  return end;
}

/// Past one comment, if there is one.
bool SqlTokens::skip_comment() noexcept {
  const bool line = (at(at_) == '-' && at(at_ + 1) == '-') || (at(at_) == '#' && dialect_ == SqlDialect::kOther);
  if (line) {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return true;
  }
  if (at(at_) != '/' || at(at_ + 1) != '*') return false;
  std::size_t depth = 1;
  at_ += 2;
  while (at_ < text_.size() && depth > 0) {
    if (at(at_) == '*' && at(at_ + 1) == '/') {
      --depth;
      at_ += 2;
    } else if (dialect_ == SqlDialect::kPostgresql && at(at_) == '/' && at(at_ + 1) == '*') {
      ++depth;
      at_ += 2;
    } else {
      ++at_;
    }
  }
  at_ = std::min(at_, text_.size());
  return true;
}

bool SqlTokens::skip_blanks() noexcept {
  const std::size_t begin = at_;
  while (at_ < text_.size() && (blank(text_[at_]) || text_[at_] == '\0' || skip_comment())) {
    if (at_ < text_.size() && (blank(text_[at_]) || text_[at_] == '\0')) ++at_;
  }
  return at_ > begin;
}

/// Past the closing quote, two of which are one inside; the end of the text where it is missing.
std::size_t SqlTokens::quoted_end(std::size_t begin, char quote, bool escapes) const noexcept {
  std::size_t i = begin + 1;
  while (i < text_.size()) {
    if (escapes && text_[i] == '\\') {
      i += 2;
    } else if (text_[i] != quote) {
      ++i;
    } else if (at(i + 1) == quote) {
      i += 2;
    } else {
      return i + 1;
    }
  }
  return text_.size();
}

/// `$tag$ … $tag$`; where it begins, if it is none.
std::size_t SqlTokens::dollar_quoted_end() const noexcept {
  std::size_t tag_end = at_ + 1;
  while (tag_end < text_.size() && word_character(text_[tag_end]) && text_[tag_end] != '$') ++tag_end;
  if (at(tag_end) != '$' || digit(at(at_ + 1))) return at_;
  const std::string_view tag = text_.substr(at_, tag_end + 1 - at_);
  const std::size_t close = text_.find(tag, tag_end + 1);
  return close == std::string_view::npos ? text_.size() : close + tag.size();
}

/// 12, 1.5e-3, .5, 0x1f, 1_000: and, to be safe, letters that follow.
std::size_t SqlTokens::number_end() const noexcept {
  std::size_t end = at_;
  while (end < text_.size()) {
    const char c = text_[end];
    const bool sign = (c == '-' || c == '+') && end > at_ && (text_[end - 1] | 32) == 'e' && at(at_ + 1) != 'x';
    if (!word_character(c) && c != '.' && !(sign && digit(at(end + 1)))) break;
    ++end;
  }
  return end;
}

SqlToken SqlTokens::take(SqlTokenKind kind, std::size_t end) noexcept {
  const SqlToken token{kind, text_.substr(at_, end - at_), false};
  at_ = end;
  return token;
}

SqlToken SqlTokens::take_word() noexcept {
  const std::size_t end = word_end(at_);
  const std::string_view word = text_.substr(at_, end - at_);
  if (at(end) == '\'' && literal_prefix(word)) {
    const bool escapes = backslash_escapes() || word == "e" || word == "E";
    return take(SqlTokenKind::kLiteral, quoted_end(end, '\'', escapes));
  }
  if ((word == "u" || word == "U") && at(end) == '&' && at(end + 1) == '\'')
    return take(SqlTokenKind::kLiteral, quoted_end(end + 1, '\'', false));
  return take(SqlTokenKind::kWord, end);
}

SqlToken SqlTokens::next() noexcept {
  const bool spaced = skip_blanks();
  const auto made = [&](SqlToken token) {
    token.spaced = spaced;
    return token;
  };
  if (at_ >= text_.size()) return made({});
  const char c = text_[at_];
  const char after = at(at_ + 1);
  if (word_start(c)) return made(take_word());
  if (digit(c) || (c == '.' && digit(after))) return made(take(SqlTokenKind::kLiteral, number_end()));
  if (c == '\'') return made(take(SqlTokenKind::kLiteral, quoted_end(at_, c, backslash_escapes())));
  if (c == '"') {
    const bool escapes = backslash_escapes();
    return made(take(dialect_ == SqlDialect::kPostgresql ? SqlTokenKind::kQuotedName : SqlTokenKind::kDoubleQuoted,
                     quoted_end(at_, c, escapes)));
  }
  if (c == '`' && dialect_ != SqlDialect::kPostgresql)
    return made(take(SqlTokenKind::kQuotedName, quoted_end(at_, c, false)));
  if (c == '[' && dialect_ == SqlDialect::kSqlite)
    return made(take(SqlTokenKind::kQuotedName, std::min(text_.find(']', at_), text_.size() - 1) + 1));
  if (c == '$') {
    if (dialect_ == SqlDialect::kPostgresql) {
      const std::size_t end = dollar_quoted_end();
      if (end > at_) return made(take(SqlTokenKind::kLiteral, end));
    }
    return made(take(SqlTokenKind::kParameter, word_end(at_ + 1)));
  }
  if (c == '?') return made(take(SqlTokenKind::kParameter, word_end(at_ + 1)));
  if (c == ':' && after == ':') return made(take(SqlTokenKind::kSymbol, at_ + 2));
  if ((c == ':' || c == '@') && word_character(after)) return made(take(SqlTokenKind::kParameter, word_end(at_ + 1)));
  return made(take(SqlTokenKind::kSymbol, at_ + 1));
}

}  // namespace sextant::conventions
