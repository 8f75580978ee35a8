// The one line that starts everything, and what wins over what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sextant/in_memory.h"
#include "sextant/sextant.h"
#include "tests/support/receiver.h"
#include "tests/support/variables.h"

namespace sextant {
namespace {

using test::environment_of;
using test::Receiver;
using test::Variables;
using testing::ElementsAre;
using testing::HasSubstr;

/// Diagnostics of the time it lives.
class Said {
 public:
  Said() {
    set_diagnostic_handler([this](LogLevel, std::string_view message) { all.emplace_back(message); });
  }
  ~Said() {
    set_diagnostic_handler({});
    set_diagnostic_level(LogLevel::kWarn);
  }
  std::vector<std::string> all;
};

TEST(OptionsFromEnv, SendWhatTheEnvironmentSays) {
  Receiver receiver;
  Options options = options_from_env("of-code", {},
                                     environment_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()},
                                                     {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=k"},
                                                     {"OTEL_RESOURCE_ATTRIBUTES", "team=search"}}));
  Result<Sdk> sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk.ok());
  tracer("test").start("work").end();
  EXPECT_TRUE(sdk->shutdown(std::chrono::seconds(60)).complete);
  ASSERT_EQ(receiver.requests().size(), 1u);
  EXPECT_EQ(receiver.requests()[0].header("api-key"), "k");
  EXPECT_THAT(receiver.requests()[0].body, HasSubstr("of-code"));
  EXPECT_THAT(receiver.requests()[0].body, HasSubstr("search"));
  EXPECT_THAT(receiver.requests()[0].body, HasSubstr("work"));
}

TEST(OptionsFromEnv, NameTheServiceOfTheEnvironmentBeforeThatOfTheArgument) {
  EXPECT_EQ(options_from_env("of-code", {}, environment_of({{"OTEL_SERVICE_NAME", "of-env"}})).service_name, "of-env");
  EXPECT_EQ(options_from_env("of-code", {}, environment_of({})).service_name, "of-code");
}

TEST(OptionsFromEnv, CodeThatComesAfterwardsWins) {
  Options options = options_from_env({}, {}, environment_of({{"OTEL_TRACES_SAMPLER", "always_off"}}));
  const auto memory = std::make_shared<InMemoryExporter>();
  options.exporters = {memory};
  options.sampler = always_on();
  Result<Sdk> sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk.ok());
  tracer("test").start("work").end();
  EXPECT_TRUE(sdk->flush(std::chrono::seconds(60)).complete);
  EXPECT_EQ(memory->items(Signal::kTraces), 1u);
}

TEST(OptionsFromEnv, SayWhatTheyDoNotUnderstand) {
  Said said;
  options_from_env({}, {}, environment_of({{"OTEL_BSP_MAX_QUEUE_SIZE", "many"}, {"OTEL_TRACES_EXPORTER", "console"}}));
  EXPECT_THAT(said.all, ElementsAre(HasSubstr("OTEL_BSP_MAX_QUEUE_SIZE is 'many'")));
}

TEST(OptionsFromEnv, SayThatAFileIsNotRead) {
  Said said;
  options_from_env({}, {}, environment_of({{"OTEL_CONFIG_FILE", "otel.yaml"}}));
  EXPECT_THAT(said.all, ElementsAre("OTEL_CONFIG_FILE is set and not read here: link sextant::config, and use its "
                                    "configured_options()"));
}

TEST(OptionsFromEnv, AreSilentWhereTheyAreToldTo) {
  Said said;
  options_from_env({}, {}, environment_of({{"OTEL_LOG_LEVEL", "none"}, {"OTEL_BSP_MAX_QUEUE_SIZE", "many"}}));
  EXPECT_THAT(said.all, testing::IsEmpty());
}

TEST(Start, RunsByTheProcessEnvironment) {
  // What the machine that runs the tests has set may say anything but that two run at a time.
  Sdk sdk = start("one-line");
  if (!sdk.running()) GTEST_SKIP() << "OTEL_SDK_DISABLED is set here";
  Said said;
  const Sdk second = start("another");
  EXPECT_FALSE(second.running());
  EXPECT_THAT(said.all, testing::Contains(HasSubstr("an SDK runs already")));
  sdk.shutdown(std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace sextant
