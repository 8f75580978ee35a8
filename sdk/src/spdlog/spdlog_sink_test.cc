// spdlog messages as records: levels, scopes, places in the code.
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include "sextant/in_memory.h"
#include "sextant/sextant.h"
#include "sextant/spdlog.h"

namespace sextant {
namespace {

/// Runs an SDK and gives the bytes of the log requests that its exporter got.
class Spdlog : public testing::Test {
 protected:
  Spdlog() {
    Options options;
    options.service_name = "test";
    options.exporters.push_back(memory_);
    LogOutput output;
    output.target = LogTarget::kFunction;
    output.time_format = LogTimeFormat::kUnixNs;
    output.function = [this](Severity severity, std::string_view line) {
      severities_.push_back(severity);
      line_ = std::string(line);
    };
    options.logs.least = Severity::kTrace;
    options.logs.outputs.push_back(output);
    auto sdk = Sdk::start(std::move(options));
    EXPECT_TRUE(sdk.ok());
    sdk_ = std::move(*sdk);
    logger_.set_level(spdlog::level::trace);
  }

  std::shared_ptr<InMemoryExporter> memory_ = std::make_shared<InMemoryExporter>();
  std::vector<Severity> severities_;
  std::string line_;
  Sdk sdk_;
  std::shared_ptr<SpdlogSink> sink_ = std::make_shared<SpdlogSink>();
  spdlog::logger logger_{"agent", sink_};
};

TEST_F(Spdlog, MessagesBecomeRecordsOfTheLoggersScope) {
  const spdlog::log_clock::time_point time{std::chrono::seconds(1'763'289'000)};
  logger_.log(time, spdlog::source_loc{"plan.cc", 12, "make_plan"}, spdlog::level::warn, "3 steps left");
  EXPECT_EQ(line_.substr(0, line_.find("\"thread.id\"")),
            R"({"time":1763289000000000000,"level":"warn","logger":"agent","message":"3 steps left",)");
  EXPECT_NE(line_.find(R"("code.file.path":"plan.cc","code.line.number":12,"code.function.name":"make_plan")"),
            std::string::npos);
  EXPECT_TRUE(sdk_.flush().complete);
  EXPECT_EQ(memory_->items(Signal::kLogs), 1U);
}

TEST_F(Spdlog, FormatsAsSpdlogDoes) {
  logger_.info("{} of {}", 3, "seven");
  EXPECT_NE(line_.find(R"("message":"3 of seven")"), std::string::npos);
  EXPECT_EQ(line_.find("code."), std::string::npos) << "no place is known";
}

TEST_F(Spdlog, EachLevelHasItsSeverity) {
  logger_.trace("x");
  logger_.debug("x");
  logger_.info("x");
  logger_.warn("x");
  logger_.error("x");
  logger_.critical("x");
  EXPECT_EQ(severities_, (std::vector<Severity>{Severity::kTrace, Severity::kDebug, Severity::kInfo, Severity::kWarn,
                                                Severity::kError, Severity::kFatal}));
}

TEST_F(Spdlog, LevelsThatAreOffCostNoRecord) {
  sdk_.shutdown();
  logger_.error("nothing runs");
  EXPECT_TRUE(severities_.empty());
  sink_->flush();
  sink_->set_pattern("%v");
}

}  // namespace
}  // namespace sextant
