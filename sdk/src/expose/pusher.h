// Brings metrics to a Pushgateway, from time to time and at the end.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/waker.h"
#include "expose/metrics_route.h"
#include "sextant/exporter.h"
#include "sextant/pushgateway.h"
#include "sextant/result.h"

namespace sextant::expose {

/// Where a group of metrics is pushed: `<url>/metrics/job/<job>{/<label>/<value>}`. Values that no path can hold go in
/// base64 (the gateway's `@base64`). An error says which name or value cannot be.
Result<std::string> push_address(const PushgatewayOptions& options);

/// Internally locked. Thread: one of its own where there is an interval, from start() to stop().
class Pusher {
 public:
  static Result<std::unique_ptr<Pusher>> start(const PushgatewayOptions& options, MetricsText text);
  ~Pusher();
  Pusher(const Pusher&) = delete;
  Pusher& operator=(const Pusher&) = delete;

  /// Now. False where the gateway did not take it in time; counts() says why.
  bool push(const Deadline& deadline);
  /// Gives up a push that is under way, pushes once more, and ends. Once.
  bool stop(const Deadline& deadline);
  PushCounts counts() const;
  /// In the child of a fork: what is pushed is the parent's affair.
  void leave_in_child() noexcept;

 private:
  Pusher(const PushgatewayOptions& options, std::string address, MetricsText text);
  void run();
  void end_thread();
  bool begin(const Deadline& deadline);
  std::string attempt(const Deadline& deadline);

  const PushgatewayOptions options_;
  const std::string address_;
  const MetricsText text_;
  const HttpTransportPtr transport_;
  mutable std::mutex mutex_;  // all that follows
  std::condition_variable sent_;
  bool sending_ = false;
  PushCounts counts_;
  bool stopping_ = false;
  bool ended_ = false;
  Waker cancel_;
  std::thread thread_;
};

}  // namespace sextant::expose
