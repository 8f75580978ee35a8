#include "wiring/bench/ingest.h"

#include "base/sys/random.h"
#include "wiring/bench/served.h"

namespace sextant::wiring {
namespace {

constexpr double kMillion = 1e6;
constexpr double kMebi = 1 << 20;
constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::string_view kPushPath = "/metrics/job/sextant_bench";
constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4";

double per(double value, uint64_t count) {
  return count == 0 ? 0 : value / static_cast<double>(count);
}

/// Each user makes and sends telemetry of its own until the time is over: all together `rate` spans a second, or as
/// many as they can when that is 0.
LoadResult send_for(const LoadTarget& target, uint32_t users, std::chrono::milliseconds duration, uint64_t rate,
                    const data::CorpusSettings& settings) {
  struct User {
    std::unique_ptr<data::Corpus> corpus;
    std::string body;
  };
  std::vector<User> all(users);
  for (uint32_t i = 0; i < users; ++i) {
    data::CorpusSettings own = settings;
    own.seed = SeededRandom(settings.seed + i).next();  // differing ids
    all[i].corpus = data::make_corpus(own);
  }
  std::optional<EvenRate> even;
  if (rate > 0) even.emplace(rate);
  const auto end = std::chrono::steady_clock::now() + duration;
  return run_load(target, users, [&](uint32_t index) -> std::optional<LoadBody> {
    // Each sends at least one, however late its thread began.
    if (!all[index].body.empty() && std::chrono::steady_clock::now() >= end) return std::nullopt;
    const data::Batch batch = all[index].corpus->next_request();
    all[index].body = encode_request(batch);
    if (even) even->wait_for_turn(batch.span_count());
    return LoadBody{all[index].body, batch.span_count()};
  });
}

/// Figures of the run itself, whichever server it went to.
std::vector<Figure> load_figures(const std::string& corpus, const LoadResult& result) {
  const std::string prefix = "ingest." + corpus;
  return {{prefix + ".rate", result.seconds > 0 ? static_cast<double>(result.spans) / result.seconds : 0, "spans/s"},
          {prefix + ".ack_p50", result.ack_millis(0.5), "ms"},
          {prefix + ".ack_p99", result.ack_millis(0.99), "ms"},
          {prefix + ".wire", per(static_cast<double>(result.wire_bytes), result.spans), "bytes/span"},
          {prefix + ".refused", static_cast<double>(result.refusals), "answers to try again later"},
          {prefix + ".failed", static_cast<double>(result.failures), "requests"}};
}

bool all_answered(const LoadResult& result) {
  if (result.failures == 0 && result.requests > 0) return true;
  fmt::print(stderr, "sextant bench: {} requests failed, the first: {}\n", result.failures, result.first_failure);
  return false;
}

}  // namespace

Result<Measured> measure_ingest(const IngestBenchSettings& settings, Files& files) {
  const PreparedLoad load = prepare_load(TRY(corpus_settings(settings, files)), settings.spans);
  const Served server = TRY(Served::start(TRY(served_settings(settings)), files));
  // After the server's start, so that it may use every core.
  if (settings.own_core) TRY(pin_to_core(*settings.own_core));
  const LoadTarget target = TRY(parse_target(server.otlp_http(), kTracesPath));

  const ProcessUse idle = TRY(server.use());
  const LoadResult result = send_prepared(target, settings.connections, load);
  const ProcessUse hot = TRY(server.use());
  const uint64_t disk_hot = TRY(server.disk_bytes());
  const bool settled = TRY(server.settle(kSettleTimeoutMs));
  const ProcessUse after = TRY(server.use());
  const uint64_t disk_settled = TRY(server.disk_bytes());
  if (!settled) fmt::print(stderr, "sextant bench: the server was still busy after {} s\n", kSettleTimeoutMs / 1000);

  const auto cpu = [&](const ProcessUse& use) {
    return per(static_cast<double>(use.cpu_nanos - idle.cpu_nanos) * 1e-9 * kMillion, result.spans);
  };
  const std::string& name = settings.corpus;
  std::vector<Figure> figures = load_figures(name, result);
  figures.push_back({"ingest." + name + ".cpu_hot", cpu(hot), "CPU-s per million spans"});
  figures.push_back({"ingest." + name + ".cpu_settled", cpu(after), "CPU-s per million spans"});
  figures.push_back({"disk." + name + ".hot", per(static_cast<double>(disk_hot), result.spans), "bytes/span"});
  figures.push_back({"disk." + name + ".settled", per(static_cast<double>(disk_settled), result.spans), "bytes/span"});
  figures.push_back({"memory." + name + ".peak", static_cast<double>(after.resident_peak_bytes) / kMebi, "MiB"});
  figures.push_back({"memory.idle", static_cast<double>(idle.resident_bytes) / kMebi, "MiB"});
  const double sync = TRY(sync_millis(files, settings.work_dir));
  figures.push_back({"machine.fdatasync", sync, "ms"});
  if (settings.floor) {
    const auto floor = static_cast<double>(long_window_bytes(load));
    figures.push_back({"disk." + name + ".floor", per(floor, load.span_count), "bytes/span"});
  }
  return Measured{std::move(figures), {settings.durability, calibrate(load)}, all_answered(result) && settled};
}

namespace {

/// Pushes the result; says so when it cannot.
bool report(const IngestBenchSettings& settings, const LoadResult& result) {
  if (settings.report_to_prometheus.empty()) return true;
  const auto push = [&]() -> Result<void> {
    LoadTarget gateway = TRY(parse_target(settings.report_to_prometheus, ""));
    if (gateway.path.ends_with('/')) gateway.path.pop_back();
    gateway.path += kPushPath;
    const HttpReply reply = TRY(post_once(gateway, kPrometheusType, prometheus_text(result, settings.corpus)));
    if (reply.status / 100 == 2) return {};
    return fail(ErrorCode::kUnavailable, "{} answered {}", settings.report_to_prometheus, reply.status);
  };
  const auto pushed = push();
  fmt::print("{}\n", figure_line({"bench.reports_failed", pushed ? 0.0 : 1.0, "reports"}, {settings.durability, 0}));
  if (!pushed) fmt::print(stderr, "sextant bench: the report was not delivered: {}\n", pushed.error().message());
  return pushed.has_value();
}

/// A load generator for a server that runs already.
Result<bool> run_against_target(const IngestBenchSettings& settings, const data::CorpusSettings& corpus) {
  const LoadTarget target = TRY(parse_target(settings.target, kTracesPath));
  if (settings.own_core) TRY(pin_to_core(*settings.own_core));
  LoadResult result;
  double calibrator = 0;
  if (settings.duration.empty()) {
    const PreparedLoad load = prepare_load(corpus, settings.spans);
    result = send_prepared(target, settings.connections, load);
    calibrator = calibrate(load);
  } else {
    const auto duration = TRY(parse_duration(settings.duration));
    result = send_for(target, settings.connections, duration, settings.rate, corpus);
  }
  // What the target promises is not known here.
  print_figures({load_figures(settings.corpus, result), {"unknown", calibrator}, true});
  const bool reported = report(settings, result);
  return all_answered(result) && reported;
}

Result<bool> run(const IngestBenchSettings& settings, Files& files) {
  if (settings.rate > 0 && settings.duration.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--rate needs a --duration");
  }
  if (!settings.target.empty()) return run_against_target(settings, TRY(corpus_settings(settings, files)));
  if (!settings.duration.empty() || !settings.report_to_prometheus.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--duration and --report-to-prometheus need a --target");
  }
  const Measured measured = TRY(measure_ingest(settings, files));
  print_figures(measured);
  return measured.good;
}

}  // namespace

int run_ingest_bench(const IngestBenchSettings& settings, Files& files) {
  const auto good = run(settings, files);
  if (!good) fmt::print(stderr, "sextant bench: {}\n", good.error().message());
  return good && *good ? 0 : 1;
}

}  // namespace sextant::wiring
