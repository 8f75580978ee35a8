// What column encodings cost: bytes a value, and nanoseconds a value of writing, opening, reading and searching, over
// slices of 8,192 values. One JSON line a distribution; times are the least of many rounds.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "persist/column/code_column.h"
#include "persist/column/int_column.h"
#include "persist/column/text_column.h"
#include "tests/support/column_samples.h"

namespace {

using namespace sextant::persist;

constexpr uint32_t kValues = 8192;
constexpr int kRounds = 300;

/// Nanoseconds a value: the least of many rounds, since what else runs on the machine only adds.
template <typename F>
double nanos_each(F&& f, int rounds = kRounds) {
  double best = 1e18;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best / kValues;
}

template <typename T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

std::string_view name_of(uint8_t tag) {
  constexpr std::string_view kNames[] = {"constant",       "packed",     "framed", "delta",
                                         "delta_of_delta", "dictionary", "zstd"};
  return kNames[tag];
}

void measure_ints(std::string_view name, const std::vector<uint64_t>& values, const std::vector<uint32_t>& places) {
  std::string bytes;
  const double encode = nanos_each([&] {
    bytes.clear();
    encode_ints(values, bytes);
  });
  const double open = nanos_each([&] { keep(IntColumn::open(bytes, kValues).has_value()); });
  const IntColumn column = *IntColumn::open(bytes, kValues);
  std::vector<uint64_t> out(kValues);
  const double read = nanos_each([&] {
    column.read(0, out);
    keep(out.data());
  });
  const double at = nanos_each(
      [&] {
        uint64_t sum = 0;
        for (const uint32_t place : places) sum += column.at(place);
        keep(sum);
      },
      20);
  fmt::print(
      R"({{"bench":"column.ints","data":"{}","encoding":"{}","bits_each":{:.2f},"encode_ns":{:.2f},"open_ns":{:.3f},)"
      R"("read_ns":{:.2f},"at_ns":{:.1f}}})"
      "\n",
      name, name_of(static_cast<uint8_t>(bytes[0])), 8.0 * static_cast<double>(bytes.size()) / kValues, encode, open,
      read, at);
}

void measure_codes(std::string_view name, const std::vector<uint32_t>& codes, uint32_t absent) {
  std::string bytes;
  const double encode = nanos_each([&] {
    bytes.clear();
    encode_codes(codes, bytes);
  });
  const CodeColumn column = *CodeColumn::open(bytes, kValues);
  std::vector<uint32_t> out(kValues);
  const double read = nanos_each([&] {
    column.read(0, out);
    keep(out.data());
  });
  std::vector<uint32_t> found;
  found.reserve(kValues);
  const auto find = [&](uint32_t code) {
    return nanos_each([&] {
      found.clear();
      column.find(code, found);
      keep(found.data());
    });
  };
  const double find_none = find(absent);
  const double find_some = find(codes[5]);
  std::vector<uint64_t> wanted(column.max() / 64 + 1);
  wanted[0] = 6;
  const double find_any = nanos_each([&] {
    found.clear();
    column.find_any(wanted, found);
    keep(found.data());
  });
  std::vector<uint64_t> by_code(column.max() + 1);
  const double count = nanos_each([&] { column.count(by_code); });
  fmt::print(R"({{"bench":"column.codes","data":"{}","bits_each":{:.2f},"encode_ns":{:.2f},"read_ns":{:.2f},)"
             R"("find_none_ns":{:.3f},"find_some_ns":{:.3f},"find_any_ns":{:.2f},"count_ns":{:.2f}}})"
             "\n",
             name, 8.0 * static_cast<double>(bytes.size()) / kValues, encode, read, find_none, find_some, find_any,
             count);
}

void measure_texts(std::string_view name, const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::string bytes;
  const double encode = nanos_each(
      [&] {
        bytes.clear();
        encode_texts(views, Effort::kSmall, bytes);
      },
      20);
  const TextColumn column = *TextColumn::open(bytes, kValues);
  const double read = nanos_each(
      [&] {
        uint64_t sum = 0;
        (void)column.read(0, kValues, [&](uint32_t, std::string_view text) { sum += text.size(); });
        keep(sum);
      },
      50);
  // Each anew, as the first value of a trace is read.
  std::string one;
  const double at = kValues * nanos_each([&] {
                      TextColumn::Unfolded last;
                      keep(column.at(kValues / 2, last, one).has_value());
                    });
  fmt::print(R"({{"bench":"column.texts","data":"{}","raw_bytes_each":{:.2f},"bytes_each":{:.2f},"encode_ns":{:.1f},)"
             R"("read_ns":{:.1f},"at_ns":{:.0f}}})"
             "\n",
             name, static_cast<double>(column.raw_bytes()) / kValues, static_cast<double>(bytes.size()) / kValues,
             encode, read, at);
}

template <typename F>
std::vector<std::string> make_texts(F&& next) {
  std::vector<std::string> out(kValues);
  for (std::string& text : out) text = next();
  return out;
}

void measure_all_codes(std::mt19937_64& random) {
  for (const uint32_t width : {1U, 4U, 8U, 10U, 13U, 20U}) {
    std::vector<uint32_t> codes(kValues);
    for (uint32_t& code : codes) code = static_cast<uint32_t>(random() & (low_mask(width) - (width > 1 ? 1 : 0)));
    codes[7] = static_cast<uint32_t>(low_mask(width));
    // With one bit every code occurs: what is asked for then is beyond.
    const uint32_t absent = width == 1 ? 2 : static_cast<uint32_t>(low_mask(width) - 2);
    measure_codes(fmt::format("uniform {} bits", width), codes, absent);
  }
  std::vector<uint32_t> runs(kValues);
  for (size_t i = 1; i < runs.size(); ++i)
    runs[i] = static_cast<uint32_t>(random() % 50 == 0 ? random() % 500 : runs[i - 1]);
  measure_codes("runs of 50", runs, 501);
}

}  // namespace

int main() {
  std::mt19937_64 random(1);
  std::vector<uint32_t> places(kValues);
  for (uint32_t& place : places) place = static_cast<uint32_t>(random() % kValues);
  for (const auto& [name, make] : sextant::testing::number_samples()) measure_ints(name, make(kValues, random), places);
  measure_all_codes(random);
  uint64_t next = 100'000;
  measure_texts("hex ids", make_texts([&] { return fmt::format("{:016x}{:016x}", random(), random()); }));
  measure_texts("counter", make_texts([&] { return fmt::format("job-{}", ++next); }));
  measure_texts("addresses", make_texts([&] {
                  return fmt::format("https://example.org/v1/{}/items/{:x}?page={}", random() % 40, random() >> 40,
                                     random() % 10);
                }));
}
