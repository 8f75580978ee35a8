// Spans of calls to databases (OpenTelemetry semantic conventions, "Database client spans").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/conventions.h"
#include "sextant/trace.h"

namespace sextant::conventions {

/// What stays the same for all calls of a connection.
struct Database {
  std::string_view system;  // db.system.name; has a static lifetime
  std::string name;         // db.namespace; empty: not said
  std::string address;      // server.address; empty: not said
  std::uint16_t port = 0;   // server.port; 0: the usual one
};

/// A span of kind client, named by the summary of the statement.
Span start_database_span(const Tracer& tracer, const Database& database, const SqlDescription& sql);

/// db.response.status_code, error.type and the status. `message` is empty where it could hold what is secret.
void set_database_error(Span& span, std::string_view code, std::string_view message);

}  // namespace sextant::conventions
