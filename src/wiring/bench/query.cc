#include "wiring/bench/query.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "wiring/bench/questions.h"

namespace sextant::wiring {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMebi = 1 << 20;
constexpr int kStarts = 5;  // of which the median is told
constexpr uint32_t kWarmupRounds = 3;
constexpr size_t kFirstRounds = 20;
constexpr uint32_t kRoundsMin = 5;
constexpr auto kKindSecondsMax = std::chrono::seconds(10);
/// Under load a kind is asked for so long at most: the load is prepared beforehand and takes memory.
constexpr auto kLoadedKindSecondsMax = std::chrono::seconds(3);
constexpr std::string_view kTracesPath = "/v1/traces";

double millis_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Asks one question; the time of its answer in milliseconds. The check is not part of the time.
Result<double> ask(HttpConnection& connection, const BenchQuestion& question) {
  const auto begin = Clock::now();
  const HttpReply reply = TRY(connection.get(question.path));
  const double millis = millis_since(begin);
  if (reply.status != 200) {
    return fail(ErrorCode::kInternal, "{}: status {}: {}", question.path, reply.status, reply.body.substr(0, 300));
  }
  TRY_CONTEXT(question.check(reply.body), question.path);
  return millis;
}

/// What the first questions of a kind cost, which find little in the cache: their p50.
Result<void> ask_first(HttpConnection& connection, const QuestionKind& kind, uint64_t seed,
                       std::vector<Figure>& figures) {
  SeededRandom random(seed + 1);
  std::vector<double> times;
  while (times.size() < kFirstRounds) times.push_back(TRY(ask(connection, kind.next(random))));
  figures.push_back({kind.id + ".first", exact_quantile(times, 0.5), "ms"});
  return {};
}

/// Asks one kind for some rounds; appends its p50 and p99.
Result<void> ask_kind(HttpConnection& connection, const QuestionKind& kind, uint32_t rounds, uint64_t seed,
                      Clock::duration at_most, const std::string& suffix, std::vector<Figure>& figures) {
  SeededRandom random(seed);
  for (uint32_t round = 0; round < kWarmupRounds; ++round) TRY(ask(connection, kind.next(random)));
  std::vector<double> times;
  const auto begin = Clock::now();
  while (times.size() < rounds && (times.size() < kRoundsMin || Clock::now() - begin < at_most)) {
    times.push_back(TRY(ask(connection, kind.next(random))));
  }
  figures.push_back({kind.id + suffix, exact_quantile(times, 0.5), "ms"});
  figures.push_back({kind.id + suffix + ".p99", exact_quantile(times, 0.99), "ms"});
  return {};
}

/// Start and idle memory of servers without data: the median of some.
Result<void> measure_starts(const QueryBenchSettings& settings, Files& files, std::vector<Figure>& figures) {
  std::vector<double> times;
  std::vector<double> memory;
  for (int i = 0; i < kStarts; ++i) {
    const Served server = TRY(Served::start(TRY(served_settings(settings)), files));
    times.push_back(server.ready_millis());
    memory.push_back(static_cast<double>(TRY(server.use()).resident_bytes) / kMebi);
  }
  figures.push_back({"start.empty", exact_quantile(times, 0.5), "ms"});
  figures.push_back({"memory.idle", exact_quantile(memory, 0.5), "MiB"});
  return {};
}

/// Spans that arrive at an even rate while questions are asked. Thread-confined resource: ends when destroyed.
class Load {
 public:
  Load(const LoadTarget& target, uint32_t connections, uint64_t rate, const PreparedLoad& load)
      : rate_(rate), thread_([this, &target, connections, &load](const std::stop_token& stop) {
          result_ = run_load(target, connections, [&](uint32_t) { return next(load, stop); });
        }) {}

  /// How it went. Ends the load.
  const LoadResult& finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return result_;
  }

 private:
  std::optional<LoadBody> next(const PreparedLoad& load, const std::stop_token& stop) {
    const size_t i = taken_.fetch_add(1, std::memory_order_relaxed);
    if (i >= load.bodies.size()) return std::nullopt;
    rate_.wait_for_turn(load.spans[i]);
    if (stop.stop_requested()) return std::nullopt;
    return LoadBody{load.bodies[i], load.spans[i]};
  }

  EvenRate rate_;
  std::atomic<size_t> taken_{0};
  LoadResult result_;
  std::jthread thread_;  // last: it uses the others
};

/// The load's spans begin where the corpus ended.
Result<PreparedLoad> prepare_second_load(const QueryBenchSettings& settings, Files& files, const CorpusFacts& facts,
                                         size_t kinds) {
  data::CorpusSettings corpus = TRY(corpus_settings(settings, files));
  corpus.seed = SeededRandom(settings.seed).next();
  corpus.start = facts.end();
  const auto seconds = static_cast<uint64_t>(kLoadedKindSecondsMax.count()) * kinds + 1;
  return prepare_load(corpus, settings.under_load * seconds);
}

Result<bool> ask_under_load(const QueryBenchSettings& settings, Files& files, const Served& server,
                            const CorpusFacts& facts, std::vector<Figure>& figures) {
  const auto kinds = bench_questions(settings.corpus, facts, true);
  const PreparedLoad prepared = TRY(prepare_second_load(settings, files, facts, kinds.size()));
  const LoadTarget intake = TRY(parse_target(server.otlp_http(), kTracesPath));
  const LoadTarget api = TRY(parse_target(server.http(), "/"));
  HttpConnection connection(api);
  Load load(intake, settings.connections, settings.under_load, prepared);
  for (const QuestionKind& kind : kinds) {
    TRY(ask_kind(connection, kind, settings.rounds, settings.seed, kLoadedKindSecondsMax, ".under_load", figures));
  }
  const LoadResult& result = load.finish();
  const double rate = result.seconds > 0 ? static_cast<double>(result.spans) / result.seconds : 0;
  figures.push_back({"query." + settings.corpus + ".load", rate, "spans/s"});
  if (result.failures == 0) return true;
  fmt::print(stderr, "sextant bench: {} requests of the load failed, the first: {}\n", result.failures,
             result.first_failure);
  return false;
}

/// Kill -9 and start again, some times; each time every span must be there.
Result<void> measure_kills(Served& server, const CorpusFacts& facts, int kills, const std::string& id,
                           std::vector<Figure>& figures) {
  std::vector<double> times;
  for (int i = 0; i < kills; ++i) {
    TRY(server.restart_after_kill());
    times.push_back(server.ready_millis());
    const LoadTarget api = TRY(parse_target(server.http(), "/"));
    HttpConnection connection(api);
    TRY(ask(connection, count_question(facts)));
  }
  figures.push_back({id, exact_quantile(times, 0.5), "ms"});
  return {};
}

bool settle(const Served& server) {
  const auto settled = server.settle(kSettleTimeoutMs);
  if (settled && *settled) return true;
  fmt::print(stderr, "sextant bench: the server was still busy after {} s\n", kSettleTimeoutMs / 1000);
  return false;
}

}  // namespace

Result<Measured> measure_query(const QueryBenchSettings& settings, Files& files) {
  CorpusFacts facts(settings.seed);
  const PreparedLoad load = prepare_load(TRY(corpus_settings(settings, files)), settings.spans,
                                         [&](const data::Batch& batch) { facts.add(batch); });
  Measured measured;
  std::vector<Figure>& figures = measured.figures;
  TRY(measure_starts(settings, files, figures));
  Served server = TRY(Served::start(TRY(served_settings(settings)), files));
  const LoadTarget intake = TRY(parse_target(server.otlp_http(), kTracesPath));
  const LoadResult sent = send_prepared(intake, settings.connections, load);
  if (sent.failures > 0) return fail(ErrorCode::kUnavailable, "the corpus was not taken: {}", sent.first_failure);
  // At once: what is not sealed yet is read from the log. A second time it would be sealed.
  TRY(measure_kills(server, facts, 1, "start.after_kill", figures));
  measured.good = settle(server);
  TRY(measure_kills(server, facts, kStarts, "start.after_kill.settled", figures));
  measured.good &= settle(server);
  const ProcessUse use = TRY(server.use());
  figures.push_back({"memory.loaded", static_cast<double>(use.resident_bytes) / kMebi, "MiB"});

  // After the server's last start, so that it may use every core.
  if (settings.own_core) TRY(pin_to_core(*settings.own_core));
  const LoadTarget api = TRY(parse_target(server.http(), "/"));
  HttpConnection connection(api);
  for (const QuestionKind& kind : bench_questions(settings.corpus, facts, false)) {
    TRY(ask_first(connection, kind, settings.seed, figures));
    TRY(ask_kind(connection, kind, settings.rounds, settings.seed, kKindSecondsMax, "", figures));
  }
  if (settings.under_load > 0) measured.good &= TRY(ask_under_load(settings, files, server, facts, figures));
  const double sync = TRY(sync_millis(files, settings.work_dir));
  figures.push_back({"machine.fdatasync", sync, "ms"});
  measured.context = {settings.durability, calibrate(load)};
  return measured;
}

int run_query_bench(const QueryBenchSettings& settings, Files& files) {
  const auto measured = measure_query(settings, files);
  if (!measured) {
    fmt::print(stderr, "sextant bench: {}\n", measured.error().message());
    return 1;
  }
  print_figures(*measured);
  return measured->good ? 0 : 1;
}

}  // namespace sextant::wiring
