// Spans from the call to the bytes that an exporter gets.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "sextant/in_memory.h"
#include "sextant/sextant.h"
#include "tests/decoded.h"

namespace sextant {
namespace {

using std::chrono::milliseconds;
using tests::DecodedSpan;

/// An SDK whose exporter keeps everything.
class Traces : public testing::Test {
 protected:
  Sdk run(Options options = {}) {
    options.exporters.push_back(memory_);
    Result<Sdk> sdk = Sdk::start(std::move(options));
    EXPECT_TRUE(sdk.ok());
    return std::move(*sdk);
  }
  std::vector<DecodedSpan> exported(Sdk& sdk) {
    EXPECT_TRUE(sdk.flush().complete);
    std::vector<DecodedSpan> all;
    for (const Batch& batch : memory_->take()) {
      tests::DecodedRequest request = tests::decode_traces(batch.body);
      EXPECT_TRUE(request.whole);
      EXPECT_EQ(request.spans.size(), batch.items);
      resource_ = request.resource;
      for (DecodedSpan& span : request.spans) all.push_back(std::move(span));
    }
    return all;
  }
  DecodedSpan only(Sdk& sdk) {
    const std::vector<DecodedSpan> all = exported(sdk);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? DecodedSpan{} : all[0];
  }
  std::shared_ptr<InMemoryExporter> memory_ = std::make_shared<InMemoryExporter>();
  tests::Pairs resource_;
};

TEST_F(Traces, nothing_is_recorded_without_an_sdk) {
  Span span = tracer("t").start("work");
  span.set("a", 1);
  EXPECT_FALSE(span.recording());
  EXPECT_FALSE(span.context().valid());
  const Scope scope(span);
  EXPECT_FALSE(current_context().span().valid());
}

TEST_F(Traces, a_span_has_its_name_kind_scope_times_and_attributes) {
  Sdk sdk = run();
  const std::int64_t before = wall_ns();
  Span span =
      tracer("planner", "1.2").start("plan", SpanOptions().kind(SpanKind::kClient).attributes({{"first", true}}));
  span.set("text", "héllo").set("count", 7).set("share", 0.5).set("big", std::uint64_t{1} << 63);
  span.set("bytes", Bytes{"\0\1\2", 3}).set("nothing", Value());
  const std::vector<std::string> tags = {"a", "b"};
  span.set("tags", tags).set("list", std::vector<std::int64_t>{1, 2});
  const Attribute inner[] = {{"x", 1}, {"y", "z"}};
  span.set("map", Map{{inner, 2}});
  EXPECT_TRUE(span.recording());
  span.end();
  EXPECT_FALSE(span.recording());
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.name, "plan");
  EXPECT_EQ(got.kind, 3u);
  EXPECT_EQ(got.scope, "planner");
  EXPECT_EQ(got.trace_id, span.context().trace_id.hex());
  EXPECT_EQ(got.span_id, span.context().span_id.hex());
  EXPECT_EQ(got.parent_id, "");
  EXPECT_EQ(got.flags, 0x103u);  // sampled, random, the parent is known not to be remote
  EXPECT_GE(got.start_ns + 50'000'000, static_cast<std::uint64_t>(before));
  EXPECT_GE(got.end_ns, got.start_ns);
  EXPECT_EQ(got.attribute("first"), "true");
  EXPECT_EQ(got.attribute("text"), "\"héllo\"");
  EXPECT_EQ(got.attribute("count"), "7");
  EXPECT_EQ(got.attribute("share"), "0.500000");
  EXPECT_EQ(got.attribute("big"), "9223372036854775808.000000");
  EXPECT_EQ(got.attribute("bytes"), "bytes(3)");
  EXPECT_EQ(got.attribute("tags"), "[\"a\",\"b\"]");
  EXPECT_EQ(got.attribute("list"), "[1,2]");
  EXPECT_EQ(got.attribute("map"), "{x=1,y=\"z\"}");
  EXPECT_EQ(got.status, 0u);
}

TEST_F(Traces, the_last_value_of_a_key_counts_whatever_stands_between) {
  Sdk sdk = run();
  {
    Span span = tracer("t").start("work", {{"k0", 0}, {"k0", 1}});
    for (int i = 0; i < 100; ++i) span.set("k" + std::to_string(i), i);
    for (int i = 0; i < 100; i += 2) span.set("k" + std::to_string(i), "again");
  }
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.attributes.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(got.attribute("k" + std::to_string(i)), i % 2 == 0 ? "\"again\"" : std::to_string(i));
  }
}

TEST_F(Traces, children_follow_the_current_span_or_the_one_given) {
  Sdk sdk = run();
  const Tracer tracer = sextant::tracer("t");
  Span outer = tracer.start("outer");
  Span inner, given, alone;
  {
    const Scope scope(outer);
    EXPECT_EQ(current_context().span().span_id, outer.context().span_id);
    inner = tracer.start("inner");
    alone = tracer.start("alone", SpanOptions().root());
    current_span().set("by", "handle");
  }
  EXPECT_FALSE(current_context().span().valid());
  given = tracer.start("given", SpanOptions().parent(Context().with_span(inner)));
  EXPECT_EQ(inner.context().trace_id, outer.context().trace_id);
  EXPECT_EQ(given.context().trace_id, outer.context().trace_id);
  EXPECT_NE(alone.context().trace_id, outer.context().trace_id);
  const std::string outer_id = outer.context().span_id.hex(), inner_id = inner.context().span_id.hex();
  for (Span* span : {&given, &inner, &alone, &outer}) span->end();
  const std::vector<DecodedSpan> all = exported(sdk);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].parent_id, inner_id);
  EXPECT_EQ(all[1].parent_id, outer_id);
  EXPECT_EQ(all[2].parent_id, "");
  EXPECT_EQ(all[3].attribute("by"), "\"handle\"");
}

TEST_F(Traces, scopes_may_end_in_any_order) {
  Sdk sdk = run();
  const Tracer tracer = sextant::tracer("t");
  Span a = tracer.start("a"), b = tracer.start("b"), c = tracer.start("c");
  auto in_a = std::make_unique<Scope>(a);
  auto in_b = std::make_unique<Scope>(b);
  auto in_c = std::make_unique<Scope>(c);
  in_b.reset();
  EXPECT_EQ(current_context().span().span_id, c.context().span_id);
  in_c.reset();
  EXPECT_EQ(current_context().span().span_id, a.context().span_id);
  in_a.reset();
  EXPECT_FALSE(current_context().span().valid());
}

TEST_F(Traces, events_links_status_and_errors_are_kept) {
  Sdk sdk = run();
  SpanContext other;
  other.trace_id.bytes[15] = 1;
  other.span_id.bytes[7] = 2;
  other.remote = true;
  other.trace_state = std::make_shared<const std::string>("vendor=1");
  const Attribute why[] = {{"why", "batch"}};
  const Link links[] = {{other, {why, 1}}};
  {
    Span span = tracer("t").start("work", SpanOptions().links({links, 1}));
    span.add_event("retry", {{"attempt", 2}, {"attempt", 3}});
    span.record_error(std::runtime_error("out of luck"));
    span.set_status(StatusCode::kOk);
    span.set_status(StatusCode::kError, "too late: ok is final");
    span.update_name("renamed");
  }
  DecodedSpan got = only(sdk);
  EXPECT_EQ(got.name, "renamed");
  ASSERT_EQ(got.links.size(), 1u);
  EXPECT_EQ(got.links[0].trace_id, other.trace_id.hex());
  EXPECT_EQ(got.links[0].trace_state, "vendor=1");
  EXPECT_EQ(got.links[0].flags, 0x300u);
  ASSERT_EQ(got.events.size(), 2u);
  EXPECT_EQ(got.events[0].name, "retry");
  EXPECT_EQ(got.events[0].attributes, (tests::Pairs{{"attempt", "3"}}));
  EXPECT_EQ(got.events[1].name, "exception");
  EXPECT_EQ(got.events[1].attributes,
            (tests::Pairs{{"exception.type", "\"std::runtime_error\""}, {"exception.message", "\"out of luck\""}}));
  EXPECT_EQ(got.attribute("error.type"), "\"std::runtime_error\"");
  EXPECT_EQ(got.status, 1u);
}

TEST_F(Traces, what_is_beyond_the_limits_is_counted_in_the_span) {
  Options options;
  options.span_limits = {2, 1, 1, 1, 1, 3};
  Sdk sdk = run(std::move(options));
  {
    Span span = tracer("t").start("work");
    span.set("a", "äöüß").set("b", 2).set("c", 3).set("a", "again");
    span.add_event("one", {{"x", 1}, {"y", 2}}).add_event("two");
    span.add_link(span.context()).add_link(span.context());
  }
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.attribute("a"), "\"aga\"");
  EXPECT_EQ(got.attributes.size(), 2u);
  EXPECT_EQ(got.attributes_dropped, 1u);
  EXPECT_EQ(got.events_dropped, 1u);
  EXPECT_EQ(got.links_dropped, 1u);
  ASSERT_EQ(got.events.size(), 1u);
  EXPECT_EQ(got.events[0].dropped, 1u);
}

TEST_F(Traces, texts_that_are_no_utf8_do_not_spoil_the_batch) {
  Sdk sdk = run();
  tracer("t").start("na\xffme", {{"k\xc0y", "v\xed\xa0\x80"}});
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.name, "na?me");
  EXPECT_EQ(got.attribute("k?y"), "\"v???\"");
}

TEST_F(Traces, a_large_value_passes_whole) {
  Sdk sdk = run();
  const std::string large(3'000'000, 'x');
  tracer("t").start("large", {{"text", large}});
  tracer("t").start("small");
  const std::vector<DecodedSpan> all = exported(sdk);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].attribute("text").size(), large.size() + 2);
}

TEST_F(Traces, given_times_are_kept_and_a_second_end_does_nothing) {
  Sdk sdk = run();
  const Time begin = Time(std::chrono::seconds(1'000)), end = Time(std::chrono::seconds(1'001));
  Span span = tracer("t").start("work", SpanOptions().start_time(begin));
  span.end(end);
  span.end();
  span.set("late", 1);
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.start_ns, 1'000'000'000'000u);
  EXPECT_EQ(got.end_ns, 1'001'000'000'000u);
  EXPECT_EQ(got.attribute("late"), "");
}

TEST_F(Traces, what_is_not_sampled_is_not_exported_but_known_to_children) {
  Options options;
  options.sampler = parent_based(always_off());
  Sdk sdk = run(std::move(options));
  Span root = tracer("t").start("root");
  EXPECT_TRUE(root.context().valid());
  EXPECT_FALSE(root.context().sampled());
  EXPECT_FALSE(root.recording());
  const Scope scope(root);
  const Span child = tracer("t").start("child");
  EXPECT_EQ(child.context().trace_id, root.context().trace_id);
  EXPECT_TRUE(exported(sdk).empty());
}

TEST_F(Traces, a_ratio_keeps_its_share_of_traces) {
  Options options;
  options.sampler = parent_based(trace_id_ratio(0.1));
  Sdk sdk = run(std::move(options));
  const Tracer tracer = sextant::tracer("t");
  int kept = 0;
  constexpr int kTraces = 100'000;
  for (int i = 0; i < kTraces; ++i) kept += tracer.start("root").context().sampled() ? 1 : 0;
  EXPECT_NEAR(kept, 10'000, 6 * 95);  // six standard deviations: one run in 500 million fails
}

TEST_F(Traces, a_rate_is_not_exceeded) {
  Options options;
  options.sampler = rate_limiting(5);
  Sdk sdk = run(std::move(options));
  const std::int64_t begin = monotonic_ns();
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += tracer("t").start("root").context().sampled() ? 1 : 0;
  const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
  EXPECT_GE(kept, 5);
  EXPECT_LE(kept, static_cast<int>(5 + 5 * seconds) + 1);
}

TEST_F(Traces, a_full_queue_drops_and_counts_and_never_blocks) {
  Options options;
  options.span_queue.items_max = 100;
  options.span_queue.delay = std::chrono::hours(1);
  options.span_queue.batch_items_max = 1'000'000;
  Sdk sdk = run(std::move(options));
  for (int i = 0; i < 1'000; ++i) tracer("t").start("work");
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.spans_ended, 1'000u);
  EXPECT_GE(stats.spans_dropped, 1u);
  EXPECT_EQ(exported(sdk).size() + stats.spans_dropped, 1'000u);
}

TEST_F(Traces, spans_never_ended_are_ended_and_marked) {
  Options options;
  options.span_timeout = milliseconds(20);
  options.span_queue.delay = milliseconds(1);
  Sdk sdk = run(std::move(options));
  Span span = tracer("t").start("forgotten");
  while (memory_->items(Signal::kTraces) == 0) std::this_thread::yield();
  EXPECT_FALSE(span.recording());
  span.set("late", 1);
  const std::vector<Batch> batches = memory_->take();
  const DecodedSpan got = tests::decode_traces(batches.at(0).body).spans.at(0);
  EXPECT_EQ(got.name, "forgotten");
  EXPECT_EQ(got.attribute("sextant.span.timed_out"), "true");
  EXPECT_EQ(sdk.stats().spans_timed_out, 1u);
}

TEST_F(Traces, eight_threads_lose_and_double_nothing) {
  Options options;
  options.span_queue.items_max = 1'000'000;
  Sdk sdk = run(std::move(options));
  constexpr int kThreads = 8, kSpans = 5'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const Tracer tracer = sextant::tracer("thread " + std::to_string(t));
      for (int i = 0; i < kSpans; ++i) {
        ScopedSpan outer(tracer, "outer", {{"i", i}});
        tracer.start("inner").set("thread", t);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<DecodedSpan> all = exported(sdk);
  std::set<std::string> ids;
  for (const DecodedSpan& span : all) ids.insert(span.span_id);
  EXPECT_EQ(all.size(), 2u * kThreads * kSpans);
  EXPECT_EQ(ids.size(), all.size());
  EXPECT_EQ(sdk.stats().spans_dropped, 0u);
}

TEST_F(Traces, a_span_may_be_used_and_ended_by_other_threads) {
  Sdk sdk = run();
  for (int round = 0; round < 50; ++round) {
    Span span = tracer("t").start("shared");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&span, t] {
        for (int i = 0; i < 20; ++i) span.set("thread " + std::to_string(t), i);
      });
    }
    span.set("owner", round);
    for (std::thread& thread : threads) thread.join();
    std::thread([moved = std::move(span)]() mutable { moved.end(); }).join();
  }
  const std::vector<DecodedSpan> all = exported(sdk);
  ASSERT_EQ(all.size(), 50u);
  for (const DecodedSpan& span : all) {
    EXPECT_EQ(span.attributes.size(), 5u);
    EXPECT_EQ(span.attribute("thread 3"), "19");
  }
}

TEST_F(Traces, many_short_threads_leave_nothing_behind) {
  Options options;
  options.span_queue.items_max = 100'000;
  Sdk sdk = run(std::move(options));
  for (int i = 0; i < 3'000; ++i) std::thread([] { tracer("t").start("short"); }).join();
  EXPECT_EQ(exported(sdk).size(), 3'000u);
}

class Recorder final : public SpanProcessor {
 public:
  void on_start(Span& span, const Context&) noexcept override { span.set("started", true); }
  void on_ending(Span& span) noexcept override { span.set("secret", "redacted"); }
  void on_end(const EndedSpan& span) noexcept override { ended.push_back(tests::decode_span(span.otlp)); }
  std::vector<DecodedSpan> ended;
};

TEST_F(Traces, processors_see_and_change_spans) {
  const auto recorder = std::make_shared<Recorder>();
  Options options;
  options.processors.push_back(recorder);
  Sdk sdk = run(std::move(options));
  tracer("t").start("work", {{"secret", "password"}});
  const DecodedSpan got = only(sdk);
  EXPECT_EQ(got.attribute("started"), "true");
  EXPECT_EQ(got.attribute("secret"), "\"redacted\"");
  ASSERT_EQ(recorder->ended.size(), 1u);
  EXPECT_EQ(recorder->ended[0].attribute("secret"), "\"redacted\"");
}

TEST_F(Traces, one_sdk_at_a_time_and_another_after_it) {
  Sdk first = run();
  EXPECT_FALSE(Sdk::start({}).ok());
  Span open = tracer("t").start("open");
  EXPECT_TRUE(first.shutdown().complete);
  open.end();  // after the end: lost, and nothing bad happens
  EXPECT_FALSE(tracer("t").start("between").recording());
  Sdk second = run();
  tracer("t").start("second");
  const std::vector<DecodedSpan> all = exported(second);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "second");
}

TEST_F(Traces, the_resource_says_who_sends) {
  Options options;
  options.service_name = "planner";
  options.service_version = "1.2.3";
  options.resource = {{"team", "agents"}};
  Sdk sdk = run(std::move(options));
  tracer("t").start("work");
  only(sdk);
  const auto has = [&](const char* key, const char* value) {
    return std::find(resource_.begin(), resource_.end(), std::pair<std::string, std::string>(key, value)) !=
           resource_.end();
  };
  EXPECT_TRUE(has("service.name", "\"planner\""));
  EXPECT_TRUE(has("service.version", "\"1.2.3\""));
  EXPECT_TRUE(has("team", "\"agents\""));
  EXPECT_TRUE(has("telemetry.sdk.language", "\"cpp\""));
}

}  // namespace
}  // namespace sextant
