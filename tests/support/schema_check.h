// Checks JSON against the part of JSON Schema that openapi.json uses. A keyword that it does not know is a mistake, so
// that nothing in a schema goes unchecked.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace sextant::testing {

/// Thread-confined. Lifetime: not longer than the document.
class SchemaCheck {
 public:
  using Json = nlohmann::json;

  explicit SchemaCheck(const Json& document) : document_(document) {}

  /// What is wrong with `value`, each with its place; empty: it fits.
  std::vector<std::string> check(const Json& schema, const Json& value) {
    mistakes_.clear();
    visit(schema, value, "$");
    return mistakes_;
  }

  /// Lifetime of the answer: that of the document and of `schema`.
  const Json& resolve(Json&&) const = delete;
  const Json& resolve(const Json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return document_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  }

 private:
  void wrong(const std::string& at, const std::string& what) { mistakes_.push_back(at + ": " + what); }

  static bool is_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer();
    return false;
  }

  void visit(const Json& schema, const Json& value, const std::string& at) {
    if (schema.contains("$ref")) return visit(resolve(schema), value, at);
    for (const auto& [keyword, rule] : schema.items()) visit_keyword(keyword, rule, schema, value, at);
  }

  void visit_keyword(const std::string& keyword, const Json& rule, const Json& schema, const Json& value,
                     const std::string& at) {
    if (keyword == "description" || keyword == "default") return;
    if (keyword == "type") {
      const Json types = rule.is_array() ? rule : Json::array({rule});
      const bool fits = std::ranges::any_of(types, [&](const Json& type) { return is_type(value, type); });
      if (!fits) wrong(at, "is no " + rule.dump() + " but " + value.dump().substr(0, 80));
    } else if (keyword == "required") {
      for (const Json& name : rule) {
        if (value.is_object() && !value.contains(name.get<std::string>())) wrong(at, "has no " + name.dump());
      }
    } else if (keyword == "properties") {
      for (const auto& [name, part] : rule.items()) {
        if (value.is_object() && value.contains(name)) visit(part, value[name], at + "." + name);
      }
    } else if (keyword == "additionalProperties") {
      visit_additional(rule, schema, value, at);
    } else if (keyword == "items") {
      for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
        visit(rule, value[i], at + "[" + std::to_string(i) + "]");
      }
    } else if (keyword == "enum") {
      if (std::ranges::find(rule, value) == rule.end()) wrong(at, value.dump() + " is none of " + rule.dump());
    } else if (keyword == "pattern") {
      const bool fits =
          !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
      if (!fits) wrong(at, value.dump() + " does not match " + rule.dump());
    } else if (keyword == "minimum") {
      if (value.is_number() && value < rule) wrong(at, value.dump() + " is below " + rule.dump());
    } else if (keyword == "maximum") {
      if (value.is_number() && value > rule) wrong(at, value.dump() + " is above " + rule.dump());
    } else if (keyword == "oneOf") {
      visit_one_of(rule, value, at);
    } else {
      wrong(at, "the schema has a keyword that is not known here: " + keyword);
    }
  }

  void visit_additional(const Json& rule, const Json& schema, const Json& value, const std::string& at) {
    if (!value.is_object()) return;
    const Json known = schema.value("properties", Json::object());
    for (const auto& [name, part] : value.items()) {
      if (known.contains(name)) continue;
      if (rule.is_object()) visit(rule, part, at + "." + name);
      if (rule == false) wrong(at, "has \"" + name + "\", which the schema does not");
    }
  }

  void visit_one_of(const Json& choices, const Json& value, const std::string& at) {
    size_t fitting = 0;
    std::string first;
    for (const Json& choice : choices) {
      SchemaCheck one(document_);
      const auto mistakes = one.check(choice, value);
      fitting += mistakes.empty() ? 1 : 0;
      if (!mistakes.empty() && !value.is_null() && first.empty()) first = mistakes.front();
    }
    if (fitting != 1) wrong(at, "fits " + std::to_string(fitting) + " of the choices instead of one; " + first);
  }

  const Json& document_;
  std::vector<std::string> mistakes_;
};

}  // namespace sextant::testing
