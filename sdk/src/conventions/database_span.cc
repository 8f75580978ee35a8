#include "conventions/database_span.h"

#include <array>

namespace sextant::conventions {

Span start_database_span(const Tracer& tracer, const Database& database, const SqlDescription& sql) {
  std::array<Attribute, 8> attributes;
  std::size_t count = 0;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) attributes[count++] = {key, value};
  };
  add("db.system.name", database.system);
  add("db.namespace", database.name);
  add("db.query.summary", sql.summary);
  add("db.query.text", sql.text);
  add("db.operation.name", sql.operation);
  add("db.collection.name", sql.collection);
  add("server.address", database.address);
  if (database.port != 0 && !database.address.empty()) attributes[count++] = {"server.port", database.port};
  const std::string_view name = sql.summary.empty() ? database.system : std::string_view(sql.summary);
  return tracer.start(name, SpanOptions().kind(SpanKind::kClient).attributes(Attributes(attributes.data(), count)));
}

void set_database_error(Span& span, std::string_view code, std::string_view message) {
  span.set("db.response.status_code", code).set("error.type", code).set_status(StatusCode::kError, message);
}

}  // namespace sextant::conventions
