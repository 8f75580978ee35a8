// What others can ask of this process: its health, its metrics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "expose/pusher.h"
#include "net/http_server.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

/// Internally locked. Thread: one for each server, and one that pushes.
class Endpoints {
 public:
  /// Servers and pusher as the options say; none of them where they say nothing. An error names the option.
  static Result<std::unique_ptr<Endpoints>> start(const Options& options, const HealthChecker& checker,
                                                  const expose::MetricsText& metrics);

  /// 0: none.
  std::uint16_t health_port() const noexcept { return health_port_; }
  std::uint16_t metrics_port() const noexcept { return metrics_port_; }
  /// Pushes, where there is a Pushgateway. False where it did not take the metrics in time.
  bool push(const Deadline& deadline) { return in_child() || pusher_ == nullptr || pusher_->push(deadline); }
  /// The same, and everything ends. Once.
  bool stop(const Deadline& deadline);
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;
  PushCounts pushes() const { return pusher_ != nullptr ? pusher_->counts() : PushCounts{}; }
  /// In the child of a fork, as early as can be: ports and pushes are the parent's. Once; done at the end at the
  /// latest.
  void leave_in_child() noexcept;

 private:
  Endpoints() noexcept;
  bool in_child() const noexcept;

  const int process_;
  bool left_ = false;
  std::vector<std::unique_ptr<net::HttpServer>> servers_;
  std::uint16_t health_port_ = 0;
  std::uint16_t metrics_port_ = 0;
  std::unique_ptr<expose::Pusher> pusher_;
};

/// The address to listen on, as Options::listen_address says.
std::string listen_address(const Options& options);

}  // namespace sextant::wiring
