// The description holds: every operation in it is called and its answer checked against its schema; every route, every
// parameter stands in it; and the page's own idea of the shapes (ui/src/api/types.ts) has the same fields.
#include "serve/api/openapi.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "tests/support/api_server.h"
#include "tests/support/schema_check.h"

namespace sextant::serve::testing {
namespace {

using sextant::testing::SchemaCheck;

class OpenApi : public ApiTest {
 protected:
  void SetUp() override {
    document_ = Json::parse(openapi_json());
    ApiTest::SetUp();
    fill();
  }

  /// A store in which every field of every shape has something to say.
  void fill() {
    store_.arrival = kNow;
    sample_ = Json::parse(request("POST", "/api/test-trace", {}, "").body)["trace_id"];
    PlainSpan failed{.trace = 7,
                     .span = 1,
                     .name = "root",
                     .service = "s",
                     .start = kNow - 100,
                     .end = kNow,
                     .status = data::kError,
                     .status_message = "why",
                     .kind = data::kServer,
                     .attributes = {{"text", "a"}, {"int", int64_t{-5}}, {"real", 0.5}, {"odd", NAN}, {"flag", true}},
                     .resource = {{"deployment.environment.name", "prod"}},
                     .event = {{"e", "v"}}};
    add({failed, {.trace = 7, .span = 2, .parent = 1, .start = kNow - 90, .end = 0}});
    add({{.trace = 7, .span = 2, .parent = 1, .start = kNow - 90, .end = kNow}});
    add({{.trace = 8, .span = 3, .parent = 9, .start = kNow - 90, .end = kNow},
         {.trace = 8, .span = 4, .start = 5, .end = 6}});
    store_.damages = {{"a block is damaged"}};
  }

  /// The addresses to call for one pattern: every kind of answer it has.
  std::vector<std::string> targets(const std::string& pattern) const {
    if (pattern == "/api/traces") return {pattern, pattern + "?limit=1"};
    if (pattern == "/api/spans/aggregate") {
      return {pattern, pattern + "?by=kind&by=odd&by=.name&step=1ms&of=p95(duration)&of=sum(int)&of=max(flag)",
              pattern + "?of=histogram(duration,1ms,1s)"};
    }
    if (pattern == "/api/traces/{trace_id}/spans/{span_id}") {
      return {"/api/traces/" + hex_id(7) + "/spans/" + hex_span(1),
              "/api/traces/" + hex_id(7) + "/spans/" + hex_span(2)};
    }
    if (pattern == "/api/attributes/values")
      return {pattern + "?key=odd", pattern + "?key=int&scope=span", pattern + "?key=text"};
    if (pattern.find("{trace_id}") == std::string::npos) return {pattern};
    const std::string rest = pattern.substr(std::string("/api/traces/{trace_id}").size());
    std::vector<std::string> out;
    for (const std::string& id : {sample_, hex_id(7), hex_id(8)}) out.push_back("/api/traces/" + id + rest);
    if (rest.empty()) out.push_back("/api/traces/" + hex_id(7) + "?format=otlp");
    return out;
  }

  ClientAnswer call(const std::string& method, const std::string& target, const std::string& headers = {}) {
    if (method == "post") return request("POST", target, headers, "");
    return request(method == "delete" ? "DELETE" : "GET", target, headers);
  }

  void expect_fits(const Json& schema, const Json& value, const std::string& what) {
    for (const std::string& mistake : SchemaCheck(document_).check(schema, value))
      ADD_FAILURE() << what << " " << mistake;
  }

  Json document_;
  std::string sample_;
};

TEST_F(OpenApi, EveryOperationAnswersAsDescribed) {
  for (const auto& [pattern, item] : document_["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      for (const std::string& target : targets(pattern)) {
        if (method == "delete" && target.find('?') != std::string::npos) continue;
        const ClientAnswer answer = call(method, target);
        if (method == "delete") fill();
        ASSERT_EQ(answer.status, 200) << target << answer.body;
        const Json& content = operation["responses"]["200"]["content"];
        const std::string media = answer.header("content-type").substr(0, answer.header("content-type").find(';'));
        ASSERT_TRUE(content.contains(media)) << target << " is " << media;
        const Json body = media == "application/json" ? Json::parse(answer.body) : Json(answer.body);
        expect_fits(content[media]["schema"], body, target);
      }
    }
  }
}

TEST_F(OpenApi, EveryOperationRefusesAsDescribed) {
  const Json refusal = {{"$ref", "#/components/schemas/ApiError"}};
  store_.refuse = Error(ErrorCode::kUnavailable, "stopping");
  for (const auto& [pattern, item] : document_["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      const Json& responses = operation["responses"];
      const std::string& verb = method;
      const auto ask = [&](const std::string& target, const std::string& headers = {}) {
        return call(verb, target, headers);
      };
      const std::string target = targets(pattern).front();
      const ClientAnswer unknown = ask(target + (target.find('?') == std::string::npos ? "?" : "&") + "no_such=1");
      EXPECT_EQ(unknown.status, 400) << pattern;
      EXPECT_TRUE(responses.contains("400")) << pattern;
      expect_fits(refusal, Json::parse(unknown.body), pattern);
      const ClientAnswer foreign = ask(target, "Origin: http://elsewhere.example\r\n");
      EXPECT_EQ(foreign.status, 403) << pattern;
      EXPECT_TRUE(responses.contains("403")) << pattern;
      expect_fits(refusal, Json::parse(foreign.body), pattern);
      const ClientAnswer refused = ask(target);
      if (refused.status == 200) continue;  // does not ask the store
      EXPECT_EQ(refused.status, 503) << pattern;
      ASSERT_TRUE(responses.contains("503")) << pattern;
      EXPECT_EQ(refused.header("retry-after"), "1");
      const Json& response = SchemaCheck(document_).resolve(responses["503"]);
      expect_fits(response["content"]["application/json"]["schema"], Json::parse(refused.body), pattern);
    }
  }
}

TEST_F(OpenApi, RoutesAndParametersAreAllDescribed) {
  std::set<std::string> described;
  for (const auto& [pattern, item] : document_["paths"].items()) {
    for (const auto& [method, operation] : item.items()) described.insert(method + " " + pattern);
  }
  std::set<std::string> routed;
  for (const Route& route : routes()) {
    const std::string method = route.method == HttpMethod::kPost     ? "post"
                               : route.method == HttpMethod::kDelete ? "delete"
                                                                     : "get";
    routed.insert(method + " " + std::string(route.pattern));
    std::set<std::string> known(route.parameters.begin(), route.parameters.end());
    std::set<std::string> named;
    const Json& operation = document_["paths"][std::string(route.pattern)][method];
    for (const Json& reference : operation.value("parameters", Json::array())) {
      const Json& parameter = SchemaCheck(document_).resolve(reference);
      if (parameter["in"] == "query") named.insert(parameter["name"].get<std::string>());
    }
    EXPECT_EQ(named, known) << route.pattern;
    // Without a token only where none is asked for.
    EXPECT_EQ(operation.contains("security"), route.access == Access::kOpen) << route.pattern;
  }
  EXPECT_EQ(described, routed);
}

TEST_F(OpenApi, EverySchemaIsUsedAndEveryReferenceLeadsSomewhere) {
  std::set<std::string> used;
  const std::string text = document_.dump();
  const std::regex reference("#/components/([a-z]+)/([A-Za-z_]+)");
  for (auto it = std::sregex_iterator(text.begin(), text.end(), reference); it != std::sregex_iterator(); ++it) {
    EXPECT_TRUE(document_["components"][(*it)[1]].contains((*it)[2])) << it->str();
    used.insert((*it)[1].str() + "/" + (*it)[2].str());
  }
  for (const auto& kind : {"schemas", "parameters", "responses"}) {
    for (const auto& [name, part] : document_["components"][kind].items()) {
      EXPECT_TRUE(used.contains(std::string(kind) + "/" + name)) << kind << " " << name;
    }
  }
}

/// The fields of each interface in types.ts, nested objects included: "series.step_ns", "services[].name".
std::map<std::string, std::set<std::string>> typescript_fields(const std::string& text) {
  std::map<std::string, std::set<std::string>> fields;
  // Comments go; what is left is names, types and braces.
  const std::string code =
      std::regex_replace(std::regex_replace(text, std::regex(R"(/\*[^]*?\*/)"), ""), std::regex("//[^\n]*"), "");
  const std::regex declaration(R"(export interface (\w+) \{)");
  for (auto it = std::sregex_iterator(code.begin(), code.end(), declaration); it != std::sregex_iterator(); ++it) {
    std::vector<std::string> path;
    std::string word;
    std::set<std::string>& names = fields[(*it)[1]];
    int depth = 1;
    for (size_t i = static_cast<size_t>(it->position() + it->length()); i < code.size() && depth > 0; ++i) {
      const char c = code[i];
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
        word += c;
        continue;
      }
      // A word before ':' (or "?:") in a type is a field; of anything else only braces matter.
      const bool field = c == ':' || (c == '?' && i + 1 < code.size() && code[i + 1] == ':');
      if (field && !word.empty()) {
        path.resize(static_cast<size_t>(depth - 1));
        path.push_back(word);
        std::string full;
        for (const std::string& part : path) full += (full.empty() ? "" : ".") + part;
        names.insert(full);
      }
      if (c == '{') ++depth;
      if (c == '}') --depth;
      word.clear();
    }
  }
  return fields;
}

/// The same of a schema; lists and alternatives are looked through.
void schema_fields(const Json& schema, const std::string& prefix, std::set<std::string>& names) {
  if (schema.contains("items")) schema_fields(schema["items"], prefix, names);
  for (const Json& choice : schema.value("oneOf", Json::array())) schema_fields(choice, prefix, names);
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, part] : properties.items()) {
    const std::string full = (prefix.empty() ? "" : prefix + ".") + name;
    names.insert(full);
    schema_fields(part, full, names);
  }
}

TEST_F(OpenApi, ThePageHasTheSameShapes) {
  std::ifstream file("ui/src/api/types.ts");
  ASSERT_TRUE(file.is_open()) << "run from the root of the repository";
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto fields = typescript_fields(text);
  EXPECT_GE(fields.size(), 25u);
  const Json& schemas = document_["components"]["schemas"];
  for (const auto& [name, expected] : fields) {
    ASSERT_TRUE(schemas.contains(name)) << name << " is in types.ts but not in openapi.json";
    std::set<std::string> described;
    schema_fields(schemas[name], "", described);
    EXPECT_EQ(described, expected) << name;
  }
}

TEST(SchemaChecker, FindsWhatDoesNotFit) {
  const Json document = Json::parse(R"({"a":{"type":"object","required":["n"],"additionalProperties":false,
      "properties":{"n":{"type":"integer","minimum":0},"s":{"type":["string","null"],"pattern":"^x"},
      "e":{"enum":["p","q"]},"o":{"oneOf":[{"type":"string"},{"type":"null"}]},"l":{"type":"array","items":{"type":"boolean"}}}}})");
  SchemaCheck checker(document);
  const Json schema = {{"$ref", "#/a"}};
  const auto mistakes = [&](const char* value) { return checker.check(schema, Json::parse(value)).size(); };
  EXPECT_EQ(mistakes(R"({"n":1,"s":"xy","e":"p","o":null,"l":[true]})"), 0u);
  EXPECT_EQ(mistakes(R"({"n":1,"s":null})"), 0u);
  EXPECT_EQ(mistakes(R"({})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":-1})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1.5})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1,"extra":0})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1,"s":"y"})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1,"e":"r"})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1,"o":3})"), 1u);
  EXPECT_EQ(mistakes(R"({"n":1,"l":[true,1]})"), 1u);
  EXPECT_EQ(mistakes(R"([])"), 1u);
  EXPECT_EQ(checker.check({{"unheard", 1}}, 1).size(), 1u);
}

}  // namespace
}  // namespace sextant::serve::testing
