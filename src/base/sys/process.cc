#include "base/sys/process.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "base/core/check.h"

namespace sextant {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

uint64_t nanos_of(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_usec) * 1000;
}

}  // namespace

void block_stop_signals() {
  const sigset_t set = stop_signals();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal(SIGPIPE, SIG_IGN);
}

int wait_for_stop_signal() {
  const sigset_t set = stop_signals();
  int number = 0;
  CHECK(sigwait(&set, &number) == 0);
  return number;
}

uint64_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

Result<ProcessUse> process_use() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return fail(ErrorCode::kIo, "getrusage failed");
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return fail(ErrorCode::kIo, "/proc/self/statm cannot be read");
  unsigned long pages = 0;
  unsigned long resident = 0;
  const int fields = std::fscanf(file, "%lu %lu", &pages, &resident);
  std::fclose(file);
  if (fields != 2) return fail(ErrorCode::kIo, "/proc/self/statm is not as expected");
  return ProcessUse{nanos_of(usage.ru_utime) + nanos_of(usage.ru_stime),
                    resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)),
                    static_cast<uint64_t>(usage.ru_maxrss) * 1024};
}

}  // namespace sextant
