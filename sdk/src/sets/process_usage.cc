#include "sets/process_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "base/read_file.h"

namespace sextant::sets {
namespace {

constexpr std::size_t kFileBytesMax = 256 * 1024;  // of what is read from /proc
constexpr std::size_t kInterfacesMax = 256;
constexpr std::int64_t kWindowNs = 1'000'000'000;

/// Empty where it cannot be read.
std::string read_proc(const char* path) {
  Result<std::string> text = read_file(path, kFileBytesMax);
  return text ? std::move(*text) : std::string();
}

/// The next word, which is taken from the text.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<std::int64_t> number(std::string_view word) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> resident_bytes() {
  const std::string text = read_proc("/proc/self/statm");
  std::string_view rest = text;
  next_word(rest);
  const auto pages = number(next_word(rest));
  if (!pages) return std::nullopt;
  return *pages * sysconf(_SC_PAGESIZE);
}

std::int64_t cpu_time_ns() noexcept {
  return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int usable_cpus() noexcept {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) return std::max(CPU_COUNT(&cpus), 1);
  return static_cast<int>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

std::optional<std::int64_t> open_descriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  std::int64_t count = -1;  // not the one that lists them
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

std::optional<std::int64_t> disk_used_bytes(const std::string& path) {
  struct statvfs system{};
  if (statvfs(path.c_str(), &system) != 0) return std::nullopt;
  return static_cast<std::int64_t>((system.f_blocks - system.f_bfree) * system.f_frsize);
}

std::vector<InterfaceBytes> network_bytes() {
  return parse_net_dev(read_proc("/proc/self/net/dev"));
}

// Two lines of headings, then `name: bytes packets errs drop fifo frame compressed multicast bytes packets ...`.
std::vector<InterfaceBytes> parse_net_dev(std::string_view text) {
  constexpr int kColumnsBetween = 7;
  std::vector<InterfaceBytes> all;
  while (!text.empty() && all.size() < kInterfacesMax) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.rfind(':');  // names may have one
    if (colon == std::string_view::npos) continue;
    std::string_view name = line.substr(0, colon);
    name = next_word(name);
    line.remove_prefix(colon + 1);
    const auto received = number(next_word(line));
    for (int i = 0; i < kColumnsBetween; ++i) next_word(line);
    const auto transmitted = number(next_word(line));
    if (!name.empty() && received && transmitted) all.push_back({std::string(name), *received, *transmitted});
  }
  return all;
}

CpuRatio::CpuRatio() noexcept : since_ns_(monotonic_ns()), cpu_since_ns_(cpu_time_ns()) {}

double CpuRatio::at(std::int64_t now_ns, std::int64_t cpu_ns) noexcept {
  const std::int64_t passed_ns = now_ns - since_ns_;
  if (passed_ns < kWindowNs) return ratio_;
  const double ratio = static_cast<double>(cpu_ns - cpu_since_ns_) / (static_cast<double>(passed_ns) * usable_cpus());
  ratio_ = std::clamp(ratio, 0.0, 1.0);
  since_ns_ = now_ns;
  cpu_since_ns_ = cpu_ns;
  return ratio_;
}

}  // namespace sextant::sets
