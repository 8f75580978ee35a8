// What a statement does to which tables.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "conventions/sql_tokens.h"

namespace sextant::conventions {

/// Is shown the tokens of a statement one after the other. Thread-confined.
class SqlSummary {
 public:
  void see(const SqlToken& token);
  /// Requires: all tokens have been seen.
  void finish();
  std::string take_text() { return std::move(text_); }
  /// Empty where there is none, or several.
  std::string operation() const { return operations_ == 1 ? operation_ : std::string(); }
  std::string collection() const { return operations_ == 1 && targets_ == 1 ? target_ : std::string(); }

 private:
  /// One for each open parenthesis, as far as kDepthMax.
  struct Level {
    bool lists_tables = false;  // behind FROM: a comma is followed by another table
    bool is_function = false;   // EXTRACT(… FROM …)
  };
  static constexpr std::size_t kDepthMax = 64;

  void see_word(std::string_view word);
  void see_name(const SqlToken& token);
  void see_symbol(const SqlToken& token);
  bool see_target_keyword(const std::string& word);
  bool begins_operation(const std::string& word) const;
  void add_operation(std::string_view word);
  void end_name();
  void append(const std::string& part);
  Level& level() noexcept { return levels_[depth_ < kDepthMax ? depth_ : kDepthMax - 1]; }

  std::string text_;
  std::string operation_;
  std::string target_;
  std::string name_;       // of a table, so far: schema.table
  std::string previous_;   // the last word, in capitals
  std::string object_of_;  // CREATE, DROP or ALTER, which a kind of object follows
  std::array<Level, kDepthMax> levels_{};
  std::size_t depth_ = 0;
  std::size_t operations_ = 0;
  std::size_t targets_ = 0;
  bool begins_ = true;  // at the first word of a statement
  bool expects_name_ = false;
  bool in_name_ = false;  // behind a part of a name: a '.' goes on with it
  bool after_dot_ = false;
  bool full_ = false;
};

}  // namespace sextant::conventions
