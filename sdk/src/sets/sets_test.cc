#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sets/process_usage.h"
#include "sextant/metric_sets.h"

namespace sextant {
namespace {

TEST(ProcessUsage, LinuxAnswersWhatIsAsked) {
  EXPECT_GT(sets::resident_bytes().value_or(0), 1'000'000);
  EXPECT_GT(sets::cpu_time_ns(), 0);
  EXPECT_GE(sets::usable_cpus(), 1);
  EXPECT_GT(sets::disk_used_bytes("/").value_or(0), 0);
  EXPECT_FALSE(sets::disk_used_bytes("/nowhere/at/all").has_value());
}

TEST(ProcessUsage, OpenDescriptorsAreCountedWithoutTheOneThatLists) {
  const std::int64_t before = sets::open_descriptors().value_or(-1);
  ASSERT_GE(before, 3);
  const int one = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(sets::open_descriptors(), before + 1);
  close(one);
  EXPECT_EQ(sets::open_descriptors(), before);
}

TEST(ProcessUsage, NetworkBytesAreReadByInterface) {
  const auto all = sets::parse_net_dev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
      "compressed\n"
      "    lo: 1234     10    0    0    0     0          0         0     5678      12    0    0    0     0       0     "
      " 0\n"
      "eth0:1:99999999999 1 0 0 0 0 0 0 77 1 0 0 0 0 0 0\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "lo");
  EXPECT_EQ(all[0].received, 1'234);
  EXPECT_EQ(all[0].transmitted, 5'678);
  EXPECT_EQ(all[1].name, "eth0:1");
  EXPECT_EQ(all[1].received, 99'999'999'999);
  EXPECT_EQ(all[1].transmitted, 77);
}

TEST(ProcessUsage, WhatIsNoListOfInterfacesIsNone) {
  for (const char* text : {"", "\n\n", ":", "a:", "a: b c d e f g h i j", "a: 1 2 3", "a: -1 0 0 0 0 0 0 0 5",
                           "a: 99999999999999999999 0 0 0 0 0 0 0 5"})
    EXPECT_TRUE(sets::parse_net_dev(text).empty()) << text;
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "a" + std::to_string(i) + ": 1 0 0 0 0 0 0 0 5\n";
  EXPECT_EQ(sets::parse_net_dev(many).size(), 256u);
}

TEST(ProcessUsage, TheCpuRatioIsOverASecondAtLeast) {
  sets::CpuRatio ratio;
  const std::int64_t now_ns = monotonic_ns();
  const std::int64_t cpu_ns = sets::cpu_time_ns();
  const std::int64_t half_ns = 5'000'000'000 * sets::usable_cpus();
  const double first = ratio.at(now_ns + 10'000'000'000, cpu_ns + half_ns);
  EXPECT_NEAR(first, 0.5, 0.05);
  EXPECT_EQ(ratio.at(now_ns + 10'500'000'000, cpu_ns + 100 * half_ns), first);
  EXPECT_EQ(ratio.at(now_ns + 20'000'000'000, cpu_ns + 100 * half_ns), 1.0);
  EXPECT_EQ(ratio.at(now_ns + 30'000'000'000, cpu_ns), 0.0);
}

TEST(MetricSets, TheBucketsAreThoseOfTheSystemsThatNameThem) {
  const std::vector<double> http = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  EXPECT_TRUE(std::equal(http.begin(), http.end(), kRequestBounds.begin(), kRequestBounds.end()));
  const std::vector<double> llm = {0.1, 0.5, 1, 2, 5, 10, 30, 60};
  EXPECT_TRUE(std::equal(llm.begin(), llm.end(), kModelCallBounds.begin(), kModelCallBounds.end()));
}

TEST(MetricSets, AreSilentWhereNoSdkRuns) {
  const HttpMetrics http("quiet");
  http.record("GET", "/", 200, 0.1);
  const RuntimeMetrics runtime("quiet", [] { return std::vector<AgentMemory>{}; });
  runtime.record_execution("react", "success", 0.1);
  const SystemMetrics system("quiet");
  const MessageMetrics messages("quiet");
  messages.messages_sent_total.add(1);
  EXPECT_FALSE(messages.messages_sent_total.enabled());
}

}  // namespace
}  // namespace sextant
