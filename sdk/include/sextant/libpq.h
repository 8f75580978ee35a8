// PostgreSQL by libpq whose statements are spans: component sextant::libpq.
//
//   PGconn* connection = PQconnectdb("dbname=shop");
//   sextant::LibpqConnection traced(connection);
//   PGresult* rows = traced.exec("SELECT name FROM users");   // as PQexec(): to be cleared by PQclear()
//
// Each call is a span of kind client by OpenTelemetry's conventions for databases and PostgreSQL: db.system.name,
// db.namespace (the database), server.address, server.port (where it is not 5432), db.query.text (without literals),
// db.query.summary, which names the span, db.operation.name and db.collection.name (where the statement has just one),
// db.response.returned_rows; for errors db.response.status_code and error.type, which are the SQLSTATE. An error
// without one is `connection_lost`, or `_OTHER`.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "sextant/trace.h"

namespace sextant {

/// Wraps a connection, which stays its owner's and must outlive it. As thread-safe as the connection: not at all.
class LibpqConnection {
 public:
  explicit LibpqConnection(PGconn* connection);
  LibpqConnection(LibpqConnection&&) noexcept;
  LibpqConnection& operator=(LibpqConnection&&) noexcept;
  ~LibpqConnection();

  PGconn* get() const noexcept;
  /// As PQexec(), PQexecParams(), PQprepare() and PQexecPrepared().
  PGresult* exec(const char* sql);
  PGresult* exec_params(const char* sql, int count, const Oid* types, const char* const* values, const int* lengths,
                        const int* formats, int result_format);
  PGresult* prepare(const char* name, const char* sql, int count, const Oid* types);
  /// Spans tell the statement if it was prepared here; up to kLibpqStatementsMax are remembered.
  PGresult* exec_prepared(const char* name, int count, const char* const* values, const int* lengths,
                          const int* formats, int result_format);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kLibpqStatementsMax = 1024;

}  // namespace sextant
