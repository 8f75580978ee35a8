#include <gtest/gtest.h>

#include <random>

#include "sextant/conventions.h"

namespace sextant {
namespace {

using namespace std::string_literals;

std::string text_of(std::string_view sql, SqlDialect dialect = SqlDialect::kSqlite) {
  return describe_sql(sql, dialect).text;
}

std::string summary_of(std::string_view sql, SqlDialect dialect = SqlDialect::kPostgresql) {
  return describe_sql(sql, dialect).summary;
}

struct Text {
  const char* sql;
  const char* text;
};

TEST(SqlText, literals_become_question_marks_in_every_dialect) {
  const Text cases[] = {
      {"SELECT * FROM users WHERE name = 'alice'", "SELECT * FROM users WHERE name = ?"},
      {"SELECT 'it''s', 'a', b", "SELECT ?, ?, b"},
      {"SELECT 1, 2.5, .5, 1e10, 1.5e-3, 0x1F, 1_000", "SELECT ?, ?, ?, ?, ?, ?, ?"},
      {"SELECT x'53514c', X'00', N'caf\xc3\xa9', b'101'", "SELECT ?, ?, ?, ?"},
      {"SELECT TRUE, false, NULL", "SELECT ?, ?, NULL"},
      {"WHERE a=-5 AND b=+1.0", "WHERE a=-? AND b=+?"},
      {"WHERE d = DATE '2020-01-01'", "WHERE d = DATE ?"},
      {"WHERE d > now() - INTERVAL '1 day'", "WHERE d > now() - INTERVAL ?"},
      {"SELECT col1, t2.c3 FROM t2", "SELECT col1, t2.c3 FROM t2"},
      {"SELECT a1b2 FROM x3y LIMIT 10 OFFSET 20", "SELECT a1b2 FROM x3y LIMIT ? OFFSET ?"},
      {"INSERT INTO t VALUES ('a')", "INSERT INTO t VALUES (?)"},
      {"UPDATE t SET a = 'x', b = 2 WHERE id = 3", "UPDATE t SET a = ?, b = ? WHERE id = ?"},
      {"WHERE a LIKE '%secret%' ESCAPE '!'", "WHERE a LIKE ? ESCAPE ?"},
      {"SELECT 'unterminated", "SELECT ?"},
      {"SELECT 12abc", "SELECT ?"},
      {"CALL f(1, 'x', y)", "CALL f(?, y)"},
  };
  for (const Text& one : cases) {
    for (const SqlDialect dialect : {SqlDialect::kSqlite, SqlDialect::kPostgresql, SqlDialect::kOther})
      EXPECT_EQ(text_of(one.sql, dialect), one.text) << one.sql;
  }
}

TEST(SqlText, lists_of_literals_are_one) {
  EXPECT_EQ(text_of("SELECT * FROM t WHERE id IN (1, 2, 3)"), "SELECT * FROM t WHERE id IN (?)");
  EXPECT_EQ(text_of("WHERE id IN (1,2,3) AND name IN ('a' , 'b')"), "WHERE id IN (?) AND name IN (?)");
  EXPECT_EQ(text_of("WHERE id IN (?, ?, ?)"), "WHERE id IN (?)");
  EXPECT_EQ(text_of("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')"), "INSERT INTO t (a, b) VALUES (?)");
  EXPECT_EQ(text_of("INSERT INTO t VALUES (1,2),(3,4),(5,6)"), "INSERT INTO t VALUES (?)");
  EXPECT_EQ(text_of("SELECT ARRAY[1, 2, 3]", SqlDialect::kPostgresql), "SELECT ARRAY[?]");
  EXPECT_EQ(text_of("SELECT 1, 2"), "SELECT ?, ?");
  EXPECT_EQ(text_of("SELECT f(a, 1, 2)"), "SELECT f(a, ?, ?)");
  EXPECT_EQ(text_of("INSERT INTO t VALUES (1, now(), 2)"), "INSERT INTO t VALUES (?, now(), ?)");
  EXPECT_EQ(text_of("SELECT f(1), (2)"), "SELECT f(?), (?)");
  EXPECT_EQ(text_of("WHERE (a, b) IN ((1, 2), (3, 4))"), "WHERE (a, b) IN ((?))");
}

TEST(SqlText, comments_are_dropped_and_blanks_are_one_blank) {
  EXPECT_EQ(text_of("  SELECT\n\t a -- secret 'x'\n FROM /* more\n secret */ t ; "), "SELECT a FROM t");
  EXPECT_EQ(text_of("SELECT a/* b */FROM t"), "SELECT a FROM t");
  EXPECT_EQ(text_of("/* a /* b */ SELECT 1"), "SELECT ?");
  EXPECT_EQ(text_of("/* a /* b */ 'secret' */ SELECT 1", SqlDialect::kPostgresql), "SELECT ?");
  EXPECT_EQ(text_of("SELECT a # secret\nFROM t", SqlDialect::kOther), "SELECT a FROM t");
  EXPECT_EQ(text_of("SELECT a #> b", SqlDialect::kPostgresql), "SELECT a #> b");
  EXPECT_EQ(text_of("SELECT 1 -- end"), "SELECT ?");
  EXPECT_EQ(text_of("SELECT 1 /* no end"), "SELECT ?");
  EXPECT_EQ(text_of("-- only"), "");
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("SELECT '--', '/*', a FROM t -- 'x"), "SELECT ?, ?, a FROM t");
  EXPECT_EQ(text_of("INSERT INTO t VALUES (1); SELECT 2;"), "INSERT INTO t VALUES (?); SELECT ?");
}

TEST(SqlText, parameters_are_kept) {
  EXPECT_EQ(text_of("SELECT ?, ?1, :name, @name, $name"), "SELECT ?, ?1, :name, @name, $name");
  EXPECT_EQ(text_of("SELECT $1, $2::int WHERE a = ANY($3)", SqlDialect::kPostgresql),
            "SELECT $1, $2::int WHERE a = ANY($3)");
  EXPECT_EQ(text_of("SELECT '5'::int, a::text", SqlDialect::kPostgresql), "SELECT ?::int, a::text");
}

TEST(SqlText, texts_of_postgresql_are_literals) {
  EXPECT_EQ(text_of("SELECT $$secret 'x'$$, $tag$ $$ $tag$, b", SqlDialect::kPostgresql), "SELECT ?, ?, b");
  EXPECT_EQ(text_of("SELECT E'it\\'s', e'\\\\', 'a\\', b", SqlDialect::kPostgresql), "SELECT ?, ?, ?, b");
  EXPECT_EQ(text_of("SELECT U&'d\\0061t', \"name\"", SqlDialect::kPostgresql), "SELECT ?, \"name\"");
  EXPECT_EQ(text_of("SELECT $$no end", SqlDialect::kPostgresql), "SELECT ?");
  EXPECT_EQ(text_of("WHERE \"a\" = \"b\"", SqlDialect::kPostgresql), "WHERE \"a\" = \"b\"");
}

TEST(SqlText, names_in_quotes_are_kept_but_not_where_a_value_stands) {
  EXPECT_EQ(text_of("SELECT \"id\", `b`, [c d] FROM \"song list\""), "SELECT \"id\", `b`, [c d] FROM \"song list\"");
  EXPECT_EQ(text_of("WHERE name = \"secret\" OR name LIKE \"secret%\""), "WHERE name = ? OR name LIKE ?");
  EXPECT_EQ(text_of("WHERE name IN (\"a\", \"b\")"), "WHERE name IN (?)");
  EXPECT_EQ(text_of("INSERT INTO \"t\" (\"a\") VALUES (\"secret\", lower(\"secret\"))"),
            "INSERT INTO \"t\" (\"a\") VALUES (?, lower(?))");
  EXPECT_EQ(text_of("SELECT * FROM t WHERE id IN (SELECT \"id\" FROM u)"),
            "SELECT * FROM t WHERE id IN (SELECT \"id\" FROM u)");
  EXPECT_EQ(text_of("SELECT 'a\\'b', c", SqlDialect::kOther), "SELECT ?, c");
}

TEST(SqlText, is_bounded_and_ends_with_a_whole_word) {
  std::string sql = "SELECT ";
  while (sql.size() < 100'000) sql += "column_name, ";
  const std::string text = text_of(sql);
  EXPECT_LE(text.size(), kSqlTextBytesMax);
  EXPECT_GT(text.size(), kSqlTextBytesMax - 100);
  EXPECT_EQ(text.substr(text.size() - 12), "column_name,");
  EXPECT_EQ(text_of("SELECT '" + std::string(1 << 20, 'x')), "SELECT ?");
  std::string values = "INSERT INTO t VALUES (1, 2)";
  for (int i = 0; i < 5'000; ++i) values += ", (1, 2)";
  EXPECT_EQ(text_of(values), "INSERT INTO t VALUES (?)");
}

TEST(SqlSummary, is_operations_and_their_tables_in_order) {
  const Text cases[] = {
      {"SELECT * FROM wuser_table WHERE username = ?", "SELECT wuser_table"},
      {"INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders WHERE order_id = ?",
       "INSERT shipping_details SELECT orders"},
      {"SELECT * FROM songs, artists WHERE songs.artist_id == artists.id", "SELECT songs artists"},
      {"SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)",
       "SELECT SELECT orders customers"},
      {"SELECT * FROM \"song list\", 'artists'", "SELECT \"song list\" 'artists'"},
      {"select a from b", "select b"},
      {"SELECT 1", "SELECT"},
      {"UPDATE ONLY public.users SET a = 1 WHERE id = 2", "UPDATE public.users"},
      {"DELETE FROM users WHERE id = 1", "DELETE users"},
      {"INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 2", "INSERT t"},
      {"INSERT OR REPLACE INTO t VALUES (1)", "INSERT t"},
      {"REPLACE INTO t VALUES (1)", "REPLACE t"},
      {"SELECT a FROM t FOR UPDATE", "SELECT t"},
      {"WITH x AS (SELECT * FROM orders) SELECT * FROM x", "SELECT orders SELECT x"},
      {"WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone", "DELETE a INSERT b SELECT gone"},
      {"SELECT a FROM t UNION ALL SELECT b FROM u", "SELECT t SELECT u"},
      {"SELECT * FROM a s, b AS t LEFT JOIN c ON a.x = c.y, d", "SELECT a b c"},
      {"CREATE TABLE IF NOT EXISTS public.t (id int)", "CREATE TABLE public.t"},
      {"CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX i"},
      {"drop table t", "drop TABLE t"},
      {"ALTER TABLE t ADD COLUMN c int", "ALTER TABLE t"},
      {"TRUNCATE TABLE t", "TRUNCATE t"},
      {"TRUNCATE t", "TRUNCATE t"},
      {"BEGIN", "BEGIN"},
      {"COMMIT;", "COMMIT"},
      {"CALL some_procedure(1)", "CALL some_procedure"},
      {"PRAGMA table_info(t)", "PRAGMA table_info"},
      {"SET search_path TO x", "SET"},
      {"EXPLAIN SELECT * FROM t", "EXPLAIN SELECT t"},
      {"SELECT EXTRACT(year FROM created) FROM t", "SELECT t"},
      {"SELECT a IS DISTINCT FROM b FROM t", "SELECT t"},
      {"SELECT * FROM a.\"b c\".d", "SELECT a.\"b c\".d"},
      {"SELECT * FROM t WHERE x = (SELECT max(x) FROM u)", "SELECT t SELECT u"},
      {"INSERT INTO a VALUES (1); DELETE FROM b", "INSERT a DELETE b"},
      {"CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE ON UPDATE SET NULL)", "CREATE TABLE t"},
      {"", ""},
  };
  for (const Text& one : cases) EXPECT_EQ(summary_of(one.sql), one.text) << one.sql;
}

TEST(SqlSummary, has_at_most_255_bytes_and_no_name_in_part) {
  std::string sql = "SELECT * FROM t0";
  for (int i = 1; i < 200; ++i) sql += ", t" + std::to_string(i);
  const std::string summary = summary_of(sql);
  EXPECT_LE(summary.size(), kSqlSummaryBytesMax);
  EXPECT_EQ(summary.substr(summary.size() - 3), "t63");
  EXPECT_EQ(summary_of("SELECT * FROM " + std::string(300, 'x')), "SELECT");
}

TEST(SqlDescription, names_operation_and_table_where_there_is_just_one) {
  const SqlDescription one = describe_sql("select * from Users where id = 1", SqlDialect::kSqlite);
  EXPECT_EQ(one.operation, "select");
  EXPECT_EQ(one.collection, "Users");
  const SqlDescription two = describe_sql("SELECT * FROM a JOIN b USING (id)", SqlDialect::kSqlite);
  EXPECT_EQ(two.operation, "SELECT");
  EXPECT_EQ(two.collection, "");
  EXPECT_EQ(describe_sql("INSERT INTO a SELECT * FROM b").operation, "");
  EXPECT_EQ(describe_sql("CREATE TABLE t (a int)").operation, "CREATE TABLE");
  EXPECT_EQ(describe_sql("CREATE TABLE t (a int)").collection, "t");
}

TEST(SqlDescription, of_random_text_holds_no_literal_of_it) {
  std::mt19937 random(17);
  const std::string pieces[] = {"SELECT ", "FROM ", "'",        "''",   "$$",    "$t$",   "--", "/*",   "*/",
                                "\n",      "(",     ")",        ",",    "?",     "E'",    "\\", "]",    "x'",
                                ".",       " IN (", "VALUES (", "4242", " a ",   ";",     "#",  "\x80", "\xff",
                                ":",       "::",    "@p",       "t ",   "INTO ", "TABLE "};
  for (int round = 0; round < 20'000; ++round) {
    std::string sql;
    for (std::size_t n = random() % 30; n-- > 0;) {
      const std::string& piece = pieces[random() % (sizeof(pieces) / sizeof(pieces[0]))];
      sql += piece == "4242" ? " 4242 " : piece;
    }
    for (const SqlDialect dialect : {SqlDialect::kSqlite, SqlDialect::kPostgresql, SqlDialect::kOther}) {
      const SqlDescription made = describe_sql(sql, dialect);
      EXPECT_LE(made.summary.size(), kSqlSummaryBytesMax);
      EXPECT_LE(made.text.size(), sql.size());
      EXPECT_EQ(made.text.find("4242"), std::string::npos) << sql;
      EXPECT_EQ(made.text.find('\''), std::string::npos) << sql;
    }
  }
}

TEST(RedactedUrl, users_passwords_and_secrets_are_hidden) {
  const Text cases[] = {
      {"https://example.com/a?b=c#d", "https://example.com/a?b=c#d"},
      {"https://user:pass@example.com/", "https://REDACTED:REDACTED@example.com/"},
      {"https://user@example.com", "https://REDACTED@example.com"},
      {"http://a@b:c@host:80/x@y", "http://REDACTED:REDACTED@host:80/x@y"},
      {"http://h/?sig=1&x=2&Signature=3&AWSAccessKeyId=4&X-Goog-Signature=5",
       "http://h/?sig=REDACTED&x=2&Signature=REDACTED&AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED"},
      {"http://h/?api_key=1&access_token=2&client_secret=3&Password=4&X-Amz-Security-Token=5&X-Amz-Credential=6",
       "http://h/?api_key=REDACTED&access_token=REDACTED&client_secret=REDACTED&Password=REDACTED&X-Amz-Security-Token="
       "REDACTED&X-Amz-Credential=REDACTED"},
      {"http://h?key=1", "http://h?key=REDACTED"},
      {"http://h/?a&b=&", "http://h/?a&b=&"},
      {"http://h/?", "http://h/?"},
      {"http://h/#user:pass@x", "http://h/#user:pass@x"},
      {"no address", ""},
      {"://h", ""},
      {"", ""},
  };
  for (const Text& one : cases) EXPECT_EQ(redacted_url(one.sql), one.text) << one.sql;
}

}  // namespace
}  // namespace sextant
