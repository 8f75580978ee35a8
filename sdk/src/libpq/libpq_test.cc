#include "sextant/libpq.h"

#include <gtest/gtest.h>

#include "conventions/testing.h"
#include "libpq/fake_postgres.h"

namespace sextant {

namespace {

using conventions::SeenSpan;
using conventions::SpanWatch;

/// A connection to a fake server.
class Session {
 public:
  explicit Session(std::vector<std::string> answers) : server_(std::move(answers)) {
    const std::string options = "host=127.0.0.1 port=" + std::to_string(server_.port()) +
                                " user=test dbname=shop sslmode=disable gssencmode=disable connect_timeout=30";
    connection_ = PQconnectdb(options.c_str());
    EXPECT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
  }
  ~Session() { PQfinish(connection_); }
  PGconn* connection() { return connection_; }
  std::string port() const { return std::to_string(server_.port()); }

 private:
  FakePostgres server_;
  PGconn* connection_;
};

ExecStatusType cleared(PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  return status;
}

SeenSpan only(SpanWatch& watch) {
  const std::vector<SeenSpan> spans = watch.take();
  EXPECT_EQ(spans.size(), 1u);
  return spans.empty() ? SeenSpan() : spans[0];
}

TEST(Libpq, a_query_is_a_client_span_with_its_rows) {
  SpanWatch watch;
  Session session({FakePostgres::rows({"alice", "bob"})});
  LibpqConnection traced(session.connection());
  EXPECT_EQ(traced.get(), session.connection());
  PGresult* result = traced.exec("SELECT name FROM users WHERE age > 30");
  EXPECT_STREQ(PQgetvalue(result, 1, 0), "bob");
  PQclear(result);
  const SeenSpan span = only(watch);
  EXPECT_EQ(span.name, "SELECT users");
  EXPECT_EQ(span.kind, 3u);
  EXPECT_EQ(span.status, 0u);
  const std::map<std::string, std::string> expected = {
      {"db.system.name", "postgresql"},     {"db.namespace", "shop"},
      {"db.query.summary", "SELECT users"}, {"db.query.text", "SELECT name FROM users WHERE age > ?"},
      {"db.operation.name", "SELECT"},      {"db.collection.name", "users"},
      {"db.response.returned_rows", "2"},   {"server.address", "127.0.0.1"},
      {"server.port", session.port()}};
  EXPECT_EQ(span.attributes, expected);
}

TEST(Libpq, errors_have_their_sqlstate_and_messages_that_quote_values_are_left_out) {
  SpanWatch watch;
  Session session({FakePostgres::error("23505", "duplicate key value violates unique constraint \"users_pkey\""),
                   FakePostgres::error("22P02", "invalid input syntax for type integer: \"secret\""),
                   FakePostgres::error("42601", "syntax error at or near \"secret\"")});
  LibpqConnection traced(session.connection());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cleared(traced.exec("INSERT INTO users VALUES (1)")), PGRES_FATAL_ERROR);
  std::vector<SeenSpan> spans = watch.take();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].status, 2u);
  EXPECT_EQ(spans[0].attributes["db.response.status_code"], "23505");
  EXPECT_EQ(spans[0].attributes["error.type"], "23505");
  EXPECT_EQ(spans[0].message, "duplicate key value violates unique constraint \"users_pkey\"");
  EXPECT_EQ(spans[1].attributes["error.type"], "22P02");
  EXPECT_EQ(spans[1].message, "");
  EXPECT_EQ(spans[2].message, "");
}

TEST(Libpq, parameters_and_prepared_statements_are_spans_too) {
  SpanWatch watch;
  Session session({FakePostgres::parsed() + FakePostgres::bound() + FakePostgres::rows({"a"}), FakePostgres::parsed(),
                   FakePostgres::bound() + FakePostgres::complete("UPDATE 1"),
                   FakePostgres::error("26000", "prepared statement \"other\" does not exist")});
  LibpqConnection traced(session.connection());
  const char* values[] = {"secret"};
  EXPECT_EQ(cleared(traced.exec_params("SELECT $1 FROM a", 1, nullptr, values, nullptr, nullptr, 0)), PGRES_TUPLES_OK);
  EXPECT_EQ(cleared(traced.prepare("rename", "UPDATE users SET name = $1", 1, nullptr)), PGRES_COMMAND_OK);
  EXPECT_EQ(cleared(traced.exec_prepared("rename", 1, values, nullptr, nullptr, 0)), PGRES_COMMAND_OK);
  EXPECT_EQ(cleared(traced.exec_prepared("other", 0, nullptr, nullptr, nullptr, 0)), PGRES_FATAL_ERROR);
  std::vector<SeenSpan> spans = watch.take();
  ASSERT_EQ(spans.size(), 4u);
  EXPECT_EQ(spans[0].attributes["db.query.text"], "SELECT $1 FROM a");
  EXPECT_EQ(spans[0].attributes["db.response.returned_rows"], "1");
  EXPECT_EQ(spans[1].name, "PREPARE UPDATE users");
  EXPECT_EQ(spans[1].attributes["db.operation.name"], "PREPARE");
  EXPECT_EQ(spans[2].name, "UPDATE users");
  EXPECT_EQ(spans[2].attributes["db.query.text"], "UPDATE users SET name = $1");
  EXPECT_EQ(spans[3].name, "EXECUTE");
  EXPECT_EQ(spans[3].attributes["error.type"], "26000");
}

TEST(Libpq, a_connection_that_is_lost_is_an_error_without_a_state) {
  SpanWatch watch;
  Session session({});
  LibpqConnection first(session.connection());
  LibpqConnection traced(std::move(first));
  EXPECT_EQ(cleared(traced.exec("SELECT 1")), PGRES_FATAL_ERROR);
  SeenSpan span = only(watch);
  EXPECT_EQ(span.status, 2u);
  EXPECT_EQ(span.attributes["error.type"], "connection_lost");
  EXPECT_EQ(span.attributes.count("db.response.status_code"), 0u);
}

TEST(Libpq, works_as_libpq_does_where_no_sdk_runs) {
  Session session(
      {FakePostgres::rows({"a"}), FakePostgres::parsed(), FakePostgres::bound() + FakePostgres::rows({"b"})});
  LibpqConnection traced(session.connection());
  EXPECT_EQ(cleared(traced.exec("SELECT 1")), PGRES_TUPLES_OK);
  EXPECT_EQ(cleared(traced.prepare("p", "SELECT 2", 0, nullptr)), PGRES_COMMAND_OK);
  EXPECT_EQ(cleared(traced.exec_prepared("p", 0, nullptr, nullptr, nullptr, 0)), PGRES_TUPLES_OK);
}

}  // namespace
}  // namespace sextant
