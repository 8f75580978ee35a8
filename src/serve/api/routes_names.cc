// Lists of names: services, operations, attributes and their values.
#include <array>
#include <optional>

#include "query/traces/limits.h"
#include "query/traces/names.h"
#include "serve/api/render_span.h"
#include "serve/api/render_value.h"
#include "serve/api/route.h"
#include "serve/api/run_filters.h"

namespace sextant::serve {
namespace {

constexpr std::array<std::string_view, 5> kScopeNames = {"span", "resource", "scope", "event", "link"};

ApiResult<std::optional<data::AttributeScope>> read_scope(const Parameters& parameters) {
  const auto word = TRY(parameters.word("scope", kScopeNames));
  if (!word) return std::nullopt;
  return query::scope_named(kScopeNames[*word]);
}

}  // namespace

ApiResult<Reply> handle_services(const Services&, const Call& call) {
  const auto time = TRY(read_time_range(call.parameters, call.now));
  const data::NamesEnd found = TRY(query::list_services(call.context, time));
  JsonWriter json;
  json.begin_object().key("services").begin_array();
  for (const data::Name& name : found.names) {
    json.begin_object().key("name").string(name.text).key("spans").unsigned_integer(name.count).end_object();
  }
  json.end_array().end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_operations(const Services&, const Call& call) {
  const auto time = TRY(read_time_range(call.parameters, call.now));
  const auto service = TRY(call.parameters.one("service"));
  const data::NamesEnd found =
      TRY(query::list_operations(call.context, time, std::string(service.value_or(std::string_view{}))));
  JsonWriter json;
  json.begin_object().key("operations").begin_array();
  for (const data::Name& name : found.names) {
    json.begin_object().key("service").string(name.service).key("name").string(name.text);
    json.key("kind").string(span_kind_name(name.kind)).end_object();
  }
  json.end_array().end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_attributes(const Services&, const Call& call) {
  const auto time = TRY(read_time_range(call.parameters, call.now));
  const auto scope = TRY(read_scope(call.parameters));
  const query::AttributeNames found = TRY(query::list_attributes(call.context, time, scope));
  JsonWriter json;
  json.begin_object().key("attributes").begin_array();
  for (const query::AttributeName& name : found.attributes) {
    json.begin_object().key("scope").string(query::to_string(name.scope)).key("key").string(name.key);
    json.key("types").begin_array();
    for (const data::ValueType type : name.types) json.string(data::to_string(type));
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_values(const Services&, const Call& call) {
  const auto time = TRY(read_time_range(call.parameters, call.now));
  const auto scope = TRY(read_scope(call.parameters));
  const auto key = TRY(call.parameters.one("key"));
  if (!key || key->empty()) {
    return std::unexpected(bad_parameter(
        "key", "\"key\" is needed: the attribute whose values are asked for; /api/attributes lists them"));
  }
  const auto limit = TRY(call.parameters.number("limit", 1, query::kNamesMax, query::kNamesDefault));
  const data::NamesEnd found =
      TRY(query::list_values(call.context, time, scope, std::string(*key), static_cast<uint32_t>(limit)));
  JsonWriter json;
  json.begin_object().key("values").begin_array();
  for (const data::Name& name : found.names) {
    json.begin_object().key("value");
    render_value({name.type, name.number, name.text}, json);
    json.key("count").unsigned_integer(name.count).end_object();
  }
  json.end_array().key("truncated").boolean(found.truncated).end_object();
  return json_reply(json.take());
}

}  // namespace sextant::serve
