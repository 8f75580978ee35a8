#include "wiring/bench/served.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/codec/json_value.h"

namespace sextant::wiring {
namespace {

constexpr uint32_t kReadyTimeoutMs = 30'000;
constexpr uint32_t kStopTimeoutMs = 30'000;
constexpr auto kSettleStep = std::chrono::milliseconds(250);
constexpr int kQuietSteps = 4;  // a second in which at most one clock tick a step was used
constexpr uint64_t kQuietNanos = 10'000'000;
constexpr int kDepthMax = 16;  // of a data directory
constexpr size_t kSyncBytes = 64 << 10;
constexpr int kSyncRounds = 31;

Result<uint64_t> bytes_below(Files& files, const std::string& path, int depth) {
  if (depth > kDepthMax) return fail(ErrorCode::kInternal, "{} is nested deeper than a data directory is", path);
  const auto entries = files.list(path);
  if (!entries) return 0;  // it went meanwhile
  uint64_t bytes = 0;
  for (const DirectoryEntry& entry : *entries) {
    bytes += entry.is_directory ? TRY(bytes_below(files, path + "/" + entry.name, depth + 1)) : entry.size;
  }
  return bytes;
}

Result<void> remove_below(Files& files, const std::string& path, int depth) {
  if (depth > kDepthMax) return fail(ErrorCode::kInternal, "{} is nested deeper than a data directory is", path);
  for (const DirectoryEntry& entry : TRY(files.list(path))) {
    const std::string inner = path + "/" + entry.name;
    if (entry.is_directory) {
      TRY(remove_below(files, inner, depth + 1));
    } else {
      TRY(files.remove(inner));
    }
  }
  return files.remove_directory(path);
}

}  // namespace

Result<uint64_t> tree_bytes(Files& files, const std::string& path) {
  return bytes_below(files, path, 0);
}

Result<void> remove_tree(Files& files, const std::string& path) {
  return remove_below(files, path, 0);
}

Result<ServedAddresses> ready_addresses(std::string_view line) {
  constexpr std::string_view kReady = "ready ";
  if (!line.starts_with(kReady)) return fail(ErrorCode::kInvalidArgument, "not a line of readiness: {}", line);
  const JsonValue ports = TRY(JsonValue::parse(line.substr(kReady.size())));
  const std::string_view http = ports.string_at("http");
  const std::string_view otlp_http = ports.string_at("otlp_http");
  if (http.empty() || otlp_http.empty()) {
    return fail(ErrorCode::kInvalidArgument, "no addresses of API and OTLP/HTTP in: {}", line);
  }
  return ServedAddresses{fmt::format("http://{}", http), fmt::format("http://{}", otlp_http)};
}

Result<Served> Served::start(const ServedSettings& settings, Files& files) {
  TRY(files.make_directories(settings.data_dir));
  Served served(settings, files);
  TRY(served.launch());
  return served;
}

Served::Served(Served&& other) noexcept
    : settings_(std::move(other.settings_)),
      child_(std::move(other.child_)),
      addresses_(std::move(other.addresses_)),
      ready_millis_(other.ready_millis_),
      files_(std::exchange(other.files_, nullptr)) {}

Result<void> Served::launch() {
  const auto begin = std::chrono::steady_clock::now();
  auto child = TRY(ChildProcess::start({settings_.program, "serve", "--data-dir", settings_.data_dir, "--listen",
                                        "127.0.0.1:0", "--otlp-grpc-listen", "127.0.0.1:0", "--otlp-http-listen",
                                        "127.0.0.1:0", "--durability", settings_.durability}));
  const std::string line = TRY_CONTEXT(child.read_line(kReadyTimeoutMs), "the server did not become ready");
  ready_millis_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  addresses_ = TRY(ready_addresses(line));
  child_.emplace(std::move(child));
  return {};
}

Result<void> Served::restart_after_kill() {
  child_->kill_now();
  child_.reset();
  return launch();
}

Served::~Served() {
  if (files_ == nullptr) return;  // moved from
  if (child_) (void)child_->stop(kStopTimeoutMs);
  if (auto removed = remove_tree(*files_, settings_.data_dir); !removed) {
    fmt::print(stderr, "sextant bench: {}\n", removed.error().message());
  }
}

Result<uint64_t> Served::disk_bytes() const {
  return tree_bytes(*files_, settings_.data_dir);
}

Result<bool> Served::settle(uint64_t timeout_ms) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  uint64_t before = TRY(use()).cpu_nanos;
  for (int quiet = 0; quiet < kQuietSteps;) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kSettleStep);
    const uint64_t now = TRY(use()).cpu_nanos;
    quiet = now - before <= kQuietNanos ? quiet + 1 : 0;
    before = now;
  }
  return true;
}

Result<double> sync_millis(Files& files, const std::string& directory) {
  const std::string path = directory + "/sync_probe";
  const auto file = TRY(files.open(path, Files::Open::kCreate));
  const std::string bytes(kSyncBytes, 's');
  TRY(file->preallocate(kSyncRounds * kSyncBytes));
  TRY(file->sync());
  std::vector<double> millis;
  for (int round = 0; round < kSyncRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    TRY(file->write_at(static_cast<uint64_t>(round) * kSyncBytes, bytes));
    TRY(file->sync());
    millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  TRY(files.remove(path));
  std::nth_element(millis.begin(), millis.begin() + kSyncRounds / 2, millis.end());
  return millis[kSyncRounds / 2];
}

}  // namespace sextant::wiring
