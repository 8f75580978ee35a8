#include "conventions/sql_summary.h"

namespace sextant::conventions {
namespace {

constexpr std::size_t kWordBytesMax = 32;  // no keyword is longer

std::string capitals(std::string_view word) {
  std::string out(word.substr(0, kWordBytesMax));
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~32) : c;
  return out;
}

template <std::size_t kCount>
bool one_of(std::string_view word, const std::string_view (&words)[kCount]) noexcept {
  for (const std::string_view known : words) {
    if (word == known) return true;
  }
  return false;
}

/// Words that may stand between the word that a table follows and the table.
bool passed_over(std::string_view word) noexcept {
  constexpr std::string_view kWords[] = {"IF",     "NOT",     "EXISTS",   "ONLY",  "LATERAL", "CONCURRENTLY", "OR",
                                         "IGNORE", "REPLACE", "ROLLBACK", "ABORT", "FAIL",    "LOW_PRIORITY"};
  return one_of(word, kWords);
}

/// Words that end a list of tables.
bool ends_tables(std::string_view word) noexcept {
  constexpr std::string_view kWords[] = {"WHERE",     "GROUP",     "ORDER",  "HAVING", "LIMIT", "UNION",
                                         "EXCEPT",    "INTERSECT", "SET",    "VALUES", "ON",    "USING",
                                         "RETURNING", "WINDOW",    "OFFSET", "FETCH",  "FOR"};
  return one_of(word, kWords);
}

bool object_kind(std::string_view word) noexcept {
  constexpr std::string_view kWords[] = {"TABLE",    "INDEX",     "VIEW", "TRIGGER",   "DATABASE", "SCHEMA", "SEQUENCE",
                                         "FUNCTION", "PROCEDURE", "TYPE", "EXTENSION", "ROLE",     "USER"};
  return one_of(word, kWords);
}

bool function_with_from(std::string_view word) noexcept {
  constexpr std::string_view kWords[] = {"EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"};
  return one_of(word, kWords);
}

}  // namespace

void SqlSummary::see(const SqlToken& token) {
  const bool goes_on = token.kind == SqlTokenKind::kSymbol && token.text == "." && in_name_;
  if (in_name_ && !goes_on && !after_dot_) end_name();
  switch (token.kind) {
    case SqlTokenKind::kWord:
      if (after_dot_ && in_name_) return see_name(token);
      return see_word(token.text);
    case SqlTokenKind::kQuotedName:
    case SqlTokenKind::kDoubleQuoted:
      if (expects_name_ || in_name_) see_name(token);
      previous_.clear();
      return;
    case SqlTokenKind::kSymbol:
      return see_symbol(token);
    case SqlTokenKind::kLiteral:
      if (expects_name_ && token.text[0] == '\'') return see_name(token);  // SQLite and MySQL take 'artists' for a name
      break;
    default:
      break;
  }
  expects_name_ = false;
  after_dot_ = false;
  previous_.clear();
}

void SqlSummary::see_word(std::string_view text) {
  const std::string word = capitals(text);
  if (expects_name_ && passed_over(word)) return;
  if (begins_operation(word)) {
    add_operation(text);
  } else if (!see_target_keyword(word)) {
    if (expects_name_) {
      see_name({SqlTokenKind::kWord, text, false});
    } else if (ends_tables(word)) {
      level().lists_tables = false;
    }
  }
  begins_ = begins_ && (word == "EXPLAIN" || word == "ANALYZE" || word == "QUERY" || word == "PLAN");
  previous_ = word;
}

bool SqlSummary::begins_operation(const std::string& word) const {
  if (word == "WITH" || word == "PLAN" || word == "QUERY") return false;
  if (begins_) return true;
  if (expects_name_) return false;
  if (word == "SELECT") return true;
  const bool changes = word == "INSERT" || word == "UPDATE" || word == "DELETE" || word == "MERGE";
  return changes && previous_ != "FOR" && previous_ != "ON" && previous_ != "DO" && previous_ != "KEY" &&
         previous_ != "OR" && previous_ != "BEFORE" && previous_ != "AFTER" && previous_ != "THEN" && previous_ != "OF";
}

void SqlSummary::add_operation(std::string_view text) {
  const std::string word = capitals(text);
  ++operations_;
  object_of_.clear();
  level().lists_tables = false;
  expects_name_ = word == "UPDATE" || word == "CALL" || word == "EXEC" || word == "EXECUTE" || word == "PRAGMA" ||
                  word == "TRUNCATE" || word == "REFRESH" || word == "USE";
  operation_ = std::string(text.substr(0, kWordBytesMax));
  if (word == "CREATE" || word == "DROP" || word == "ALTER") object_of_ = operation_;
  if (word == "EXPLAIN") --operations_;  // what is explained is the operation
  append(operation_);
}

/// Whether it is a word that a table follows, or a kind of object.
bool SqlSummary::see_target_keyword(const std::string& word) {
  if (!object_of_.empty() && object_kind(word)) {
    append(word);
    operation_ = object_of_ + " " + word;
    object_of_.clear();
    expects_name_ = true;
    return true;
  }
  if (word == "TABLE" && expects_name_) return true;  // TRUNCATE TABLE x
  const bool from = word == "FROM" && !level().is_function && previous_ != "DISTINCT";
  if (!from && word != "JOIN" && word != "INTO") return false;
  expects_name_ = true;
  level().lists_tables = from;
  return true;
}

void SqlSummary::see_name(const SqlToken& token) {
  if (!after_dot_) name_.clear();
  if (name_.size() + token.text.size() <= kSqlSummaryBytesMax) {
    name_ += token.text;
  } else {
    name_.assign(kSqlSummaryBytesMax + 1, ' ');  // too long to be shown
  }
  in_name_ = true;
  expects_name_ = false;
  after_dot_ = false;
}

void SqlSummary::end_name() {
  in_name_ = false;
  after_dot_ = false;
  ++targets_;
  target_ = name_.size() <= kSqlSummaryBytesMax ? name_ : std::string();
  append(name_);
}

void SqlSummary::see_symbol(const SqlToken& token) {
  const char c = token.text[0];
  if (c == '.' && in_name_) {
    if (name_.size() <= kSqlSummaryBytesMax) name_ += '.';
    after_dot_ = true;
    return;
  }
  if (in_name_) end_name();
  expects_name_ = false;
  if (c == '(') {
    ++depth_;
    level() = {false, function_with_from(previous_)};
  } else if (c == ')' && depth_ > 0) {
    --depth_;
  } else if (c == ',') {
    expects_name_ = level().lists_tables;
  } else if (c == ';') {
    begins_ = true;
    depth_ = 0;
    levels_[0] = {};
  }
  previous_.clear();
}

void SqlSummary::append(const std::string& part) {
  if (full_ || text_.size() + 1 + part.size() > kSqlSummaryBytesMax) {
    full_ = true;
    return;
  }
  if (!text_.empty()) text_ += ' ';
  text_ += part;
}

void SqlSummary::finish() {
  if (in_name_) end_name();
}

}  // namespace sextant::conventions
