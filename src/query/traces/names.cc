#include "query/traces/names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "query/traces/limits.h"

namespace sextant::query {
namespace {

data::NamesSpec spec_of(data::NamesSpec::Of of, data::TimeRange time) {
  data::NamesSpec spec;
  spec.of = of;
  spec.time = time;
  spec.names_max = kNamesMax;
  return spec;
}

}  // namespace

Result<data::NamesEnd> list_services(const Context& context, data::TimeRange time) {
  return context.reader.names(spec_of(data::NamesSpec::Of::kServices, time));
}

Result<data::NamesEnd> list_operations(const Context& context, data::TimeRange time, std::string service) {
  data::NamesSpec spec = spec_of(data::NamesSpec::Of::kOperations, time);
  spec.service = std::move(service);
  return context.reader.names(spec);
}

Result<AttributeNames> list_attributes(const Context& context, data::TimeRange time,
                                       std::optional<data::AttributeScope> scope) {
  data::NamesSpec spec = spec_of(data::NamesSpec::Of::kAttributeKeys, time);
  spec.scope = scope;
  data::NamesEnd end = TRY(context.reader.names(spec));
  AttributeNames out;
  out.truncated = end.truncated;
  out.damages = std::move(end.damages);
  // The reader answers one entry a type; the order of first appearance (most frequent first) is kept.
  std::map<std::pair<data::AttributeScope, std::string>, size_t> places;
  for (data::Name& name : end.names) {
    const auto [place, fresh] = places.try_emplace({name.scope, name.text}, out.attributes.size());
    if (fresh) out.attributes.push_back({name.scope, std::move(name.text), {}});
    auto& types = out.attributes[place->second].types;
    if (std::ranges::find(types, name.type) == types.end()) types.push_back(name.type);
  }
  return out;
}

Result<data::NamesEnd> list_values(const Context& context, data::TimeRange time,
                                   std::optional<data::AttributeScope> scope, std::string key, uint32_t values_max) {
  data::NamesSpec spec = spec_of(data::NamesSpec::Of::kAttributeValues, time);
  spec.scope = scope;
  spec.key = std::move(key);
  spec.names_max = values_max;
  return context.reader.names(spec);
}

}  // namespace sextant::query
