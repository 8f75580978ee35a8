#include "sextant/trace_state.h"

#include <gtest/gtest.h>

#include <random>

#include "propagation/testing.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

HttpHeaders with_parent(std::initializer_list<const char*> states) {
  HttpHeaders headers = {{"traceparent", "00-"s + kTrace + "-" + kParent + "-00"}};
  for (const char* state : states) headers.emplace_back("tracestate", state);
  return headers;
}

std::string read_states(std::initializer_list<const char*> states, TraceStateKeys keys = TraceStateKeys::kLevel2) {
  const Context context = read(trace_context(keys), with_parent(states));
  EXPECT_TRUE(context.span().valid());  // whatever its state is
  return state_of(context);
}

std::string read_one(const std::string& state, TraceStateKeys keys = TraceStateKeys::kLevel2) {
  return read_states({state.c_str()}, keys);
}

std::string members(int from, int to) {
  std::string all;
  for (int i = from; i <= to; ++i) {
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    all += (all.empty() ? "bar" : ",bar") + number + "=" + number;
  }
  return all;
}

TEST(TraceState, is_inherited_in_its_order) {
  EXPECT_EQ(read_one("foo=1,bar=2"), "foo=1,bar=2");
  EXPECT_EQ(read_states({"foo=1,bar=2", "rojo=1,congo=2", "baz=3"}), "foo=1,bar=2,rojo=1,congo=2,baz=3");
}

TEST(TraceState, is_not_read_without_a_traceparent) {
  EXPECT_EQ(state_of(read(trace_context(), {{"tracestate", "foo=1"}})), "");
  EXPECT_EQ(state_of(read(trace_context(), {{"traceparent", "nonsense"}, {"tracestate", "foo=1"}})), "");
}

TEST(TraceState, empty_headers_and_members_are_nothing) {
  EXPECT_EQ(read_one(""), "");
  EXPECT_EQ(read_states({"foo=1", ""}), "foo=1");
  EXPECT_EQ(read_states({"", "foo=1"}), "foo=1");
  EXPECT_EQ(read_one("foo=1, ,\t,,bar=2,"), "foo=1,bar=2");
}

TEST(TraceState, blanks_around_members_do_not_matter_and_those_that_begin_a_value_belong_to_it) {
  EXPECT_EQ(read_one("foo=1 \t , \t bar=2, \t baz=3"), "foo=1,bar=2,baz=3");
  EXPECT_EQ(read_one("foo=1\t \t,\t \tbar=2,\t \tbaz=3"), "foo=1,bar=2,baz=3");
  EXPECT_EQ(read_one("\t foo=1 \t"), "foo=1");
  EXPECT_EQ(read_one("foo=  1  ,bar=2"), "foo=  1,bar=2");
}

TEST(TraceState, all_characters_that_are_allowed_are_kept) {
  const std::string key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
  std::string value;
  for (char c = ' '; c <= '~'; ++c) {
    if (c != ',' && c != '=') value += c;
  }
  for (const std::string& name : {key, key + "@a-z0-9_-*/", "0"s, "9abc"s, "a@b"s, "0@b"s})
    EXPECT_EQ(read_one(name + "=" + value), name + "=" + value) << name;
}

TEST(TraceState, one_bad_member_takes_all_with_it_and_is_counted) {
  for (const std::string& state : {"foo"s,
                                   "=1"s,
                                   "foo=1,=2"s,
                                   "foo =1"s,
                                   "FOO=1"s,
                                   "foo.bar=1"s,
                                   "@foo=1,bar=2"s,
                                   "foo=bar=baz"s,
                                   "foo=,bar=3"s,
                                   "foo= ,bar=3"s,
                                   "foo=1,foo=1"s,
                                   "foo=1,bar=2,foo=2"s,
                                   "foo=\x7f"s,
                                   "foo=a\tb"s,
                                   "foo=\xc3\xa9"s,
                                   "_foo=1"s,
                                   "-foo=1"s,
                                   "foo=1;bar=2=3"s,
                                   "f\xc3\xb6=1"s,
                                   std::string(257, 'z') + "=1",
                                   "foo=" + std::string(257, 'x')}) {
    const std::uint64_t before = propagation_counts().malformed_trace_states;
    EXPECT_EQ(read_one("good=1," + state), "") << state;
    EXPECT_EQ(propagation_counts().malformed_trace_states, before + 1) << state;
  }
  EXPECT_EQ(read_states({"foo=1", "foo=1"}), "");
  EXPECT_EQ(read_states({"foo=1", "foo=2"}), "");
}

TEST(TraceState, has_room_for_32_members) {
  EXPECT_EQ(read_states({members(1, 10).c_str(), members(11, 20).c_str(), members(21, 32).c_str()}), members(1, 32));
  EXPECT_EQ(read_states({members(1, 10).c_str(), members(11, 20).c_str(), members(21, 33).c_str()}), "");
}

TEST(TraceState, keys_and_values_have_room_for_256_characters) {
  const std::string key = std::string(256, 'z') + "=1";
  EXPECT_EQ(read_one("foo=1," + key), "foo=1," + key);
  const std::string value = "foo=" + std::string(256, 'x');
  EXPECT_EQ(read_one(value), value);
}

struct AtSign {
  std::string state;
  bool level_1;
};

TEST(TraceState, level_2_allows_at_signs_anywhere_but_in_front_and_level_1_just_one_between_two_names) {
  const AtSign cases[] = {
      {"foo@=1,bar=2", false},
      {"foo@@bar=1,bar=2", false},
      {"foo@bar@baz=1,bar=2", false},
      {"foo@bar=1,bar=2", true},
      {"foo=1," + std::string(241, 't') + "@" + std::string(14, 'v') + "=1", true},
      {"foo=1," + std::string(242, 't') + "@v=1", false},
      {"foo=1,t@" + std::string(15, 'v') + "=1", false},
      {"foo@1ab=1", false},
  };
  for (const AtSign& at : cases) {
    EXPECT_EQ(read_one(at.state), at.state);
    EXPECT_EQ(read_one(at.state, TraceStateKeys::kLevel1), at.level_1 ? at.state : "") << at.state;
  }
}

TEST(TraceState, what_is_longer_than_512_bytes_loses_long_entries_first_and_then_the_last_ones) {
  const std::string longer = "long=" + std::string(124, 'x');    // 129 bytes
  const std::string middle = "middle=" + std::string(121, 'x');  // 128 bytes
  std::string state = longer + "," + middle;
  for (int i = 0; i < 5; ++i) state += ",k" + std::to_string(i) + "=" + std::string(70, 'y');
  const std::uint64_t before = propagation_counts().truncated_trace_states;
  const std::string kept = read_one(state);
  EXPECT_EQ(propagation_counts().truncated_trace_states, before + 1);
  EXPECT_EQ(kept, state.substr(longer.size() + 1));
  const std::string more = state + ",last=" + std::string(100, 'z');
  EXPECT_EQ(read_one(more), state.substr(longer.size() + 1));
  const std::string exactly = middle + "," + std::string("a=") + std::string(126, 'x') + ",b=" + std::string(126, 'x') +
                              ",c=" + std::string(123, 'x');
  ASSERT_EQ(exactly.size(), 512u);
  EXPECT_EQ(read_one(exactly), exactly);
  EXPECT_EQ(read_one(exactly + "x"), exactly.substr(0, exactly.rfind(',')));
}

TEST(TraceState, hostile_headers_are_read_within_limits) {
  std::string eight_kib;
  while (eight_kib.size() < 8192) eight_kib += "k" + std::to_string(eight_kib.size()) + "=v,";
  EXPECT_EQ(read_one(eight_kib), "");
  EXPECT_EQ(read_one(std::string(8192, ',')), "");
  EXPECT_EQ(read_one("foo=1" + std::string(8192, ' ')), "foo=1");
  EXPECT_EQ(read_one(std::string(1 << 20, ',') + "foo=1"), "");
  HttpHeaders many = with_parent({});
  for (int i = 0; i < 10'000; ++i) many.emplace_back("tracestate", "k" + std::to_string(i) + "=1");
  const Context context = read(trace_context(), many);
  EXPECT_TRUE(context.span().valid());
  EXPECT_EQ(state_of(context), "");
}

TEST(TraceState, random_lists_are_either_dropped_or_well_formed) {
  std::mt19937 random(11);
  const std::string characters = "abz019_-*/@=, \tA.~\x7f\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string state = "k=v,";
    for (std::size_t n = random() % 60; n-- > 0;) state += characters[random() % characters.size()];
    const std::string kept = read_one(state);
    if (kept.empty()) continue;
    const Result<TraceState> parsed = TraceState::parse(kept);
    ASSERT_TRUE(parsed.ok()) << state << " became " << kept;
    EXPECT_EQ(parsed->header(), kept);
  }
}

TEST(TraceState, a_new_or_changed_entry_stands_first) {
  TraceState state = TraceState::parse("rojo=1,congo=2").value();
  EXPECT_TRUE(state.set("sextant", "x"));
  EXPECT_EQ(state.header(), "sextant=x,rojo=1,congo=2");
  EXPECT_TRUE(state.set("congo", "3"));
  EXPECT_EQ(state.header(), "congo=3,sextant=x,rojo=1");
  EXPECT_TRUE(state.set("rojo", state.get("congo")));
  EXPECT_EQ(state.header(), "rojo=3,congo=3,sextant=x");
  EXPECT_TRUE(state.erase("congo"));
  EXPECT_FALSE(state.erase("congo"));
  EXPECT_EQ(state.get("rojo"), "3");
  EXPECT_EQ(state.get("congo"), "");
  EXPECT_EQ(state.size(), 2u);
}

TEST(TraceState, refuses_keys_and_values_that_are_none) {
  TraceState state;
  for (const std::string& key : {""s, "A"s, "@a"s, "a b"s, std::string(257, 'a')})
    EXPECT_FALSE(state.set(key, "1")) << key;
  for (const std::string& value : {""s, "a,b"s, "a=b"s, "a "s, "\t"s, std::string(257, 'a')})
    EXPECT_FALSE(state.set("a", value)) << value;
  EXPECT_TRUE(state.empty());
  EXPECT_EQ(state.header(), "");
}

TEST(TraceState, the_33rd_entry_pushes_the_last_one_out) {
  TraceState state = TraceState::parse(members(1, 32)).value();
  EXPECT_TRUE(state.set("new", "1"));
  EXPECT_EQ(state.size(), 32u);
  EXPECT_EQ(state.entries().back().first, "bar31");
}

TEST(TraceState, its_header_has_at_most_512_bytes) {
  TraceState state;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(state.set("k" + std::to_string(i), std::string(100, 'x')));
  EXPECT_EQ(state.header().size(), 4 * 103u + 3);
  EXPECT_EQ(TraceState::parse(state.header())->entries().front().first, "k7");
}

TEST(TraceState, an_error_says_what_is_wrong_with_which_entry) {
  EXPECT_EQ(TraceState::parse("a=1,b").error(), "this is no tracestate: 'b' has no '='");
  EXPECT_EQ(TraceState::parse("A=1").error(), "this is no tracestate: 'A=1' has a key that is none");
  EXPECT_EQ(TraceState::parse("a=").error(), "this is no tracestate: 'a=' has a value that is none");
  EXPECT_EQ(TraceState::parse("a=1,a=2").error(), "this is no tracestate: 'a=2' has a key that stands there before");
  EXPECT_EQ(TraceState::parse(members(1, 33)).error(),
            "this is no tracestate: 'bar33=33' is one entry too many: there may be 32");
}

TEST(TraceState, goes_into_a_context_and_out_of_it) {
  TraceState state;
  state.set("a", "1");
  const SpanContext span = with_trace_state(some_span(), state);
  EXPECT_EQ(*span.trace_state, "a=1");
  EXPECT_EQ(trace_state_of(span).get("a"), "1");
  EXPECT_EQ(with_trace_state(span, {}).trace_state, nullptr);
  EXPECT_TRUE(trace_state_of(some_span()).empty());
}

TEST(TraceState, one_that_a_program_made_too_long_is_shortened_where_it_is_sent) {
  SpanContext span = some_span();
  std::string longer = members(1, 32) + ",x=" + std::string(200, 'y');
  longer = longer.substr(9);  // 32 entries
  span.trace_state = std::make_shared<const std::string>(longer + std::string(50, 'y'));
  const auto fields = written(trace_context(), Context().with_span(span));
  EXPECT_EQ(fields.at("tracestate"), members(2, 32));
}

}  // namespace
}  // namespace sextant::propagation
