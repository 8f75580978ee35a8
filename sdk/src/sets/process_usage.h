// What Linux says that this process and its machine use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::sets {

/// Resident memory (proc(5), statm).
std::optional<std::int64_t> resident_bytes();
/// CPU time of all threads.
std::int64_t cpu_time_ns() noexcept;
/// CPUs that this process may run on, at least 1.
int usable_cpus() noexcept;
/// Descriptors that are open.
std::optional<std::int64_t> open_descriptors();
/// What is used of the file system that holds a path.
std::optional<std::int64_t> disk_used_bytes(const std::string& path);

struct InterfaceBytes {
  std::string name;
  std::int64_t received = 0;
  std::int64_t transmitted = 0;
};
/// Of this network namespace.
std::vector<InterfaceBytes> network_bytes();
/// Of the text of /proc/net/dev; lines that are not as expected are left out, and interfaces after the first 256.
std::vector<InterfaceBytes> parse_net_dev(std::string_view text);

/// How much of its CPUs a process uses. Internally locked by whoever calls.
class CpuRatio {
 public:
  CpuRatio() noexcept;
  /// Since the last time that was at least a second ago: several readers may ask at once and get the same.
  double at(std::int64_t now_ns, std::int64_t cpu_ns) noexcept;

 private:
  std::int64_t since_ns_;
  std::int64_t cpu_since_ns_;
  double ratio_ = 0;
};

}  // namespace sextant::sets
