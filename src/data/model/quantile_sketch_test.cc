#include "data/model/quantile_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/sys/random.h"

namespace sextant::data {
namespace {

constexpr double kQuantiles[] = {0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};

double exact(std::vector<double> values, double q) {
  std::ranges::sort(values);
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

void expect_near(const QuantileSketch& sketch, const std::vector<double>& values) {
  ASSERT_EQ(sketch.count(), values.size());
  for (const double q : kQuantiles) {
    const double want = exact(values, q);
    EXPECT_NEAR(*sketch.quantile(q), want, std::fabs(want) * QuantileSketch::kRelativeErrorMax) << q;
  }
}

TEST(QuantileSketch, NothingHasNoQuantile) {
  EXPECT_FALSE(QuantileSketch().quantile(0.5).has_value());
  EXPECT_EQ(QuantileSketch().count(), 0U);
}

TEST(QuantileSketch, OneNumberIsItself) {
  for (const double value : {0.0, 1.0, -3.5, 1e300, 5e-324, 18446744073709551615.0}) {
    QuantileSketch sketch;
    sketch.add(value);
    for (const double q : kQuantiles) EXPECT_EQ(*sketch.quantile(q), value);
  }
}

TEST(QuantileSketch, ErrorIsBoundedOverAllSizes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    QuantileSketch sketch;
    std::vector<double> values;
    const uint64_t count = 1 + random.below(5000);
    for (uint64_t i = 0; i < count; ++i) {
      const double size =
          std::ldexp(1.0 + static_cast<double>(random.below(1000)) / 1000, static_cast<int>(random.below(80)) - 20);
      values.push_back(random.below(4) == 0 ? -size : random.below(10) == 0 ? 0 : size);
      sketch.add(values.back());
    }
    expect_near(sketch, values);
  }
}

TEST(QuantileSketch, MergedInAnyOrderIsOne) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    std::vector<QuantileSketch> parts(1 + random.below(6));
    QuantileSketch whole;
    std::vector<double> values;
    for (uint64_t i = random.below(2000); i > 0; --i) {
      values.push_back(static_cast<double>(random.below(1ULL << (1 + random.below(50)))) - 1000);
      whole.add(values.back());
      parts[random.below(parts.size())].add(values.back());
    }
    QuantileSketch merged;
    while (!parts.empty()) {
      const uint64_t next = random.below(parts.size());
      merged.merge(parts[next]);
      parts.erase(parts.begin() + static_cast<ptrdiff_t>(next));
    }
    ASSERT_EQ(merged.count(), whole.count());
    for (const double q : kQuantiles) EXPECT_EQ(merged.quantile(q), whole.quantile(q)) << seed << " " << q;
    if (!values.empty()) expect_near(merged, values);
  }
}

TEST(QuantileSketch, ExtremesStandSideBySide) {
  QuantileSketch sketch;
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) {
    for (const double value : {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(), 0.0, 1.0}) {
      values.push_back(value);
      sketch.add(value);
    }
  }
  expect_near(sketch, values);
}

}  // namespace
}  // namespace sextant::data
