// The threads that run queries, so that no network thread ever does: a fixed number, and a bounded queue before them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/core/guarded.h"
#include "base/self/metrics.h"

namespace sextant::serve {

/// Internally locked. Owns its threads. Jobs still waiting when it dies are dropped unrun.
class QueryPool {
 public:
  /// The token is stopped when the pool shuts down.
  using Job = std::move_only_function<void(std::stop_token)>;

  QueryPool(uint32_t threads, uint32_t queue_max, Metrics& metrics);
  ~QueryPool();
  QueryPool(const QueryPool&) = delete;
  QueryPool& operator=(const QueryPool&) = delete;

  /// False, and the job is gone, when the queue is full or the pool shuts down.
  [[nodiscard]] bool submit(Job job);

 private:
  struct State {
    std::deque<Job> waiting;
    bool stopping = false;
  };
  void work(const std::stop_token& stop);

  const uint32_t queue_max_;
  Gauge& queue_length_;
  Counter& refused_;
  Guarded<State> state_;
  std::vector<std::jthread> threads_;
};

}  // namespace sextant::serve
