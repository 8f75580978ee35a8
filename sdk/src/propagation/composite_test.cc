#include <gtest/gtest.h>

#include <thread>

#include "propagation/testing.h"
#include "sextant/in_memory.h"
#include "sextant/sextant.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

std::vector<std::string> fields_of(std::string_view names) {
  const Result<PropagatorPtr> made = propagators_by_name(names);
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error());
  return made.ok() ? made.value()->fields() : std::vector<std::string>();
}

TEST(Propagators, are_made_by_the_names_of_otel_propagators) {
  EXPECT_EQ(fields_of("tracecontext"), std::vector<std::string>({"traceparent", "tracestate"}));
  EXPECT_EQ(fields_of("tracecontext,baggage"), std::vector<std::string>({"traceparent", "tracestate", "baggage"}));
  EXPECT_EQ(fields_of(" b3 , jaeger "), std::vector<std::string>({"b3", "uber-trace-id"}));
  EXPECT_EQ(fields_of("b3multi").size(), 4u);
  EXPECT_TRUE(fields_of("none").empty());
  EXPECT_TRUE(fields_of("").empty());
}

TEST(Propagators, a_name_that_stands_twice_counts_once) {
  std::map<std::string, std::string> fields;
  class Counting final : public FieldWriter {
   public:
    void set(std::string_view, std::string_view) override { ++sets; }
    int sets = 0;
  } writer;
  propagators_by_name("tracecontext,tracecontext,,tracecontext")
      .value()
      ->inject(Context().with_span(some_span()), writer);
  EXPECT_EQ(writer.sets, 1);
}

TEST(Propagators, an_unknown_name_is_an_error_that_says_which_there_are) {
  EXPECT_EQ(propagators_by_name("tracecontext,xray").error(),
            "there is no propagator 'xray': there are tracecontext, baggage, b3, b3multi, jaeger and none");
  EXPECT_EQ(propagators_by_name("none,b3").error(),
            "the propagator 'none' stands with others: it means that nothing is propagated, and stands alone");
}

TEST(Propagators, the_last_one_that_can_read_counts) {
  const PropagatorPtr both = composite({trace_context(), b3(), nullptr});
  const HttpHeaders headers = {{"traceparent", "00-"s + kTrace + "-" + kParent + "-01"},
                               {"b3", "80f198ee56343ba864fe8b2a57d3eff7-05e3ac9a4f6e3b90-1"}};
  EXPECT_EQ(read(both, headers).span().trace_id.hex(), "80f198ee56343ba864fe8b2a57d3eff7");
  EXPECT_EQ(read(both, {headers[0], {"b3", "nonsense"}}).span().trace_id.hex(), kTrace);
}

TEST(DefaultPropagator, is_tracecontext_and_baggage_and_works_without_an_sdk) {
  HttpHeaders headers;
  HeaderWriter writer(headers);
  inject(Context().with_span(some_span()).with_baggage(Baggage().with("a", "1")), writer);
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].first, "traceparent");
  EXPECT_EQ(headers[1].second, "a=1");
  const Context context = extract(HeaderReader(headers));
  EXPECT_EQ(context.span().trace_id.hex(), kTrace);
  EXPECT_EQ(*context.baggage().find("a"), "1");
}

TEST(DefaultPropagator, is_what_the_options_of_the_sdk_say_and_the_usual_one_without_them) {
  Options options;
  options.propagators = propagators_by_name("b3").value();
  {
    auto sdk = Sdk::start(std::move(options));
    ASSERT_TRUE(sdk.ok());
    EXPECT_EQ(default_propagator().fields(), std::vector<std::string>({"b3"}));
  }
  auto sdk = Sdk::start(Options());
  ASSERT_TRUE(sdk.ok());
  EXPECT_EQ(default_propagator().fields().size(), 3u);
}

TEST(DefaultPropagator, can_be_changed_while_others_use_it) {
  std::atomic<bool> stop{false};
  std::thread user([&] {
    while (!stop.load()) {
      HttpHeaders headers;
      HeaderWriter writer(headers);
      inject(Context().with_span(some_span()), writer);
      EXPECT_EQ(headers.size(), 1u);
    }
  });
  for (int i = 0; i < 200; ++i) set_default_propagator(i % 2 == 0 ? b3() : jaeger());
  set_default_propagator(nullptr);
  stop.store(true);
  user.join();
}

TEST(Propagation, a_trace_goes_on_in_the_called_process_with_its_state_flags_and_debug_mark) {
  Options options;
  options.exporters.push_back(std::make_shared<InMemoryExporter>());
  auto sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk.ok());
  const HttpHeaders incoming = {{"traceparent", "00-"s + kTrace + "-" + kParent + "-03"}, {"tracestate", "congo=t61"}};
  const Context parent = extract(HeaderReader(incoming));
  const Tracer tracer = sextant::tracer("test");
  auto server = tracer.start("server", SpanOptions().kind(SpanKind::kServer).parent(parent));
  Scope scope(server);
  HttpHeaders outgoing;
  HeaderWriter writer(outgoing);
  inject(writer);
  ASSERT_EQ(outgoing.size(), 2u);
  EXPECT_EQ(outgoing[0].second, "00-"s + kTrace + "-" + server.context().span_id.hex() + "-03");
  EXPECT_EQ(outgoing[1].second, "congo=t61");
  SpanContext debug = some_span();
  debug.debug = true;
  const Context debugged = Context().with_span(debug);
  EXPECT_TRUE(tracer.start("child", SpanOptions().parent(debugged)).context().debug);
}

}  // namespace
}  // namespace sextant::propagation
