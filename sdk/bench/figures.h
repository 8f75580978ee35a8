// What every benchmark of the SDK shares: how a figure is taken and printed.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace sextant::bench {

inline void print(const std::string& figure, double value, const char* unit) {
  std::printf("{\"figure\": \"%s\", \"value\": %.4g, \"unit\": \"%s\"}\n", figure.c_str(), value, unit);
  std::fflush(stdout);
}

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Median over rounds of the nanoseconds that `once` takes, called `calls` times a round on each of `threads` threads
/// at the same time. `between` runs after each round, outside the clock.
template <class Once>
double ns_per_call(int threads, int rounds, int calls, Once once, const std::function<void()>& between = {}) {
  std::vector<double> all;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> took(static_cast<std::size_t>(threads));
    std::atomic<int> waiting{threads};
    const auto work = [&](int index) {
      waiting.fetch_sub(1);
      while (waiting.load() > 0) {
      }
      const double begin = seconds_now();
      for (int i = 0; i < calls; ++i) once(index, i);
      took[static_cast<std::size_t>(index)] = (seconds_now() - begin) * 1e9 / calls;
    };
    std::vector<std::thread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work, t);
    work(0);
    for (std::thread& other : others) other.join();
    for (const double ns : took) all.push_back(ns);
    if (between) between();
  }
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
  return all[all.size() / 2];
}

}  // namespace sextant::bench
