#include "serve/api/query_pool.h"

#include <utility>

namespace sextant::serve {

QueryPool::QueryPool(uint32_t threads, uint32_t queue_max, Metrics& metrics)
    : queue_max_(queue_max),
      queue_length_(metrics.gauge(Metric::kQueryQueueLength)),
      refused_(metrics.counter(Metric::kQueriesRefused)) {
  metrics.gauge(Metric::kQueryQueueLimit).set(queue_max);
  for (uint32_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

QueryPool::~QueryPool() {
  std::deque<Job> dropped;
  {
    auto state = state_.lock();
    state->stopping = true;
    dropped.swap(state->waiting);
  }
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  // `dropped` dies here, outside the lock: its responders answer that the server stops.
}

bool QueryPool::submit(Job job) {
  auto state = state_.lock();
  if (state->stopping || state->waiting.size() >= queue_max_) {
    state.unlock();
    refused_.add();
    return false;
  }
  state->waiting.push_back(std::move(job));
  queue_length_.set(static_cast<double>(state->waiting.size()));
  state.unlock();
  state_.notify_one();
  return true;
}

void QueryPool::work(const std::stop_token& stop) {
  while (true) {
    Job job;
    {
      auto state = state_.lock();
      if (!state_.wait(state, stop, [&] { return !state->waiting.empty(); })) return;
      job = std::move(state->waiting.front());
      state->waiting.pop_front();
      queue_length_.set(static_cast<double>(state->waiting.size()));
    }
    job(stop);
  }
}

}  // namespace sextant::serve
