#include "base/sys/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/sys/clock.h"

namespace sextant {
namespace {

constexpr size_t kLineBytesMax = 1 << 16;
constexpr uint32_t kWaitStepMs = 5;

/// Milliseconds from now until `deadline`, at least 0.
int left_ms(const SystemClock& clock, uint64_t deadline) {
  const uint64_t now = clock.steady_nanos();
  return now >= deadline ? 0 : static_cast<int>((deadline - now) / kNanosPerMillisecond) + 1;
}

/// Signals that this process blocks or ignores must not stay so in the child.
void default_signals(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, number);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::kIo, "pipe: {}", std::strerror(errno));
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  default_signals(attributes);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return fail(ErrorCode::kNotFound, "cannot start {}: {}", arguments[0], std::strerror(error));
  }
  return ChildProcess(pid, ends[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
}

Result<std::string> ChildProcess::read_line(uint32_t timeout_ms) {
  const SystemClock clock;
  const uint64_t deadline = clock.steady_nanos() + timeout_ms * kNanosPerMillisecond;
  for (;;) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() > kLineBytesMax) return fail(ErrorCode::kTooLarge, "a line of more than 64 KiB");
    pollfd wait{output_, POLLIN, 0};
    const int ready = poll(&wait, 1, left_ms(clock, deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return fail(ErrorCode::kDeadlineExceeded, "no line within {} ms", timeout_ms);
    char bytes[4096];
    const ssize_t count = read(output_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::kUnavailable, "the program closed its output");
    buffer_.append(bytes, static_cast<size_t>(count));
  }
}

/// The status of waitpid, or -1 when it has not ended in time.
int ChildProcess::wait_for(uint32_t timeout_ms) {
  const SystemClock clock;
  const uint64_t deadline = clock.steady_nanos() + timeout_ms * kNanosPerMillisecond;
  for (;;) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) return status;
    if (clock.steady_nanos() >= deadline) return -1;
    poll(nullptr, 0, kWaitStepMs);
  }
}

int ChildProcess::stop(uint32_t timeout_ms) {
  kill(pid_, SIGTERM);
  int status = wait_for(timeout_ms);
  if (status < 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::kill_now() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

Result<ProcessUse> process_use_of(int pid) {
  const std::string folder = fmt::format("/proc/{}", pid);
  std::ifstream stat(folder + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  const size_t name_end = text.rfind(')');  // the name may hold anything, brackets too
  if (name_end == std::string::npos) return fail(ErrorCode::kNotFound, "no process {}", pid);
  // proc(5): after the name come state (field 3) …, utime (14) and stime (15) in clock ticks.
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  uint64_t user = 0;
  uint64_t system = 0;
  fields >> user >> system;
  ProcessUse use;
  use.cpu_nanos = (user + system) * (kNanosPerSecond / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
  std::ifstream status(folder + "/status");
  for (std::string line; std::getline(status, line);) {
    uint64_t kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lu kB", &kib) == 1) use.resident_peak_bytes = kib * 1024;
    if (std::sscanf(line.c_str(), "VmRSS: %lu kB", &kib) == 1) use.resident_bytes = kib * 1024;
  }
  return use;
}

Result<std::string> own_program() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) return fail(ErrorCode::kIo, "/proc/self/exe: {}", std::strerror(errno));
  return std::string(path, static_cast<size_t>(size));
}

Result<void> pin_to_core(uint32_t core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (core >= CPU_SETSIZE) return fail(ErrorCode::kInvalidArgument, "no core {}", core);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) == 0) return {};
  return fail(ErrorCode::kInvalidArgument, "core {} cannot be used: {}", core, std::strerror(errno));
}

uint64_t thread_cpu_nanos() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace sextant
