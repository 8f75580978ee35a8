// sdk.export.rate, sdk.cpu_at_10k, sdk.outage.lost, sdk.shutdown.hung: what leaves the process, what that costs, and
// what becomes of it where the receiver fails. OTLP over HTTP to a process of its own on loopback.
#include "bench/exporting.h"

#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "bench/figures.h"
#include "bench/sink.h"
#include "sextant/sextant.h"

namespace sextant::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Options options_to(const std::string& url) {
  OtlpHttpSettings settings;
  settings.endpoint = url;
  Options options;
  options.service_name = "bench";
  options.sampler = always_on();
  options.exporters.push_back(otlp_http(settings));
  return options;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

constexpr int kAttributes = 10;
constexpr std::size_t kTextBytes = 20;

/// Ten keys and ten values of twenty bytes each.
struct Texts {
  std::array<std::string, kAttributes> keys;
  std::array<std::string, kAttributes> values;
  std::array<Attribute, kAttributes> attributes;
  Texts() {
    for (std::size_t i = 0; i < kAttributes; ++i) {
      keys[i] = "key." + std::to_string(i);
      keys[i].resize(kTextBytes, 'k');
      values[i] = "value." + std::to_string(i);
      values[i].resize(kTextBytes, 'v');
      attributes[i] = {keys[i], values[i]};
    }
  }
};

/// How many spans a second are made and taken at most, by one thread that makes them as fast as it is let: `paced`
/// waits where the queue is more than half full, so that nothing is dropped; otherwise what does not fit is.
void most_exported(const std::string& figure, bool paced) {
  const Sink sink;
  Options options = options_to(sink.url());
  options.span_queue = {65'536, std::size_t{64} << 20, 2'048, milliseconds(100)};
  options.export_settings.pending_bytes_max = std::size_t{64} << 20;
  auto sdk = Sdk::start(std::move(options));
  const Tracer tracer = sextant::tracer("bench");
  const Texts texts;
  constexpr double kSeconds = 3;
  const double begin = seconds_now();
  const double cpu_begin = cpu_seconds();
  while (seconds_now() - begin < kSeconds) {
    for (int i = 0; i < 512; ++i) {
      Span span = tracer.start("span");
      span.set(texts.attributes);
    }
    if (!paced) continue;
    for (Stats stats = sdk->stats(); stats.spans_queued > 32'768 || stats.exporters[0].pending > 65'536;
         stats = sdk->stats())
      std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  sdk->flush();
  const double took = seconds_now() - begin;
  const Stats stats = sdk->stats();
  const auto sent = static_cast<double>(stats.exporters[0].sent);
  print(figure, sent / took, "spans/s");
  print(figure + ".dropped", static_cast<double>(stats.spans_dropped + stats.exporters[0].lost), "spans");
  print(figure + ".cpu", (cpu_seconds() - cpu_begin) * 1e6 / sent, "us/span");
}

/// How often a paced loop wakes: what that costs is printed beside.
constexpr milliseconds kTick{10};

/// 10,000 spans a second with one number and one event each, a hundred at a time.
void cpu_at_10k() {
  const Sink sink;
  auto sdk = Sdk::start(options_to(sink.url()));
  const Tracer tracer = sextant::tracer("bench");
  constexpr int kTicks = 500;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  for (int tick = 0; tick < kTicks; ++tick) {
    for (int i = 0; i < 100; ++i) {
      Span span = tracer.start("span");
      span.set("index", i);
      span.add_event("event");
    }
    std::this_thread::sleep_until(begin + kTick * tick);
  }
  const double cpu = cpu_seconds() - cpu_begin;
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  sdk->flush();
  const Stats stats = sdk->stats();
  print("sdk.cpu_at_10k", 100 * cpu / took, "% of a core");
  print("sdk.cpu_at_10k.dropped", static_cast<double>(stats.spans_dropped + stats.exporters[0].lost), "spans");
  print("sdk.cpu_at_10k.rate", static_cast<double>(stats.spans_ended) / took, "spans/s");
}

/// What the same loop costs without a span.
void cpu_of_the_loop() {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  constexpr int kTicks = 200;
  for (int tick = 0; tick < kTicks; ++tick) std::this_thread::sleep_until(begin + kTick * tick);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  print("sdk.cpu_at_10k.loop_alone", 100 * (cpu_seconds() - cpu_begin) / took, "% of a core");
}

/// 1,000 spans a second, the receiver away for a minute in the middle.
void outage() {
  auto sink = std::make_unique<Sink>();
  const int port = sink->port();
  auto sdk = Sdk::start(options_to(sink->url()));
  const Tracer tracer = sextant::tracer("bench");
  constexpr int kBefore = 5'000;
  constexpr int kAway = 60'000;
  constexpr int kAfter = 5'000;
  const auto begin = std::chrono::steady_clock::now();
  for (int ms = 0; ms < kBefore + kAway + kAfter; ++ms) {
    if (ms == kBefore) sink.reset();
    if (ms == kBefore + kAway) sink = std::make_unique<Sink>(SinkManner::kAnswer, port);
    tracer.start("span").set("index", ms);
    std::this_thread::sleep_until(begin + milliseconds(ms));
  }
  const FlushResult flushed = sdk->flush(seconds(30));
  const Stats stats = sdk->stats();
  print("sdk.outage.lost", static_cast<double>(stats.spans_ended - stats.exporters[0].sent), "spans");
  print("sdk.outage.ended", static_cast<double>(stats.spans_ended), "spans");
  if (!flushed.complete) std::printf("%s\n", flushed.message.c_str());
}

void hung_shutdown() {
  const Sink sink(SinkManner::kHang);
  auto sdk = Sdk::start(options_to(sink.url()));
  const Tracer tracer = sextant::tracer("bench");
  for (int i = 0; i < 2'000; ++i) tracer.start("span").end();
  const double begin = seconds_now();
  const FlushResult stopped = sdk->shutdown(seconds(1));
  print("sdk.shutdown.hung", seconds_now() - begin, "s");
  print("sdk.shutdown.hung.told", static_cast<double>(stopped.lost), "spans lost, of 2000");
}

}  // namespace

void run_exporting() {
  set_diagnostic_level(LogLevel::kOff);
  most_exported("sdk.export.rate", true);
  most_exported("sdk.export.rate_unpaced", false);
  cpu_at_10k();
  cpu_of_the_loop();
  hung_shutdown();
  outage();
}

}  // namespace sextant::bench
