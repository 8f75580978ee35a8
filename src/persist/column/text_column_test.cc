// Tests of encoded texts: every form comes back byte by byte; sizes; damage.
#include "persist/column/text_column.h"
#include "tests/support/column_samples.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sextant::persist {
namespace {

using Texts = std::vector<std::string>;

std::string encoded(const Texts& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::string out;
  encode_texts(views, Effort::kSmall, out);
  return out;
}

TextKind kind_of(const std::string& bytes) {
  return static_cast<TextKind>(bytes[0]);
}

std::vector<char> exact(const std::string& bytes) {
  std::vector<char> out(bytes.begin(), bytes.end());
  out.shrink_to_fit();
  return out;
}

template <typename F>
Texts make_texts(size_t count, F&& next) {
  Texts out(count);
  for (std::string& text : out) text = next();
  return out;
}

std::string random_bytes(size_t size, std::mt19937_64& random) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

struct Sample {
  std::string name;
  TextKind kind;
  Texts texts;
};

std::vector<Sample> samples(size_t count, std::mt19937_64& r) {
  uint64_t next = 998;
  const auto uuid = [&] {
    const uint64_t a = r();
    const uint64_t b = r();
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, a & 0xFFFF, b & 0xFFF, b >> 48, r() >> 16);
  };
  const auto words = [&] {
    constexpr std::string_view kWords[] = {"agent",  "planned ", "tool ",   "call to ",
                                           "search", " failed",  " again ", "x"};
    std::string out;
    for (uint64_t i = r() % 20; i > 0; --i) out += kWords[r() % std::size(kWords)];
    return out;
  };
  return {
      {"hex", TextKind::kDigits, make_texts(count, [&] { return fmt::format("{:016x}{:016x}", r(), r()); })},
      {"odd hex", TextKind::kDigits, make_texts(count, [&] { return fmt::format("run-{:07x}.", r() >> 36); })},
      {"uuid", TextKind::kDigits, make_texts(count, uuid)},
      {"same", TextKind::kDigits, Texts(count, "always the same words")},
      {"counter", TextKind::kNumbers, make_texts(count, [&] { return fmt::format("job-{}", ++next); })},
      {"zeros", TextKind::kNumbers, make_texts(count, [&] { return fmt::format("v{:08}", ++next); })},
      {"decimal", TextKind::kNumbers, make_texts(count, [&] { return std::to_string(r() >> r() % 64 >> 2); })},
      {"mixed zeros", TextKind::kBytes, make_texts(count, [&] { return std::string(1 + ++next % 3, '0') + "1"; })},
      {"long decimal", TextKind::kBytes, make_texts(count, [&] { return fmt::format("{}{}", r(), r()); })},
      {"upper hex", TextKind::kBytes, make_texts(count, [&] { return fmt::format("{:016X}", r()); })},
      {"words", TextKind::kBytes, make_texts(count, words)},
      {"paths", TextKind::kBytes,
       make_texts(count, [&] { return fmt::format("https://example.org/{}/{}/z", r() % 9, r() % 99); })},
      {"bytes", TextKind::kBytes, make_texts(count, [&] { return random_bytes(r() % 50, r); })},
      {"empty", TextKind::kBytes, Texts(count)},
      {"one large", TextKind::kBytes,
       make_texts(count, [&] { return r() % count == 0 ? random_bytes(40'000, r) : words(); })},
  };
}

void expect_texts(const Texts& texts, const TextColumn& column) {
  ASSERT_EQ(column.size(), texts.size());
  uint64_t raw_bytes = 0;
  for (const std::string& text : texts) raw_bytes += text.size();
  EXPECT_EQ(column.raw_bytes(), raw_bytes);
  Texts read;
  const auto all = column.read(0, column.size(), [&](uint32_t i, std::string_view text) {
    EXPECT_EQ(i, read.size());
    read.emplace_back(text);
  });
  ASSERT_TRUE(all.has_value()) << all.error().message();
  ASSERT_EQ(read, texts);
  // From the middle to the end, then from the start: chunks are unfolded once, left, and unfolded again.
  const uint32_t step = 1 + column.size() / 97;
  TextColumn::Unfolded last;
  std::string one;
  for (uint32_t i = 0, at = column.size() / 2; i < texts.size(); i += step, at = (at + step) % column.size()) {
    const auto done = column.at(at, last, one);
    ASSERT_TRUE(done.has_value()) << done.error().message();
    ASSERT_EQ(one, texts[at]) << at;
  }
}

void expect_parts(const Texts& texts, const TextColumn& column, std::mt19937_64& random) {
  for (int round = 0; round < 10; ++round) {
    const auto begin = static_cast<uint32_t>(random() % (texts.size() + 1));
    const auto end = static_cast<uint32_t>(begin + random() % (texts.size() - begin + 1));
    uint32_t next = begin;
    const auto done = column.read(begin, end, [&](uint32_t i, std::string_view text) {
      ASSERT_EQ(i, next++);
      ASSERT_EQ(text, texts[i]);
    });
    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(next, end);
  }
}

TEST(TextColumn, EveryFormComesBack) {
  std::mt19937_64 random(1);
  for (const size_t count : {0, 1, 2, 3, 100, 255, 256, 257, 3000}) {
    for (const Sample& sample : samples(count, random)) {
      SCOPED_TRACE(sample.name + " " + std::to_string(count));
      const std::string bytes = encoded(sample.texts);
      if (count >= 100) {
        EXPECT_EQ(kind_of(bytes), sample.kind);
      }
      const std::vector<char> place = exact(bytes);
      const auto column = TextColumn::open({place.data(), place.size()}, static_cast<uint32_t>(count));
      ASSERT_TRUE(column.has_value()) << column.error().message();
      expect_texts(sample.texts, *column);
      expect_parts(sample.texts, *column, random);
    }
  }
}

TEST(TextColumn, SizesAreNearWhatTheTextsHold) {
  std::mt19937_64 random(2);
  const std::map<std::string, double> bytes_each_max = {
      {"hex", 16.1}, {"uuid", 16.1}, {"counter", 0.2}, {"same", 0.02}, {"paths", 3.5}};
  for (const Sample& sample : samples(3000, random)) {
    const auto found = bytes_each_max.find(sample.name);
    if (found == bytes_each_max.end()) continue;
    EXPECT_LT(static_cast<double>(encoded(sample.texts).size()) / 3000, found->second) << sample.name;
  }
}

void expect_bounded(const std::string& bytes, uint32_t count) {
  const std::vector<char> place = exact(bytes);
  const auto column = TextColumn::open({place.data(), place.size()}, count);
  if (!column) {
    EXPECT_EQ(column.error().code(), ErrorCode::kDataLoss);
    return;
  }
  uint32_t visited = 0;
  const auto done = column->read(0, count, [&](uint32_t i, std::string_view text) {
    EXPECT_EQ(i, visited++);
    EXPECT_LE(text.size(), 1'000'000U);
  });
  if (done) {
    EXPECT_EQ(visited, count);
  } else {
    EXPECT_EQ(done.error().code(), ErrorCode::kDataLoss);
  }
  TextColumn::Unfolded last;
  std::string one;
  if (count > 0) (void)column->at(count - 1, last, one);
}

TEST(TextColumn, DamageIsRefusedOrStaysWithinBounds) {
  std::mt19937_64 random(3);
  for (const Sample& sample : samples(40, random)) {
    if (sample.name == "one large") continue;
    SCOPED_TRACE(sample.name);
    const std::string bytes = encoded(sample.texts);
    testing::for_each_damage(bytes, [](const std::string& damaged) { expect_bounded(damaged, 40); });
    for (const uint32_t count : {0U, 1U, 39U, 41U, ~0U}) {
      if (sample.kind != TextKind::kNumbers) {
        EXPECT_FALSE(TextColumn::open(bytes, count).has_value());
      }
      if (count < 50) expect_bounded(bytes, count);
    }
  }
}

TEST(TextColumn, RandomBytesAreRefusedOrStayWithinBounds) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = random_bytes(random() % 40, random);
    for (char& byte : bytes) {
      if (random() % 4 != 0) byte = static_cast<char>(byte & 7);
    }
    if (!bytes.empty()) bytes[0] = static_cast<char>(round % 4);
    expect_bounded(bytes, static_cast<uint32_t>(random() % 20));
  }
}

}  // namespace
}  // namespace sextant::persist
