// A server of one's own for a benchmark: started as a child on a fresh data directory, measured from outside.
#pragma once

#include <optional>
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

/// Where a server listens, as URLs.
struct ServedAddresses {
  std::string http;
  std::string otlp_http;
};

/// Thread-confined resource. Stops the server and removes its data when destroyed.
class Served {
 public:
  static Result<Served> start(const ServedSettings& settings, Files& files);
  Served(Served&& other) noexcept;
  ~Served();

  /// "http://127.0.0.1:PORT" of OTLP/HTTP, and of the API.
  const std::string& otlp_http() const { return addresses_.otlp_http; }
  const std::string& http() const { return addresses_.http; }
  /// From its start to its line of readiness, milliseconds.
  double ready_millis() const { return ready_millis_; }
  /// kill -9, and a start on the same data; addresses and times are then new.
  Result<void> restart_after_kill();
  Result<ProcessUse> use() const { return process_use_of(child_->pid()); }
  /// Sizes of all files in the data directory.
  Result<uint64_t> disk_bytes() const;
  /// Waits until the server has used no CPU worth counting for a second, i.e. has nothing left to do. False when it is
  /// still busy after `timeout_ms`.
  Result<bool> settle(uint64_t timeout_ms) const;

 private:
  Served(ServedSettings settings, Files& files) : settings_(std::move(settings)), files_(&files) {}
  Result<void> launch();
  ServedSettings settings_;
  std::optional<ChildProcess> child_;
  ServedAddresses addresses_;
  double ready_millis_ = 0;
  Files* files_;
};

/// The addresses in the line by which a server says that it is ready. Errors: kInvalidArgument.
Result<ServedAddresses> ready_addresses(std::string_view line);

/// Sizes of the files below `path` together; files that vanish meanwhile count nothing.
Result<uint64_t> tree_bytes(Files& files, const std::string& path);
Result<void> remove_tree(Files& files, const std::string& path);

/// Median milliseconds of a 64 KiB write followed by fdatasync in `directory`: what an acknowledged write costs at
/// least on this disk.
Result<double> sync_millis(Files& files, const std::string& directory);

}  // namespace sextant::wiring
