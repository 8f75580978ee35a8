#include "sextant/sqlite.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "conventions/testing.h"

namespace sextant {
namespace {

using conventions::SeenSpan;
using conventions::SpanWatch;

/// A database in a file of its own.
class Sqlite : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/sextant_sqlite_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_EQ(sqlite3_open((folder_ + "/shop.db").c_str(), &db_), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(db_, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE)", nullptr, nullptr, nullptr),
        SQLITE_OK);
  }
  void TearDown() override {
    sqlite3_close(db_);
    std::remove((folder_ + "/shop.db").c_str());
    rmdir(folder_.c_str());
  }
  SeenSpan only() {
    const std::vector<SeenSpan> spans = watch_.take();
    EXPECT_EQ(spans.size(), 1u);
    return spans.empty() ? SeenSpan() : spans[0];
  }

  SpanWatch watch_;
  std::string folder_;
  sqlite3* db_ = nullptr;
};

TEST_F(Sqlite, exec_is_a_client_span_without_the_literals_of_the_statement) {
  EXPECT_EQ(sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice'), ('bob')"), SQLITE_OK);
  SeenSpan span = only();
  EXPECT_EQ(span.name, "INSERT users");
  EXPECT_EQ(span.kind, 3u);
  EXPECT_EQ(span.status, 0u);
  const std::map<std::string, std::string> expected = {
      {"db.system.name", "sqlite"},         {"db.namespace", "shop.db"},
      {"db.query.summary", "INSERT users"}, {"db.query.text", "INSERT INTO users (name) VALUES (?)"},
      {"db.operation.name", "INSERT"},      {"db.collection.name", "users"}};
  EXPECT_EQ(span.attributes, expected);
}

TEST_F(Sqlite, exec_counts_rows_and_hands_them_on) {
  sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice'), ('bob')");
  std::string names;
  const auto row = [](void* names_of, int, char** values, char**) {
    *static_cast<std::string*>(names_of) += values[0];
    return 0;
  };
  EXPECT_EQ(sqlite_exec(db_, "SELECT name FROM users ORDER BY id", row, &names), SQLITE_OK);
  EXPECT_EQ(names, "alicebob");
  EXPECT_EQ(watch_.take().at(1).attributes["db.response.returned_rows"], "2");
  EXPECT_EQ(sqlite_exec(db_, "SELECT name FROM users"), SQLITE_OK);
  EXPECT_EQ(only().attributes["db.response.returned_rows"], "2");
}

TEST_F(Sqlite, errors_have_the_extended_code_and_no_text_of_the_statement) {
  sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice')");
  char* error = nullptr;
  EXPECT_EQ(sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice')", nullptr, nullptr, &error), SQLITE_CONSTRAINT);
  EXPECT_STREQ(error, "UNIQUE constraint failed: users.name");
  sqlite3_free(error);
  SeenSpan span = watch_.take().at(1);
  EXPECT_EQ(span.status, 2u);
  EXPECT_EQ(span.message, "UNIQUE constraint failed: users.name");
  EXPECT_EQ(span.attributes["db.response.status_code"], "2067");
  EXPECT_EQ(span.attributes["error.type"], "2067");
  EXPECT_EQ(sqlite_exec(db_, "SELECT secret 'x y z'"), SQLITE_ERROR);
  span = only();
  EXPECT_EQ(span.attributes["error.type"], "1");
  EXPECT_EQ(span.message, "SQL logic error");
}

TEST_F(Sqlite, each_run_of_a_prepared_statement_is_a_span) {
  SqliteStatement insert(db_, "INSERT INTO users (name) VALUES (?)");
  ASSERT_EQ(insert.prepared(), SQLITE_OK);
  for (const char* name : {"alice", "bob", "carol"}) {
    sqlite3_bind_text(insert.get(), 1, name, -1, SQLITE_STATIC);
    EXPECT_EQ(insert.step(), SQLITE_DONE);
    EXPECT_EQ(insert.reset(), SQLITE_OK);
  }
  EXPECT_EQ(watch_.take().size(), 3u);
  SqliteStatement select(db_, "SELECT id, name FROM users WHERE id > 1");
  EXPECT_EQ(select.step(), SQLITE_ROW);
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(select.get(), 1)), "bob");
  EXPECT_EQ(select.step(), SQLITE_ROW);
  EXPECT_TRUE(watch_.take().empty());
  EXPECT_EQ(select.step(), SQLITE_DONE);
  SeenSpan span = only();
  EXPECT_EQ(span.name, "SELECT users");
  EXPECT_EQ(span.attributes["db.query.text"], "SELECT id, name FROM users WHERE id > ?");
  EXPECT_EQ(span.attributes["db.response.returned_rows"], "2");
}

TEST_F(Sqlite, a_run_that_is_left_ends_with_reset_or_the_statement) {
  sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice'), ('bob')");
  watch_.take();
  {
    SqliteStatement select(db_, "SELECT * FROM users");
    EXPECT_EQ(select.step(), SQLITE_ROW);
    EXPECT_EQ(select.reset(), SQLITE_OK);
    EXPECT_EQ(only().attributes["db.response.returned_rows"], "1");
    EXPECT_EQ(select.step(), SQLITE_ROW);
    SqliteStatement moved(std::move(select));
    EXPECT_EQ(moved.step(), SQLITE_ROW);
    EXPECT_EQ(select.step(), SQLITE_MISUSE);
    EXPECT_EQ(select.reset(), SQLITE_MISUSE);
    EXPECT_EQ(select.get(), nullptr);
    EXPECT_EQ(select.prepared(), SQLITE_MISUSE);
  }
  EXPECT_EQ(only().attributes["db.response.returned_rows"], "2");
}

TEST_F(Sqlite, a_statement_that_cannot_be_prepared_is_an_error) {
  SqliteStatement bad(db_, "SELECT * FROM nowhere");
  EXPECT_EQ(bad.prepared(), SQLITE_ERROR);
  EXPECT_EQ(bad.step(), SQLITE_MISUSE);
  const SeenSpan span = only();
  EXPECT_EQ(span.name, "SELECT nowhere");
  EXPECT_EQ(span.status, 2u);
  bad = SqliteStatement(db_, "SELECT 1");
  EXPECT_EQ(bad.step(), SQLITE_ROW);
}

TEST_F(Sqlite, errors_of_a_step_are_seen) {
  sqlite_exec(db_, "INSERT INTO users (name) VALUES ('alice')");
  watch_.take();
  SqliteStatement insert(db_, "INSERT INTO users (name) VALUES ('alice')");
  EXPECT_EQ(insert.step(), SQLITE_CONSTRAINT);
  EXPECT_EQ(only().attributes["db.response.status_code"], "2067");
}

TEST_F(Sqlite, spans_are_children_of_the_current_one) {
  const Tracer tracer = sextant::tracer("test");
  {
    ScopedSpan parent(tracer, "parent");
    sqlite_exec(db_, "SELECT 1");
  }
  const std::vector<SeenSpan> spans = watch_.take();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_id, spans[1].span_id);
}

TEST(SqliteWithoutSdk, works_as_sqlite_does) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  EXPECT_EQ(sqlite_exec(db, "CREATE TABLE t (a)"), SQLITE_OK);
  {
    SqliteStatement insert(db, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(insert.step(), SQLITE_DONE);
  }
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);
}

}  // namespace
}  // namespace sextant
