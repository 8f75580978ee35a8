// Lists of the names that occur: services, operations, attributes and their values. What completion and facets offer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "query/traces/question.h"

namespace sextant::query {

/// An attribute key with every type its values were seen in.
struct AttributeName {
  data::AttributeScope scope = data::AttributeScope::kSpan;
  std::string key;
  std::vector<data::ValueType> types;
};

struct AttributeNames {
  std::vector<AttributeName> attributes;
  bool truncated = false;
  std::vector<data::Damage> damages;
};

Result<data::NamesEnd> list_services(const Context& context, data::TimeRange time);
Result<data::NamesEnd> list_operations(const Context& context, data::TimeRange time, std::string service);
Result<AttributeNames> list_attributes(const Context& context, data::TimeRange time,
                                       std::optional<data::AttributeScope> scope);
Result<data::NamesEnd> list_values(const Context& context, data::TimeRange time,
                                   std::optional<data::AttributeScope> scope, std::string key, uint32_t values_max);

}  // namespace sextant::query
