// Statements without their literals: a value that a program writes into a statement may be anybody's secret.
#include <utility>

#include "conventions/sql_summary.h"
#include "conventions/sql_tokens.h"
#include "sextant/conventions.h"

namespace sextant {
namespace conventions {
namespace {

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool same_word(std::string_view word, std::string_view capitals) noexcept {
  if (word.size() != capitals.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((word[i] & ~32) != capitals[i]) return false;
  }
  return true;
}

/// Words that a value follows, not a name.
bool before_value(std::string_view word) noexcept {
  for (const std::string_view known : {"LIKE", "ILIKE", "GLOB", "MATCH", "REGEXP", "BETWEEN", "IS", "ESCAPE", "THEN",
                                       "ELSE", "WHEN", "LIMIT", "OFFSET", "DEFAULT", "RLIKE"}) {
    if (same_word(word, known)) return true;
  }
  return false;
}

/// Writes the text. Thread-confined.
class SqlText {
 public:
  void see(const SqlToken& token) {
    const bool literal = is_literal(token);
    if (out_.size() < kSqlTextBytesMax) write(token, literal);
    remember(token, literal);
  }
  std::string take() {
    if (out_.size() > kSqlTextBytesMax) out_.resize(out_.rfind(' ', kSqlTextBytesMax) + 1);
    while (!out_.empty() && (out_.back() == ' ' || out_.back() == ';')) out_.pop_back();
    return std::move(out_);
  }

 private:
  bool is_literal(const SqlToken& token) const noexcept {
    if (token.kind == SqlTokenKind::kLiteral) return true;
    if (token.kind == SqlTokenKind::kWord) return same_word(token.text, "TRUE") || same_word(token.text, "FALSE");
    if (token.kind != SqlTokenKind::kDoubleQuoted) return false;
    return value_next_ || in_values_ > 0;
  }

  void write(const SqlToken& token, bool literal) {
    const std::string_view text = literal ? std::string_view("?") : token.text;
    const bool placeholder = literal || text == "?";
    if (placeholder && list_ == List::kComma) {  // (?, ?: the first one stands for all
      out_.resize(list_bytes_);
      list_ = List::kPlaceholder;
      return;
    }
    if (token.spaced && !out_.empty()) out_ += ' ';
    const bool opened = !out_.empty() && (ends_with(out_, "(") || ends_with(out_, "[") || ends_with(out_, "( ") ||
                                          ends_with(out_, "[ "));
    out_ += text;
    if (placeholder && opened) {
      list_ = List::kPlaceholder;
      list_bytes_ = out_.size();
    } else {
      list_ = list_ == List::kPlaceholder && text == "," ? List::kComma : List::kNone;
    }
    if (text == ")") join_rows();
  }

  /// `(?), (?)` is `(?)`.
  void join_rows() {
    for (const std::string_view two : {"(?), (?)", "(?),(?)"}) {
      if (!ends_with(out_, two)) continue;
      const std::size_t begin = out_.size() - two.size();
      if (begin == 0 || out_[begin - 1] == ' ' || out_[begin - 1] == '(') out_.resize(begin + 3);
      return;
    }
  }

  void remember(const SqlToken& token, bool literal) noexcept {
    const std::string_view text = token.text;
    if (token.kind == SqlTokenKind::kSymbol && text == "(") {
      if (in_values_ > 0 || values_next_) ++in_values_;
    } else if (token.kind == SqlTokenKind::kSymbol && text == ")" && in_values_ > 0) {
      --in_values_;
      values_next_ = in_values_ == 0;
    } else if (token.kind == SqlTokenKind::kWord && !literal) {
      if (same_word(text, "SELECT")) in_values_ = 0;
      values_next_ = same_word(text, "IN") || same_word(text, "VALUES");
    } else if (text != ",") {
      values_next_ = false;
    }
    const bool compares =
        token.kind == SqlTokenKind::kSymbol && std::string_view("=<>!|~+-*/%").find(text[0]) != std::string_view::npos;
    value_next_ = compares || (token.kind == SqlTokenKind::kWord && before_value(text));
  }

  enum class List : std::uint8_t { kNone, kPlaceholder, kComma };
  std::string out_;
  List list_ = List::kNone;
  std::size_t list_bytes_ = 0;  // of the text up to the first placeholder of the list
  bool value_next_ = false;     // behind a word or a sign that a value follows
  bool values_next_ = false;    // behind IN or VALUES
  std::size_t in_values_ = 0;   // how many parentheses deep in its list
};

}  // namespace
}  // namespace conventions

SqlDescription describe_sql(std::string_view statement, SqlDialect dialect) {
  conventions::SqlTokens tokens(statement.substr(0, kSqlBytesMax), dialect);
  conventions::SqlSummary summary;
  conventions::SqlText text;
  for (;;) {
    const conventions::SqlToken token = tokens.next();
    if (token.kind == conventions::SqlTokenKind::kEnd) break;
    text.see(token);
    summary.see(token);
  }
  summary.finish();
  SqlDescription made;
  made.text = text.take();
  made.operation = summary.operation();
  made.collection = summary.collection();
  made.summary = summary.take_text();
  return made;
}

}  // namespace sextant
