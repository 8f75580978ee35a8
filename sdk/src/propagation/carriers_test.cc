#include "sextant/carriers.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <unordered_map>

#include "propagation/testing.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

const std::string kParentHeader = "00-"s + kTrace + "-" + kParent + "-01";

Context whole_context() {
  return Context().with_span(some_span()).with_baggage(Baggage().with("user", "a"));
}

void expect_whole(const Context& context) {
  EXPECT_EQ(context.span().trace_id.hex(), kTrace);
  ASSERT_NE(context.baggage().find("user"), nullptr);
  EXPECT_EQ(*context.baggage().find("user"), "a");
}

TEST(Headers, replace_what_has_the_name_in_any_case) {
  HttpHeaders headers = {{"TRACEPARENT", "old"}, {"Accept", "*/*"}, {"traceparent", "older"}};
  HeaderWriter writer(headers);
  inject(whole_context(), writer);
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[0].second, kParentHeader);
  EXPECT_EQ(headers[1].first, "Accept");
  EXPECT_EQ(headers[2].first, "baggage");
  expect_whole(extract(HeaderReader(headers)));
}

TEST(Headers, differ_in_nothing_but_the_case_of_letters) {
  EXPECT_TRUE(detail::equal_fold("aZ-09", "Az-09"));
  EXPECT_FALSE(detail::equal_fold("a[", "a{"));
  EXPECT_FALSE(detail::equal_fold("a@", "a`"));
  EXPECT_FALSE(detail::equal_fold("ab", "abc"));
}

TEST(Maps, ordered_and_not_are_carriers) {
  std::map<std::string, std::string> ordered;
  MapWriter to_ordered(ordered);
  inject(whole_context(), to_ordered);
  expect_whole(extract(MapReader(ordered)));
  std::unordered_map<std::string, std::string> hashed;
  MapWriter to_hashed(hashed);
  inject(whole_context(), to_hashed);
  expect_whole(extract(MapReader(hashed)));
  std::multimap<std::string, std::string> several = {{"traceparent", kParentHeader}, {"traceparent", kParentHeader}};
  EXPECT_FALSE(extract(HeaderReader(several)).span().valid());
}

TEST(Fipa, fields_are_user_defined_parameters_of_the_message) {
  std::map<std::string, std::string> parameters = {{"performative", "request"}, {"conversation-id", "c-1"}};
  FipaWriter writer(parameters);
  inject(whole_context(), writer);
  EXPECT_EQ(parameters["X-traceparent"], kParentHeader);
  EXPECT_EQ(parameters["X-baggage"], "user=a");
  expect_whole(extract(FipaReader(parameters)));
  std::vector<std::pair<std::string, std::string>> list = {{"x-TraceParent", "old"}};
  FipaWriter to_list(list);
  inject(whole_context(), to_list);
  EXPECT_EQ(list[0].second, kParentHeader);
  expect_whole(extract(FipaReader(list)));
}

TEST(Fipa, names_that_begin_with_x_are_not_changed) {
  EXPECT_EQ(fipa_parameter("X-B3-TraceId"), "X-B3-TraceId");
  EXPECT_EQ(fipa_parameter("b3"), "X-b3");
  std::map<std::string, std::string> parameters;
  FipaWriter writer(parameters);
  jaeger()->inject(whole_context(), writer);
  EXPECT_EQ(parameters["X-uberctx-user"], "a");
  Context context;
  jaeger()->extract(FipaReader(parameters), context);
  expect_whole(context);
}

TEST(Mcp, fields_stand_in_the_meta_of_a_request) {
  std::string request =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","_meta":{"progressToken":7}}})";
  McpWriter writer(request);
  inject(whole_context(), writer);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(request,
            R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","_meta":{"baggage":"user=a",)"
            R"("traceparent":")" +
                kParentHeader + R"(","progressToken":7}}})");
  expect_whole(extract(McpReader(request)));
}

TEST(Mcp, params_and_meta_are_made_where_there_are_none_and_old_fields_are_replaced) {
  for (const char* before :
       {R"({})", R"( { "method" : "ping" } )", R"({"method":"ping","params":{ }})", R"({"params":{"_meta":{}}})",
        R"({"params":{"_meta":{"traceparent":"old","baggage":{"not":"a string"}}}})",
        R"({"params":{"a":[{"_meta":{"traceparent":"}"}}],"s":"\"}]"}})"}) {
    std::string request = before;
    McpWriter writer(request);
    inject(whole_context(), writer);
    EXPECT_TRUE(writer.ok()) << before;
    expect_whole(extract(McpReader(request)));
    const std::string once = request;
    inject(whole_context(), writer);
    EXPECT_EQ(request, once);
  }
}

TEST(Mcp, a_meta_object_by_itself_is_a_carrier_too) {
  std::string meta = "{}";
  McpWriter writer(meta, McpText::kMeta);
  inject(whole_context(), writer);
  EXPECT_EQ(meta, R"({"baggage":"user=a","traceparent":")" + kParentHeader + R"("})");
  expect_whole(extract(McpReader(meta, McpText::kMeta)));
}

TEST(Mcp, strings_are_read_and_written_with_escapes) {
  SpanContext span = some_span();
  span.trace_state = std::make_shared<const std::string>("k=\"a\\b/");
  std::string request = "{}";
  McpWriter writer(request);
  trace_context()->inject(Context().with_span(span), writer);
  EXPECT_NE(request.find(R"("tracestate":"k=\"a\\b/")"), std::string::npos) << request;
  EXPECT_EQ(state_of(extract(McpReader(request))), "k=\"a\\b/");
  const std::string escaped = R"({"params":{"_meta":{"trace\u0070arent":"\u0030)" + kParentHeader.substr(1) + R"("}}})";
  EXPECT_TRUE(extract(McpReader(escaped)).span().valid());
  EXPECT_EQ(McpReader(R"({"a":"\ud83d\ude00\ud83d\n\/"})", McpText::kMeta).get("a"), "\xf0\x9f\x98\x80\xef\xbf\xbd\n/");
  EXPECT_EQ(McpReader(R"({"a":"\x"})", McpText::kMeta).get("a"), "");
  EXPECT_EQ(McpReader(R"({"a":"\u12"})", McpText::kMeta).get("a"), "");
  std::string meta = "{}";
  McpWriter control(meta, McpText::kMeta);
  control.set("a", "\x01\n\x1f");
  EXPECT_EQ(meta, R"({"a":"\u0001\n\u001f"})");
}

TEST(Mcp, text_that_is_no_request_has_no_fields_and_is_left_as_it_is) {
  for (const char* text : {"", " ", "[]", "null", "{", "{\"params\":", "{\"params\":[1]}", "{\"params\":{\"_meta\":3}}",
                           "{\"params\":{\"_meta\":{\"a\":1}", "nonsense", "{\"a\" 1}", "{1:2}", "{\"a\":}"}) {
    std::string request = text;
    EXPECT_FALSE(extract(McpReader(request)).span().valid()) << text;
    McpWriter writer(request);
    inject(whole_context(), writer);
    EXPECT_FALSE(writer.ok()) << text;
    EXPECT_EQ(request, text);
  }
}

TEST(Mcp, jaeger_baggage_is_found_by_its_prefix) {
  std::string request = "{}";
  McpWriter writer(request);
  jaeger()->inject(whole_context(), writer);
  Context context;
  jaeger()->extract(McpReader(request), context);
  expect_whole(context);
}

TEST(Mcp, deep_and_broken_texts_end) {
  std::string deep(100'000, '[');
  EXPECT_EQ(McpReader("{\"params\":{\"_meta\":{\"a\":" + deep, McpText::kMessage).get("a"), "");
  std::mt19937 random(9);
  const std::string seed = R"({"params":{"x":[1,{"y":"\"z\\"}],"_meta":{"traceparent":"00","b":null}}})";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (std::size_t change = random() % 4; change-- > 0;)
      text[random() % text.size()] = R"({}[]":,\u0a)"[random() % 11];
    if (random() % 4 == 0) text.resize(random() % text.size());
    const McpReader reader(text);
    reader.get("traceparent");
    std::string changed = text;
    McpWriter writer(changed);
    writer.set("traceparent", "v");
    if (writer.ok()) {
      EXPECT_EQ(McpReader(changed).get("traceparent"), "v") << text << " -> " << changed;
    } else {
      EXPECT_EQ(changed.substr(changed.size() - text.size() / 4), text.substr(text.size() - text.size() / 4));
    }
  }
}

TEST(Environment, names_are_capitals_digits_and_underscores) {
  EXPECT_EQ(environment_name("traceparent"), "TRACEPARENT");
  EXPECT_EQ(environment_name("X-B3-TraceId"), "X_B3_TRACEID");
  EXPECT_EQ(environment_name("b3"), "B3");
  EXPECT_EQ(environment_name("3b"), "_3B");
  EXPECT_EQ(environment_name(""), "_");
}

TEST(Environment, of_this_process_is_read) {
  setenv("TRACEPARENT", kParentHeader.c_str(), 1);
  setenv("BAGGAGE", "user=a", 1);
  setenv("TRACESTATE", "", 1);
  expect_whole(extract(EnvironmentReader()));
  EXPECT_EQ(EnvironmentReader().get("tracestate"), "");
  unsetenv("TRACEPARENT");
  unsetenv("BAGGAGE");
  unsetenv("TRACESTATE");
  EXPECT_FALSE(extract(EnvironmentReader()).span().valid());
}

TEST(Environment, of_a_child_has_the_context_and_nothing_of_an_older_one) {
  setenv("TRACEPARENT", "older", 1);
  setenv("TRACESTATE", "older=1", 1);
  setenv("SEXTANT_TEST_KEPT", "yes", 1);
  ChildEnvironment environment;
  inject(whole_context(), environment);
  unsetenv("TRACEPARENT");
  unsetenv("TRACESTATE");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  std::string script =
      "printf '%s|%s|%s|%s' \"$TRACEPARENT\" \"${TRACESTATE-unset}\" \"$BAGGAGE\" \"$SEXTANT_TEST_KEPT\"";
  char shell[] = "sh";
  char option[] = "-c";
  char* arguments[] = {shell, option, script.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, "/bin/sh", &actions, nullptr, arguments, environment.envp()), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  char buffer[256];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof(buffer))) > 0;)
    output.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  unsetenv("SEXTANT_TEST_KEPT");
  EXPECT_EQ(output, kParentHeader + "|unset|user=a|yes");
}

}  // namespace
}  // namespace sextant::propagation
