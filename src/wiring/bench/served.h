// A server of one's own for a benchmark: started as a child on a fresh data directory, measured from outside.
#pragma once

#include <string>

#include "base/core/result.h"
#include "base/sys/child_process.h"
#include "base/sys/files.h"

namespace sextant::wiring {

struct ServedSettings {
  std::string program;     // path of the sextant binary
  std::string data_dir;    // made, and removed at the end; must not exist yet
  std::string durability;  // sync, relaxed, off
};

/// Thread-confined resource. Stops the server and removes its data when destroyed.
class Served {
 public:
  static Result<Served> start(const ServedSettings& settings, Files& files);
  Served(Served&&) noexcept = default;
  ~Served();

  /// "http://127.0.0.1:PORT" of OTLP/HTTP.
  const std::string& otlp_http() const { return otlp_http_; }
  Result<ProcessUse> use() const { return process_use_of(child_.pid()); }
  /// Sizes of all files in the data directory.
  Result<uint64_t> disk_bytes() const;
  /// Waits until the server has used no CPU worth counting for a second, i.e. has nothing left to do. False when it is
  /// still busy after `timeout_ms`.
  Result<bool> settle(uint64_t timeout_ms) const;

 private:
  Served(ChildProcess child, std::string otlp_http, std::string data_dir, Files& files)
      : child_(std::move(child)), otlp_http_(std::move(otlp_http)), data_dir_(std::move(data_dir)), files_(&files) {}
  ChildProcess child_;
  std::string otlp_http_;
  std::string data_dir_;
  Files* files_;
};

/// The address of OTLP/HTTP in the line by which a server says that it is ready. Errors: kInvalidArgument.
Result<std::string> ready_address(std::string_view line);

/// Sizes of the files below `path` together; files that vanish meanwhile count nothing.
Result<uint64_t> tree_bytes(Files& files, const std::string& path);
Result<void> remove_tree(Files& files, const std::string& path);

/// Median milliseconds of a 64 KiB write followed by fdatasync in `directory`: what an acknowledged write costs at
/// least on this disk.
Result<double> sync_millis(Files& files, const std::string& directory);

}  // namespace sextant::wiring
