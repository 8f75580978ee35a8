// Runs of SQLite statements as spans.
#include "sextant/sqlite.h"

#include <cstdint>
#include <string>
#include <utility>

#include "conventions/database_span.h"
#include "sextant/conventions.h"
#include "sextant/version.h"

namespace sextant {
namespace {

const Tracer& sqlite_tracer() {
  static const Tracer& made = *new Tracer(tracer("sextant.sqlite", kVersion));
  return made;
}

conventions::Database database_of(sqlite3* db) {
  conventions::Database database;
  database.system = "sqlite";
  const char* path = sqlite3_db_filename(db, "main");
  if (path == nullptr) return database;
  const std::string_view whole(path);
  database.name = std::string(whole.substr(whole.rfind('/') + 1));
  return database;
}

/// Messages of syntax errors quote the statement, and with it what is secret there.
void set_error(Span& span, sqlite3* db, int code) {
  const int extended = sqlite3_extended_errcode(db);
  const int told = (extended & 0xff) == (code & 0xff) ? extended : code;
  const std::string_view message = (code & 0xff) == SQLITE_ERROR ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  conventions::set_database_error(span, std::to_string(told), message);
}

bool failed(int code) noexcept {
  return code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE;
}

/// Counts the rows that it hands on.
struct RowCounter {
  int (*row)(void*, int, char**, char**);
  void* context;
  std::int64_t rows = 0;

  static int count(void* self, int columns, char** values, char** names) {
    auto& counter = *static_cast<RowCounter*>(self);
    ++counter.rows;
    return counter.row != nullptr ? counter.row(counter.context, columns, values, names) : 0;
  }
};

}  // namespace

int sqlite_exec(sqlite3* db, const char* sql, int (*row)(void*, int, char**, char**), void* context, char** error) {
  if (!sqlite_tracer().enabled() || sql == nullptr) return sqlite3_exec(db, sql, row, context, error);
  Span span =
      conventions::start_database_span(sqlite_tracer(), database_of(db), describe_sql(sql, SqlDialect::kSqlite));
  RowCounter counter{row, context};
  const int code = sqlite3_exec(db, sql, RowCounter::count, &counter, error);
  if (counter.rows > 0) span.set("db.response.returned_rows", counter.rows);
  if (failed(code)) set_error(span, db, code);
  return code;
}

struct SqliteStatement::Impl {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  int prepared = SQLITE_OK;
  std::string text;
  SqlDescription sql;
  bool described = false;
  Span span;  // of the run that has begun
  bool running = false;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  void begin() {
    running = true;
    rows = 0;
    if (!sqlite_tracer().enabled()) return;
    if (!described) {
      sql = describe_sql(text, SqlDialect::kSqlite);
      described = true;
    }
    span = conventions::start_database_span(sqlite_tracer(), database_of(db), sql);
  }
  void end(int code) {
    if (!running) return;
    running = false;
    if (columns > 0) span.set("db.response.returned_rows", rows);
    if (failed(code)) set_error(span, db, code);
    span.end();
  }
};

SqliteStatement::SqliteStatement(sqlite3* db, std::string_view sql) : impl_(std::make_unique<Impl>()) {
  impl_->db = db;
  impl_->text = std::string(sql);
  impl_->prepared =
      sqlite3_prepare_v2(db, impl_->text.c_str(), static_cast<int>(impl_->text.size()), &impl_->statement, nullptr);
  if (impl_->prepared != SQLITE_OK) {
    impl_->begin();
    impl_->end(impl_->prepared);
    return;
  }
  impl_->columns = sqlite3_column_count(impl_->statement);
}

SqliteStatement::SqliteStatement(SqliteStatement&&) noexcept = default;

SqliteStatement& SqliteStatement::operator=(SqliteStatement&& other) noexcept {
  SqliteStatement old(std::move(other));
  std::swap(impl_, old.impl_);
  return *this;
}

SqliteStatement::~SqliteStatement() {
  if (impl_ == nullptr) return;
  impl_->end(SQLITE_OK);
  sqlite3_finalize(impl_->statement);
}

int SqliteStatement::prepared() const noexcept {
  return impl_ != nullptr ? impl_->prepared : SQLITE_MISUSE;
}

sqlite3_stmt* SqliteStatement::get() const noexcept {
  return impl_ != nullptr ? impl_->statement : nullptr;
}

int SqliteStatement::step() {
  if (impl_ == nullptr || impl_->statement == nullptr) return SQLITE_MISUSE;
  if (!impl_->running) impl_->begin();
  const int code = sqlite3_step(impl_->statement);
  if (code == SQLITE_ROW) {
    ++impl_->rows;
  } else {
    impl_->end(code);
  }
  return code;
}

int SqliteStatement::reset() {
  if (impl_ == nullptr) return SQLITE_MISUSE;
  impl_->end(SQLITE_OK);
  return sqlite3_reset(impl_->statement);
}

}  // namespace sextant
