// A sampler that reads its strategy again and again, from a file and from a server.
#include "sextant/remote_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

#include "sampling/swapped.h"
#include "sextant/diagnostics.h"
#include "tests/support/receiver.h"

namespace sextant::sampling {
namespace {

using test::Answer;
using test::Receiver;
using testing::Contains;
using testing::HasSubstr;

std::string share(double ratio) {
  return R"({"default_strategy": {"type": "probabilistic", "param": )" + std::to_string(ratio) + "}}";
}

bool keeps(Sampler& sampler, std::string_view name = "op") {
  const SpanContext none;
  const TraceId id{};
  return sampler.decide({none, id, name, SpanKind::kInternal, {}, {}}).sampling == Sampling::kRecordAndSample;
}

/// Ticks until a condition holds; each tick comes when the SDK's thread could send one.
template <class Condition>
void tick_until(Sampler& sampler, Condition condition) {
  while (!condition()) {
    sampler.on_tick();
    std::this_thread::yield();
  }
}

/// Diagnostics of the time it lives.
class Said {
 public:
  Said() {
    set_diagnostic_handler([this](LogLevel, std::string_view message) {
      const std::lock_guard<std::mutex> lock(mutex_);
      all_.emplace_back(message);
    });
  }
  ~Said() { set_diagnostic_handler({}); }
  std::vector<std::string> all() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// A file of strategies that a test rewrites.
class StrategyFile {
 public:
  StrategyFile() { close(mkstemp(path_)); }
  ~StrategyFile() { unlink(path_); }
  void write(const std::string& text) {
    unlink(path_);  // a file that is written over waits for the disk
    std::FILE* file = std::fopen(path_, "we");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/sextant_sampling_XXXXXX";
};

RemoteSamplerSettings from_file(const StrategyFile& file) {
  RemoteSamplerSettings settings;
  settings.file = file.path();
  settings.interval = std::chrono::milliseconds(100);
  settings.initial = always_off();
  return settings;
}

RemoteSamplerSettings from_url(std::string url) {
  RemoteSamplerSettings settings;
  settings.service_name = "a b/ü";
  settings.url = std::move(url);
  settings.interval = std::chrono::milliseconds(100);
  settings.timeout = std::chrono::seconds(60);
  settings.initial = always_off();
  return settings;
}

TEST(RemoteSampler, ReadsAFileAtOnceAndAgainWhenItChanges) {
  StrategyFile file;
  file.write(share(1));
  const SamplerPtr sampler = remote_sampler(from_file(file));
  EXPECT_TRUE(keeps(*sampler));
  file.write(R"({"default_strategy": {"type": "ratelimiting", "param": 0}})");
  tick_until(*sampler, [&] { return !keeps(*sampler); });
  EXPECT_EQ(sampler->describe(), "RemoteSampler{" + file.path() + "}");
}

TEST(RemoteSampler, KeepsTheLastGoodStrategyAndSaysSo) {
  Said said;
  StrategyFile file;
  file.write(share(1));
  const SamplerPtr sampler = remote_sampler(from_file(file));
  file.write("{\n  nonsense");
  tick_until(*sampler, [&] { return !said.all().empty(); });
  EXPECT_TRUE(keeps(*sampler));
  EXPECT_THAT(said.all(), Contains("no new sampling strategy, the last good one stays: " + file.path() +
                                   ": line 2, column 3: a key in quotes is missing"));
  const std::size_t before = said.all().size();
  for (int i = 0; i < 1'000; ++i) sampler->on_tick();
  EXPECT_EQ(said.all().size(), before);
}

TEST(RemoteSampler, SaysThatAFileIsNotThereOrTooLong) {
  Said said;
  RemoteSamplerSettings settings;
  settings.file = "/nowhere/strategies.json";
  const SamplerPtr sampler = remote_sampler(settings);
  EXPECT_THAT(said.all(), Contains(HasSubstr("/nowhere/strategies.json: cannot be opened")));
  StrategyFile file;
  file.write(std::string((std::size_t{4} << 20) + 1, ' '));
  EXPECT_FALSE(keeps(*remote_sampler(from_file(file))));
  EXPECT_THAT(said.all(), Contains(HasSubstr("is longer than 4 MiB")));
}

TEST(RemoteSampler, AsksItsServerByName) {
  Receiver server(
      [](const test::Received&) { return Answer{200, {}, R"({"probabilisticSampling":{"samplingRate":1}})"}; });
  const SamplerPtr sampler = remote_sampler(from_url(server.url() + "/sampling"));
  EXPECT_FALSE(keeps(*sampler));
  tick_until(*sampler, [&] { return keeps(*sampler); });
  EXPECT_EQ(server.requests().at(0).start_line, "GET /sampling?service=a%20b%2F%C3%BC HTTP/1.1");
  EXPECT_EQ(server.requests().at(0).header("accept"), "application/json");
  server.set_handler(
      [](const test::Received&) { return Answer{200, {}, R"({"rateLimitingSampling":{"maxTracesPerSecond":0}})"}; });
  tick_until(*sampler, [&] { return !keeps(*sampler); });
}

TEST(RemoteSampler, AsksBesideOtherParametersOfAnAddress) {
  Receiver server;
  const SamplerPtr sampler = remote_sampler(from_url(server.url() + "/s?x=1"));
  sampler->on_tick();
  server.wait_for(1);
  EXPECT_THAT(server.requests().at(0).start_line, HasSubstr("GET /s?x=1&service=a%20b"));
}

TEST(RemoteSampler, KeepsItsStrategyWhenTheServerFails) {
  Said said;
  Receiver server([](const test::Received&) { return Answer{200, {}, share(1)}; });
  const SamplerPtr sampler = remote_sampler(from_url(server.url()));
  tick_until(*sampler, [&] { return keeps(*sampler); });
  server.set_handler([](const test::Received&) { return Answer{500, {}, "no"}; });
  tick_until(*sampler, [&] { return !said.all().empty(); });
  EXPECT_TRUE(keeps(*sampler));
  EXPECT_THAT(said.all(), Contains(HasSubstr(": answered 500")));
  server.stop();
  const std::size_t before = said.all().size();
  tick_until(*sampler, [&] { return said.all().size() > before; });
  EXPECT_TRUE(keeps(*sampler));
}

TEST(RemoteSampler, EndsAQuestionThatHangs) {
  Receiver server([](const test::Received&) { return Answer{200, {}, {}, Answer::Manner::kHang}; });
  RemoteSamplerSettings settings = from_url(server.url());
  settings.timeout = std::chrono::hours(100);
  const SamplerPtr sampler = parent_based(remote_sampler(settings));
  sampler->on_tick();
  server.wait_for(1);
  for (int i = 0; i < 100; ++i) sampler->on_tick();  // none of them asks a second time, or waits
  EXPECT_EQ(server.requests().size(), 1u);
  sampler->on_stop();
  sampler->on_tick();
  server.wait_for(2);
  sampler->on_stop();
}

TEST(RemoteSampler, BeginsAnewInTheChildOfAFork) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer begins no threads in the child of a program that has some";
#endif
  Receiver server([](const test::Received&) { return Answer{200, {}, {}, Answer::Manner::kHang}; });
  RemoteSamplerSettings settings = from_url(server.url());
  settings.timeout = std::chrono::hours(100);
  const SamplerPtr sampler = remote_sampler(settings);
  sampler->on_tick();
  server.wait_for(1);
  const pid_t child = fork();
  if (child == 0) {
    sampler->on_stop();  // the thread that asks is the parent's
    sampler->on_tick();
    sampler->on_stop();
    _exit(keeps(*sampler) ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  sampler->on_stop();
}

TEST(RemoteSampler, DecidesWhileStrategiesChange) {
  std::atomic<int> asked{0};
  Receiver server([&](const test::Received&) { return Answer{200, {}, share(++asked % 2 == 0 ? 0.25 : 0.75)}; });
  const SamplerPtr sampler = remote_sampler(from_url(server.url()));
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!done.load()) keeps(*sampler, "an operation");
    });
  }
  tick_until(*sampler, [&] { return asked.load() >= 5; });
  done.store(true);
  for (std::thread& thread : threads) thread.join();
  sampler->on_stop();
}

struct Counted {
  explicit Counted(std::atomic<int>& alive) : counter(&alive) { ++*counter; }
  ~Counted() { --*counter; }
  std::atomic<int>* counter;
};

TEST(Swapped, FreesWhatNobodyUses) {
  std::atomic<int> alive{0};
  Swapped<Counted> swapped;
  EXPECT_TRUE(swapped.use([](Counted* value) { return value == nullptr; }));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(swapped.replace(std::make_unique<Counted>(alive)));
  EXPECT_EQ(alive, 1);
}

TEST(Swapped, KeepsWhatIsInUseAndNoMoreThanAFew) {
  std::atomic<int> alive{0};
  Swapped<Counted> swapped;
  swapped.replace(std::make_unique<Counted>(alive));
  swapped.use([&](Counted* used) {
    int replaced = 0;
    while (swapped.replace(std::make_unique<Counted>(alive))) ++replaced;
    EXPECT_EQ(replaced, static_cast<int>(Swapped<Counted>::kRetiredMax));
    EXPECT_EQ(used->counter, &alive);
    return 0;
  });
  EXPECT_EQ(swapped.collect(), 0u);
  EXPECT_EQ(alive, 1);
}

TEST(Swapped, NeverFreesUnderAReader) {
  Swapped<std::pair<int, int>> swapped;
  swapped.replace(std::make_unique<std::pair<int, int>>(0, 0));
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::atomic<int> reads{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!done.load()) {
        swapped.use([&](std::pair<int, int>* value) {
          if (value->first != value->second) ++torn;
          return 0;
        });
        ++reads;
      }
    });
  }
  for (int i = 0; reads.load() < 100'000; ++i) swapped.replace(std::make_unique<std::pair<int, int>>(i, i));
  done.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace sextant::sampling
