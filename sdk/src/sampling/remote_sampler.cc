// A sampler that reads its strategy again and again.
#include "sextant/remote_sampler.h"
#include "base/percent.h"
#include "base/read_file.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <new>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "base/waker.h"
#include "net/url.h"
#include "sampling/strategy.h"
#include "sampling/strategy_json.h"
#include "sampling/swapped.h"

namespace sextant {
namespace sampling {
namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20;  // of a file or an answer
constexpr std::chrono::milliseconds kIntervalMin{100};
constexpr double kInitialShare = 0.001;  // what Jaeger's clients begin with

/// What tells one state of a file from the next.
struct FileState {
  std::int64_t changed_ns = -1;
  std::int64_t bytes = -1;
  std::uint64_t inode = 0;

  static FileState of(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return {};
    return {std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_size, info.st_ino};
  }
  bool operator!=(const FileState& other) const noexcept {
    return changed_ns != other.changed_ns || bytes != other.bytes || inode != other.inode;
  }
};

/// Any thread, several at once; on_tick() and on_stop() by one at a time. A question to a server is asked on a thread
/// that lives no longer than its answer takes: the SDK's own one has the program's spans to gather meanwhile.
class RemoteSampler final : public Sampler {
 public:
  explicit RemoteSampler(RemoteSamplerSettings settings)
      : settings_(std::move(settings)), own_transport_(settings_.transport == nullptr) {
    if (settings_.initial == nullptr) settings_.initial = trace_id_ratio(kInitialShare);
    if (own_transport_) settings_.transport = plain_http();
    if (settings_.interval < kIntervalMin) settings_.interval = kIntervalMin;
    if (!settings_.file.empty()) look_at_file();
  }
  ~RemoteSampler() override { on_stop(); }

  SamplingDecision decide(const SamplingInput& input) noexcept override {
    return strategy_.use([&](Strategy* strategy) -> SamplingDecision {
      if (strategy == nullptr) return settings_.initial->decide(input);
      return {strategy->decide(input.trace_id, input.name) ? Sampling::kRecordAndSample : Sampling::kDrop, {}};
    });
  }

  std::string describe() const override { return "RemoteSampler{" + source() + "}"; }

  void on_tick() noexcept override {
    begin_anew_in_child();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (asking_.load(std::memory_order_acquire)) return;  // what follows is that thread's until it has an answer
    end_question();
    strategy_.collect();
    const std::int64_t now = monotonic_ns();
    if (now < due_ns_) return;
    due_ns_ = now + std::chrono::nanoseconds(settings_.interval).count();
    if (settings_.file.empty()) {
      begin_question();
    } else {
      look_at_file();
    }
  }

  void on_stop() noexcept override {
    begin_anew_in_child();
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_.store(true);
    cancel_.wake();
    end_question();
    cancel_.clear();
    stopping_.store(false);
    due_ns_ = 0;
  }

 private:
  /// Without secrets.
  std::string source() const {
    if (!settings_.file.empty()) return settings_.file;
    const Result<net::Url> url = net::parse_url(settings_.url);
    return url ? url->scheme + "://" + url->authority() : settings_.url;
  }

  /// After a fork the thread of a question is the parent's alone, a lock that was held stays so, and a connection would
  /// be used by both processes: all of it is left behind.
  void begin_anew_in_child() noexcept {
    const pid_t here = getpid();
    if (process_.exchange(here) == here) return;
    new (&mutex_) std::mutex;
    new (&cancel_) Waker;
    if (own_transport_) new (&settings_.transport) HttpTransportPtr(plain_http());
    has_thread_ = false;
    asking_.store(false);
    stopping_.store(false);
  }

  void begin_question() {
    asking_.store(true, std::memory_order_release);
    has_thread_ = pthread_create(&thread_, nullptr, &RemoteSampler::ask_in_thread, this) == 0;
    if (has_thread_) return;
    asking_.store(false, std::memory_order_release);
    complain("no thread could be begun");
  }

  void end_question() noexcept {
    if (has_thread_) pthread_join(thread_, nullptr);
    has_thread_ = false;
  }

  static void* ask_in_thread(void* self) {
    auto& sampler = *static_cast<RemoteSampler*>(self);
    name_thread("sextant_sampler");
    sampler.ask();
    sampler.asking_.store(false, std::memory_order_release);
    return nullptr;
  }

  void ask() {
    HttpRequest request;
    request.method = "GET";
    request.url = settings_.url + (settings_.url.find('?') == std::string::npos ? "?service=" : "&service=") +
                  percent_encoded(settings_.service_name);
    request.headers = {{"Accept", "application/json"}};
    const Result<HttpResponse> answer =
        settings_.transport->send(request, Deadline(Deadline::Clock::now() + settings_.timeout, cancel_.descriptor()));
    if (!answer && stopping_.load()) return;
    if (!answer) return complain(answer.error());
    if (answer->status != 200) return complain("answered " + std::to_string(answer->status));
    if (answer->body.size() > kBytesMax) return complain("its answer is longer than 4 MiB");
    take(answer->body);
  }

  void look_at_file() {
    const FileState state = FileState::of(settings_.file);
    if (!(state != seen_) && state.bytes >= 0) return;
    const Result<std::string> text = read_file(settings_.file, kBytesMax);
    if (!text) return complain(text.error());
    if (text->size() > kBytesMax) return complain("is longer than 4 MiB");
    if (take(*text)) seen_ = state;
  }

  bool take(const std::string& json) {
    if (json == taken_) return true;
    const Result<StrategyText> text = read_strategy(json, settings_.service_name, settings_.operations_max);
    if (!text) {
      complain(text.error());
      return false;
    }
    if (!strategy_.replace(std::make_unique<Strategy>(*text))) return false;  // the next look will succeed
    taken_ = json;
    log(LogLevel::kInfo, "sampling strategy of " + source(),
        text->operations.empty() ? "taken" : "taken, with " + std::to_string(text->operations.size()) + " operations");
    return true;
  }

  void complain(const std::string& what) {
    log_once_a_minute(LogLevel::kWarn, "no new sampling strategy, the last good one stays", source() + ": " + what);
  }

  RemoteSamplerSettings settings_;
  const bool own_transport_;
  Swapped<Strategy> strategy_;
  std::atomic<pid_t> process_{getpid()};
  std::mutex mutex_;  // of what follows
  std::int64_t due_ns_ = 0;
  FileState seen_;
  std::string taken_;
  std::atomic<bool> asking_{false};
  std::atomic<bool> stopping_{false};
  bool has_thread_ = false;
  pthread_t thread_{};
  Waker cancel_;
};

}  // namespace
}  // namespace sampling

SamplerPtr remote_sampler(RemoteSamplerSettings settings) {
  return std::make_shared<sampling::RemoteSampler>(std::move(settings));
}

}  // namespace sextant
