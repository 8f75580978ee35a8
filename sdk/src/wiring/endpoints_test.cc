// A whole SDK and what others can ask of it.
#include "wiring/endpoints.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "net/http_test_client.h"
#include "sextant/diagnostics.h"
#include "sextant/sdk.h"

namespace sextant {
namespace {

constexpr auto kAnHour = std::chrono::milliseconds(3'600'000);

Options quiet() {
  Options options;
  options.service_name = "test";
  options.health.cache_time = std::chrono::milliseconds(0);
  return options;
}

net::TestAnswer get(std::uint16_t port, const std::string& path) {
  return net::TestClient(port).get(path);
}

TEST(EndpointsTest, NothingIsListenedOnUnlessAskedFor) {
  auto sdk = Sdk::start(quiet());
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  EXPECT_EQ(sdk->health_port(), 0);
  EXPECT_EQ(sdk->metrics_port(), 0);
}

TEST(EndpointsTest, AnSdkThatDoesNotRunAnswersNothing) {
  Sdk sdk;
  EXPECT_EQ(sdk.health_port(), 0);
  EXPECT_EQ(sdk.metrics_port(), 0);
  EXPECT_TRUE(sdk.health().add({"a", [] { return ""; }}).ok());
}

TEST(EndpointsTest, HealthIsAnsweredFromTheStartToTheEnd) {
  Options options = quiet();
  options.health_port = 0;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  const std::uint16_t port = sdk->health_port();
  EXPECT_EQ(get(port, "/healthz").status, 200);
  EXPECT_EQ(get(port, "/readyz").status, 200);
  ASSERT_TRUE(sdk->health().add({"redis", [] { return "down"; }, kAnHour}).ok());
  EXPECT_EQ(get(port, "/readyz").status, 503);
  EXPECT_EQ(get(port, "/healthz").status, 200);
  EXPECT_EQ(get(port, "/metrics").status, 404);
  EXPECT_TRUE(sdk->shutdown().complete);
  EXPECT_FALSE(net::TestClient(port).connected());
}

TEST(EndpointsTest, MetricsAreAnswered) {
  Options options = quiet();
  options.metrics_port = 0;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  const net::TestAnswer answer = get(sdk->metrics_port(), "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(get(sdk->metrics_port(), "/healthz").status, 404);
}

TEST(EndpointsTest, OnePortServesBoth) {
  Options options = quiet();
  options.health_port = 0;
  auto first = Sdk::start(options);
  ASSERT_TRUE(first.ok()) << first.error();
  const std::uint16_t free_port = first->health_port();
  first->shutdown();
  options.health_port = options.metrics_port = free_port;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  EXPECT_EQ(sdk->metrics_port(), free_port);
  EXPECT_EQ(get(free_port, "/healthz").status, 200);
  EXPECT_EQ(get(free_port, "/metrics").status, 200);
}

TEST(EndpointsTest, APortThatIsTakenIsAnErrorOfTheStartThatNamesTheOption) {
  auto taken = net::HttpServer::start("127.0.0.1", 0, {});
  ASSERT_TRUE(taken.ok()) << taken.error();
  const std::string port = std::to_string((*taken)->port());
  Options options = quiet();
  options.metrics_port = (*taken)->port();
  EXPECT_EQ(Sdk::start(options).error(),
            "metrics_port: cannot listen on 127.0.0.1 port " + port + ": Address already in use");
  options.metrics_port.reset();
  options.health_port = (*taken)->port();
  EXPECT_EQ(Sdk::start(options).error(),
            "health_port: cannot listen on 127.0.0.1 port " + port + ": Address already in use");
  options.health_port.reset();
  EXPECT_TRUE(Sdk::start(options).ok());  // nothing of what failed is left
}

TEST(EndpointsTest, ProbesOfAPodComeFromOutside) {
  EXPECT_EQ(wiring::listen_address({}), "127.0.0.1");
  setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
  EXPECT_EQ(wiring::listen_address({}), "*");
  Options options;
  options.listen_address = "127.0.0.1";
  EXPECT_EQ(wiring::listen_address(options), "127.0.0.1");
  unsetenv("KUBERNETES_SERVICE_HOST");
}

TEST(EndpointsTest, APushgatewayThatIsAwayMakesTheEndIncompleteAndSaysWhy) {
  set_diagnostic_handler([](LogLevel, std::string_view) {});
  auto closed = net::HttpServer::start("127.0.0.1", 0, {});
  ASSERT_TRUE(closed.ok()) << closed.error();
  const std::string address = "127.0.0.1:" + std::to_string((*closed)->port());
  (*closed)->stop();
  Options options = quiet();
  options.pushgateway.url = "http://" + address;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  EXPECT_FALSE(sdk->flush().complete);
  EXPECT_EQ(sdk->stats().pushes.failed, 1u);
  const FlushResult result = sdk->shutdown();
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.message, "pushgateway: " + address + ": Connection refused");
  set_diagnostic_handler(nullptr);
}

TEST(EndpointsTest, APushgatewayThatCannotBeIsAnErrorOfTheStart) {
  Options options = quiet();
  options.pushgateway.url = "nowhere";
  EXPECT_EQ(Sdk::start(options).error().substr(0, 31), "the address of the Pushgateway:");
}

/// Runs in the child of a fork, and answers which of its expectations does not hold: 0, none.
int check_in_child(wiring::Endpoints& endpoints, HealthChecker& checker) {
  if (checker.check().healthy) return 1;
  if (checker.add({"b", [] { return ""; }}).ok() || !checker.remove("a")) return 2;
  if (!endpoints.push(Deadline::after(std::chrono::seconds(1)))) return 3;
  endpoints.leave_in_child();
  return endpoints.stop(Deadline::after(std::chrono::seconds(1))) ? 0 : 4;
}

TEST(EndpointsTest, TheChildOfAForkLeavesPortsAndPushesToItsParent) {
  Options options = quiet();
  options.health_port = options.metrics_port = 0;
  options.pushgateway.url = "http://127.0.0.1:1";
  options.pushgateway.interval = kAnHour;
  HealthChecker checker;
  ASSERT_TRUE(checker.add({"a", [] { return ""; }, kAnHour}).ok());
  auto endpoints = wiring::Endpoints::start(options, checker, [](PrometheusFormat) { return std::string("x 1\n"); });
  ASSERT_TRUE(endpoints.ok()) << endpoints.error();
  const std::uint16_t port = (*endpoints)->health_port();
  EXPECT_EQ(get(port, "/readyz").status, 200);
  const pid_t child = fork();
  if (child == 0) {
    const int failed = check_in_child(**endpoints, checker);
    endpoints->reset();
    checker = HealthChecker();
    _exit(failed);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(get(port, "/readyz").status, 200);
}

struct Probe {
  std::string path;
  int period_s = 0;
};

std::vector<Probe> probes_of(const char* name) {
  std::vector<Probe> all;
  std::ifstream file(name);
  for (std::string line; std::getline(file, line);) {
    const auto value = [&](const std::string& key) {
      const std::size_t at = line.find(key + ": ");
      return at == std::string::npos ? std::string() : line.substr(at + key.size() + 2);
    };
    if (const std::string path = value("path"); !path.empty()) all.push_back({path, 0});
    if (const std::string period = value("periodSeconds"); !period.empty()) all.back().period_s = std::stoi(period);
  }
  return all;
}

/// As many probes as come in ten minutes, each on a connection of its own, as kubelets send them.
TEST(EndpointsTest, TheProbesOfTheFixturePass) {
  const std::vector<Probe> probes = probes_of(SEXTANT_SDK_FIXTURES "/aixgo/deployment-probes.yaml");
  if (probes.empty()) GTEST_SKIP() << "there is no " SEXTANT_SDK_FIXTURES;
  ASSERT_EQ(probes.size(), 2u);
  Options options = quiet();
  options.health_port = 0;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  ASSERT_TRUE(sdk->health().add({"llm", [] { return ""; }, kAnHour}).ok());
  for (const Probe& probe : probes) {
    for (int second = 0; second < 600; second += probe.period_s) {
      net::TestClient kubelet(sdk->health_port());
      kubelet.send("GET " + probe.path + " HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nUser-Agent: kube-probe/1.29\r\n" +
                   "Accept: */*\r\nConnection: close\r\n\r\n");
      ASSERT_EQ(kubelet.receive().status, 200) << probe.path;
    }
  }
}

}  // namespace
}  // namespace sextant
