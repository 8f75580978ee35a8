// Any bytes as a column of numbers, codes or texts. The first byte says which (modulo 3), the second how many values
// are expected; what opens is read by every way there is, and must keep within the bounds that it states.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "persist/column/code_column.h"
#include "persist/column/int_column.h"
#include "persist/column/text_column.h"

namespace {

using namespace sextant::persist;

/// Counts on both sides of a frame, of a stretch, and none.
uint32_t count_of(uint8_t byte) {
  return byte < 250 ? byte : 256U << (byte - 250);
}

void expect(bool condition) {
  if (!condition) std::abort();
}

void read_ints(std::string_view bytes, uint32_t count) {
  const auto column = IntColumn::open(bytes, count);
  if (!column) return;
  std::vector<uint64_t> values(count);
  column->read(0, values);
  for (uint32_t i = 0; i < count; ++i) {
    expect(values[i] >= column->min() && values[i] <= column->max());
    if (i < 300 || i % 97 == 0) expect(column->at(i) == values[i]);
  }
  std::vector<uint64_t> middle(count / 2);
  column->read(count / 3, middle);
  expect(std::equal(middle.begin(), middle.end(), values.begin() + count / 3));
  if (column->max() > ~uint32_t{0}) return;
  std::vector<uint32_t> small(count);
  column->read(0, small);
  expect(std::equal(small.begin(), small.end(), values.begin()));
}

void read_codes(std::string_view bytes, uint32_t count) {
  const auto column = CodeColumn::open(bytes, count);
  if (!column) return;
  std::vector<uint32_t> codes(count);
  column->read(0, codes);
  for (uint32_t i = 0; i < count; ++i) {
    expect(codes[i] <= column->max());
    if (i < 300 || i % 97 == 0) expect(column->at(i) == codes[i]);
  }
  std::vector<uint32_t> found;
  column->find(count == 0 ? 0 : codes[count / 2], found);
  column->find_any(std::vector<uint64_t>{~uint64_t{0}, 0x5555}, found);
  for (const uint32_t position : found) expect(position < count);
  if (column->max() >= 1 << 16) return;
  std::vector<uint64_t> counts(column->max() + 1);
  column->count(counts);
}

void read_texts(std::string_view bytes, uint32_t count) {
  const auto column = TextColumn::open(bytes, count);
  if (!column) return;
  uint32_t visited = 0;
  const auto done = column->read(0, count, [&](uint32_t i, std::string_view) { expect(i == visited++); });
  expect(!done || visited == count);
  TextColumn::Unfolded last;
  std::string one;
  if (count == 0 || !column->at(count / 2, last, one)) return;
  const std::string first = one;
  expect(column->at(count / 2, last, one) && one == first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint32_t count = count_of(data[1]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 3 == 0) read_ints(bytes, count);
  if (data[0] % 3 == 1) read_codes(bytes, count);
  if (data[0] % 3 == 2) read_texts(bytes, count);
  return 0;
}
