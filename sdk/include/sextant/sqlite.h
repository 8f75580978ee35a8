// SQLite whose statements are spans: component sextant::sqlite.
//
//   sextant::SqliteStatement statement(db, "SELECT name FROM users WHERE id = ?");
//   sqlite3_bind_int(statement.get(), 1, 7);
//   while (statement.step() == SQLITE_ROW) … sqlite3_column_text(statement.get(), 0) …
//
// Each run of a statement, from the first step to the last one, is a span of kind client by OpenTelemetry's conventions
// for databases: db.system.name, db.namespace (the file without its folder), db.query.text (without literals),
// db.query.summary, which names the span, db.operation.name and db.collection.name (where the statement has just one),
// db.response.returned_rows; for errors db.response.status_code and error.type (SQLite's extended result code).
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "sextant/trace.h"

namespace sextant {

/// As sqlite3_exec(): one span for all statements of the text. `row` may be null.
int sqlite_exec(sqlite3* db, const char* sql, int (*row)(void*, int, char**, char**) = nullptr, void* context = nullptr,
                char** error = nullptr);

/// A prepared statement. As thread-safe as its connection.
class SqliteStatement {
 public:
  /// As sqlite3_prepare_v2(). A statement that cannot be prepared is a span with an error.
  SqliteStatement(sqlite3* db, std::string_view sql);
  SqliteStatement(SqliteStatement&&) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) noexcept;
  ~SqliteStatement();

  /// SQLITE_OK, or why it could not be prepared.
  int prepared() const noexcept;
  /// To bind and to read columns; null where prepared() is not SQLITE_OK, or the text holds no statement.
  sqlite3_stmt* get() const noexcept;
  /// As sqlite3_step().
  int step();
  /// As sqlite3_reset(): ends the span of a run that was not stepped to its end.
  int reset();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
