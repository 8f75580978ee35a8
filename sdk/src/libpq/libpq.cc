// Calls of libpq as spans.
#include "sextant/libpq.h"

#include <cstdlib>
#include <string>
#include <unordered_map>
#include <utility>

#include "conventions/database_span.h"
#include "sextant/conventions.h"
#include "sextant/version.h"

namespace sextant {
namespace {

constexpr std::uint16_t kUsualPort = 5432;

const Tracer& libpq_tracer() {
  static const Tracer& made = *new Tracer(tracer("sextant.libpq", kVersion));
  return made;
}

std::string text_of(const char* text) {
  return text != nullptr ? text : "";
}

SqlDescription describe(const char* sql) {
  return describe_sql(sql != nullptr ? sql : "", SqlDialect::kPostgresql);
}

/// Messages that quote what stands in the statement or in its parameters: class 22, data exceptions, and syntax errors.
bool quotes_values(std::string_view state) noexcept {
  return state.substr(0, 2) == "22" || state == "42601";
}

void set_error(Span& span, PGconn* connection, const PGresult* result) {
  const std::string state = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  if (!state.empty()) {
    const std::string message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    conventions::set_database_error(span, state, quotes_values(state) ? std::string_view() : std::string_view(message));
    return;
  }
  const bool lost = PQstatus(connection) != CONNECTION_OK;
  span.set("error.type", lost ? "connection_lost" : "_OTHER").set_status(StatusCode::kError);
}

void set_result(Span& span, PGconn* connection, const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
      span.set("db.response.returned_rows", PQntuples(result));
      return;
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:  // and no result at all
      set_error(span, connection, result);
      return;
    default:
      return;
  }
}

}  // namespace

struct LibpqConnection::Impl {
  PGconn* connection = nullptr;
  std::unordered_map<std::string, SqlDescription> statements;  // that were prepared, by name

  conventions::Database database() const {
    conventions::Database made;
    made.system = "postgresql";
    made.name = text_of(PQdb(connection));
    made.address = text_of(PQhost(connection));
    const long port = std::strtol(text_of(PQport(connection)).c_str(), nullptr, 10);
    if (port > 0 && port <= UINT16_MAX && port != kUsualPort) made.port = static_cast<std::uint16_t>(port);
    return made;
  }

  template <class Call>
  PGresult* traced(const SqlDescription& sql, Call call) const {
    Span span = conventions::start_database_span(libpq_tracer(), database(), sql);
    PGresult* result = call();
    if (span.recording()) set_result(span, connection, result);
    return result;
  }
};

LibpqConnection::LibpqConnection(PGconn* connection) : impl_(std::make_unique<Impl>()) {
  impl_->connection = connection;
}

LibpqConnection::LibpqConnection(LibpqConnection&&) noexcept = default;
LibpqConnection& LibpqConnection::operator=(LibpqConnection&&) noexcept = default;
LibpqConnection::~LibpqConnection() = default;

PGconn* LibpqConnection::get() const noexcept {
  return impl_ != nullptr ? impl_->connection : nullptr;
}

PGresult* LibpqConnection::exec(const char* sql) {
  PGconn* const connection = get();
  if (!libpq_tracer().enabled()) return PQexec(connection, sql);
  return impl_->traced(describe(sql), [&] { return PQexec(connection, sql); });
}

PGresult* LibpqConnection::exec_params(const char* sql, int count, const Oid* types, const char* const* values,
                                       const int* lengths, const int* formats, int result_format) {
  PGconn* const connection = get();
  const auto call = [&] {
    return PQexecParams(connection, sql, count, types, values, lengths, formats, result_format);
  };
  return libpq_tracer().enabled() ? impl_->traced(describe(sql), call) : call();
}

PGresult* LibpqConnection::prepare(const char* name, const char* sql, int count, const Oid* types) {
  PGconn* const connection = get();
  const SqlDescription described = describe(sql);
  const auto call = [&] { return PQprepare(connection, name, sql, count, types); };
  SqlDescription shown = described;
  shown.summary = described.summary.empty() ? "PREPARE" : "PREPARE " + described.summary;
  shown.operation = "PREPARE";
  PGresult* result = libpq_tracer().enabled() ? impl_->traced(shown, call) : call();
  if (PQresultStatus(result) == PGRES_COMMAND_OK) {
    auto& statements = impl_->statements;
    if (statements.size() >= kLibpqStatementsMax && statements.count(name) == 0) statements.erase(statements.begin());
    statements[name] = described;
  }
  return result;
}

PGresult* LibpqConnection::exec_prepared(const char* name, int count, const char* const* values, const int* lengths,
                                         const int* formats, int result_format) {
  PGconn* const connection = get();
  const auto call = [&] { return PQexecPrepared(connection, name, count, values, lengths, formats, result_format); };
  if (!libpq_tracer().enabled()) return call();
  const auto found = impl_->statements.find(text_of(name));
  if (found != impl_->statements.end()) return impl_->traced(found->second, call);
  SqlDescription unknown;
  unknown.operation = "EXECUTE";
  unknown.summary = "EXECUTE";
  return impl_->traced(unknown, call);
}

}  // namespace sextant
