// Values of many distributions, for the tests of columns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::testing {

using Numbers = std::vector<uint64_t>;
using MakeNumbers = std::function<Numbers(size_t count, std::mt19937_64& random)>;

template <typename F>
Numbers make_numbers(size_t count, F&& next) {
  Numbers out(count);
  for (uint64_t& value : out) value = next();
  return out;
}

inline Numbers log_normal(size_t count, std::mt19937_64& random) {
  std::lognormal_distribution<double> draw(std::log(4e6), 1.0);
  return make_numbers(count, [&] { return static_cast<uint64_t>(draw(random)); });
}

/// Times of spans as they come: mostly ascending by about a millisecond.
inline Numbers ascending_times(size_t count, std::mt19937_64& random) {
  uint64_t now = 1'790'000'000'000'000'000;
  std::exponential_distribution<double> gap(1e-6);
  return make_numbers(count, [&] { return now += static_cast<uint64_t>(gap(random)); });
}

/// Every distribution by its name.
inline std::vector<std::pair<std::string, MakeNumbers>> number_samples() {
  using Random = std::mt19937_64;
  return {
      {"constant", [](size_t n, Random&) { return Numbers(n, 77); }},
      {"zero", [](size_t n, Random&) { return Numbers(n, 0); }},
      {"greatest", [](size_t n, Random&) { return Numbers(n, ~uint64_t{0}); }},
      {"bits", [](size_t n, Random& r) { return make_numbers(n, [&] { return r() & 1; }); }},
      {"small", [](size_t n, Random& r) { return make_numbers(n, [&] { return r() % 1000; }); }},
      {"full", [](size_t n, Random& r) { return make_numbers(n, [&] { return r(); }); }},
      {"extremes",
       [](size_t n, Random& r) { return make_numbers(n, [&] { return r() % 2 == 0 ? 0 : ~uint64_t{0}; }); }},
      {"any width", [](size_t n, Random& r) { return make_numbers(n, [&] { return r() >> r() % 64; }); }},
      {"log-normal", log_normal},
      {"ascending", ascending_times},
      {"sorted",
       [](size_t n, Random& r) {
         Numbers out = make_numbers(n, [&] { return r(); });
         std::ranges::sort(out);
         return out;
       }},
      {"descending",
       [](size_t n, Random& r) {
         uint64_t now = ~uint64_t{0};
         return make_numbers(n, [&] { return now -= r() % 50; });
       }},
      {"nearly ascending",
       [](size_t n, Random& r) {
         uint64_t now = 1'790'000'000'000'000'000;
         return make_numbers(n, [&] { return (now += 1'000'000) - r() % 5'000'000; });
       }},
      {"regular",
       [](size_t n, Random& r) {
         uint64_t now = 1'790'000'000'000'000'000;
         return make_numbers(n, [&] { return (now += 15'000'000'000) + r() % 3; });
       }},
      {"curved",
       [](size_t n, Random& r) {
         uint64_t i = 0;
         return make_numbers(n, [&] { return (++i, i * i * 1'000'000 + r() % 2); });
       }},
      {"one outlier",
       [](size_t n, Random& r) {
         Numbers out = make_numbers(n, [&] { return 5000 + r() % 100; });
         if (n > 0) out[r() % n] = ~uint64_t{0} - 3;
         return out;
       }},
      {"one zero",
       [](size_t n, Random& r) {
         Numbers out = ascending_times(n, r);
         if (n > 0) out[r() % n] = 0;
         return out;
       }},
      {"few outliers",
       [](size_t n, Random& r) { return make_numbers(n, [&] { return r() % 40 == 0 ? r() >> 10 : r() % 256; }); }},
      {"few large values",
       [](size_t n, Random& r) {
         const Numbers some = make_numbers(9, [&] { return r(); });
         return make_numbers(n, [&] { return some[r() % some.size()]; });
       }},
      {"mostly one",
       [](size_t n, Random& r) {
         return make_numbers(n, [&] { return r() % 50 == 0 ? r() % 60'000 * 977 : 50'000'000; });
       }},
      {"stairs",
       [](size_t n, Random& r) {
         uint64_t now = 0;
         return make_numbers(n, [&] { return now += r() % 200 == 0 ? 1'000'000'007 : 0; });
       }},
  };
}

inline const std::vector<size_t>& sample_counts() {
  static const std::vector<size_t> counts = {0, 1, 2, 3, 7, 8, 63, 64, 65, 127, 128, 129, 255, 256, 1000, 8192};
  return counts;
}

/// Calls f with every damaged form: each truncation, each byte flipped in a bit, and a byte more.
template <typename F>
void for_each_damage(const std::string& bytes, F&& f) {
  for (size_t size = 0; size < bytes.size(); ++size) f(bytes.substr(0, size));
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int mask : {0x01, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      f(damaged);
    }
  }
  f(bytes + '\0');
}

}  // namespace sextant::testing
