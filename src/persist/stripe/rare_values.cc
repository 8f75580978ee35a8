#include "persist/stripe/rare_values.h"

#include <algorithm>

#include "persist/format/bytes.h"
#include "persist/stripe/limits.h"

namespace sextant::persist {
namespace {

constexpr uint64_t kPartBytesMax = UINT32_MAX;

std::unexpected<Error> damage(std::string_view where) {
  return fail(ErrorCode::kDataLoss, "the values of rare keys do not follow the format ({})", where);
}

void put_numbers(std::string& out, std::span<const uint64_t> numbers) {
  std::string part;
  encode_ints(numbers, part);
  put_text(out, part);
}

Result<std::vector<uint64_t>> read_numbers(ByteReader& in, uint32_t count) {
  const std::string_view part = in.text(kPartBytesMax);
  if (in.failed()) return damage("numbers");
  const IntColumn column = TRY(IntColumn::open(part, count));
  std::vector<uint64_t> numbers(count);
  column.read(0, numbers);
  return numbers;
}

}  // namespace

void RareValuesWriter::add(uint32_t key, std::span<const StoredValue> values) {
  keys_.push_back(key);
  counts_.push_back(values.size());
  values_.insert(values_.end(), values.begin(), values.end());
}

void RareValuesWriter::take(Effort effort, std::string& out) {
  put_varint(out, keys_.size());
  put_numbers(out, keys_);
  put_numbers(out, counts_);
  encode_values(values_, effort, out);
  keys_.clear();
  counts_.clear();
  values_.clear();
}

Result<RareValues> RareValues::open(std::string_view bytes, uint32_t count, uint32_t text_count) {
  RareValues rare;
  ByteReader in(bytes);
  // A key has one value at least.
  const auto keys = static_cast<uint32_t>(in.varint_max(count));
  if (in.failed()) return damage("keys");
  rare.keys_ = TRY(read_numbers(in, keys));
  rare.begins_ = TRY(read_numbers(in, keys));
  if (!std::ranges::is_sorted(rare.keys_, std::ranges::less_equal())) return damage("order of keys");
  uint64_t total = 0;
  for (uint64_t& begin : rare.begins_) {
    const uint64_t values = begin;
    if (values == 0 || values > count - total) return damage("counts");
    begin = std::exchange(total, total + values);
  }
  if (total != count) return damage("counts");
  rare.begins_.push_back(total);
  ValueColumn values = TRY(ValueColumn::open(bytes.substr(bytes.size() - in.left()), count, text_count));
  rare.values_ = std::make_shared<const ValueColumn>(std::move(values));
  rare.scratch_ = std::make_shared<ValueColumn::Scratch>();
  return rare;
}

std::optional<DirectValues> RareValues::find(uint32_t number) const {
  const auto found = std::ranges::lower_bound(keys_, number);
  if (found == keys_.end() || *found != number) return std::nullopt;
  const auto place = static_cast<size_t>(found - keys_.begin());
  const auto begin = static_cast<uint32_t>(begins_[place]);
  return DirectValues(values_, begin, static_cast<uint32_t>(begins_[place + 1] - begin), scratch_);
}

}  // namespace sextant::persist
