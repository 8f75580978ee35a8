#include "persist/stripe/column_filter.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/core/hash.h"
#include "persist/format/bloom.h"
#include "persist/format/bytes.h"
#include "persist/format/limits.h"
#include "persist/stripe/limits.h"
#include "persist/stripe/rare_values.h"

namespace sextant::persist {
namespace {

constexpr uint64_t kNumberSeed = 0x5345585446494C54;
constexpr double kIntEnd = 9223372036854775808.0;  // the first double above every int

uint64_t hash_number(data::ValueType type, uint64_t number) {
  uint64_t hash = (number + static_cast<uint64_t>(type)) ^ kNumberSeed;
  for (int round = 0; round < 2; ++round) {
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15;
  }
  return hash ^ hash >> 29;
}

/// A double that is an int, as that: the two compare equal.
std::optional<int64_t> whole_number(const data::ValueView& value) {
  if (value.type == data::ValueType::kInt) return value.number;
  if (value.type != data::ValueType::kDouble) return std::nullopt;
  const double number = value.as_double();
  if (!(number >= -kIntEnd && number < kIntEnd) || number != std::trunc(number)) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::unexpected<Error> damage() {
  return fail(ErrorCode::kDataLoss, "the filters of a column do not follow the format");
}

}  // namespace

uint64_t filter_hash(const data::ValueView& value) {
  if (const auto number = whole_number(value)) {
    return hash_number(data::ValueType::kInt, static_cast<uint64_t>(*number));
  }
  const bool has_bytes = value.type == data::ValueType::kString || value.type >= data::ValueType::kBytes;
  if (has_bytes) return hash64(value.bytes, static_cast<uint64_t>(value.type));
  return hash_number(value.type, static_cast<uint64_t>(value.number));
}

uint64_t rare_filter_hash(uint32_t key, uint64_t hash) {
  return hash_number(data::ValueType::kEmpty, hash + key * 0xBF58476D1CE4E5B9);
}

bool ColumnFiltersWriter::is_filtered(ColumnId id) {
  return id.family == ColumnFamily::kSpanAttribute || id.family == ColumnFamily::kEventAttribute ||
         id.family == ColumnFamily::kLinkAttribute;
}

void ColumnFiltersWriter::add_direct(ColumnId id, std::span<const StoredValue> values) {
  if (!is_filtered(id)) return;
  hashes_.clear();
  for (const StoredValue& value : values) {
    if (!value.in_texts) hashes_.push_back(filter_hash(value.view()));
  }
  add(id, hashes_);
}

void ColumnFiltersWriter::add_rare(ColumnId id, std::span<const StoredValue> values) {
  std::vector<uint64_t>& hashes = rare_[id.family];
  for (const StoredValue& value : values) {
    if (!value.in_texts) hashes.push_back(rare_filter_hash(id.number, filter_hash(value.view())));
  }
}

void ColumnFiltersWriter::end_stripe() {
  for (auto& [family, hashes] : rare_) {
    add(ColumnId(family, kRareColumn), hashes);
    hashes.clear();
  }
  ++stripe_;
}

void ColumnFiltersWriter::add(ColumnId id, std::span<const uint64_t> hashes) {
  if (hashes.empty()) return;
  Column& column = columns_[id];
  put_varint(column.heads, stripe_ - column.last_stripe);
  put_varint(column.heads, hashes.size());
  put_bloom(hashes, column.filters);
  column.last_stripe = stripe_;
  ++column.stripes;
}

bool ColumnFiltersWriter::encode(ColumnId id, std::string& out) const {
  const auto known = columns_.find(id);
  if (known == columns_.end()) {
    put_varint(out, 0);
    return true;
  }
  const Column& column = known->second;
  if (column.heads.size() + column.filters.size() > kColumnFiltersBytesMax) return false;
  put_varint(out, column.stripes);
  out.append(column.heads);
  out.append(column.filters);
  return true;
}

uint64_t ColumnFiltersWriter::byte_size() const {
  uint64_t bytes = 0;
  for (const auto& [id, column] : columns_) {
    bytes += sizeof(Column) + column.heads.capacity() + column.filters.capacity();
  }
  return bytes;
}

Result<ColumnFilters> ColumnFilters::decode(std::string_view bytes) {
  ByteReader in(bytes);
  ColumnFilters filters;
  filters.stripes_.resize(in.count(2, kBlocksMax));
  uint64_t number = 0;
  uint64_t offset = 0;
  for (Stripe& stripe : filters.stripes_) {
    const uint64_t gap = in.varint_max(kBlocksMax);
    number += gap;
    if (gap == 0 && &stripe != filters.stripes_.data()) in.fail();
    if (number > kBlocksMax) in.fail();
    const uint64_t values = in.varint_max(kColumnFiltersBytesMax);
    stripe = {static_cast<uint32_t>(number), values, offset, bloom_bytes(values)};
    offset += stripe.bytes;
    if (in.failed()) return damage();
  }
  filters.bits_ = in.bytes(offset);
  if (in.failed() || !in.at_end()) return damage();
  return filters;
}

bool ColumnFilters::may_have(uint64_t hash) const {
  return std::ranges::any_of(stripes_, [&](const Stripe& stripe) { return bloom_may_have(filter_of(stripe), hash); });
}

const ColumnFilters::Stripe* ColumnFilters::find(uint32_t stripe) const {
  const auto found = std::ranges::lower_bound(stripes_, stripe, {}, &Stripe::number);
  return found != stripes_.end() && found->number == stripe && found->values > 0 ? &*found : nullptr;
}

bool ColumnFilters::stripe_may_have(uint32_t stripe, uint64_t hash) const {
  const Stripe* found = find(stripe);
  return found != nullptr && bloom_may_have(filter_of(*found), hash);
}

uint64_t ColumnFilters::value_count() const {
  uint64_t values = 0;
  for (const Stripe& stripe : stripes_) values += stripe.values;
  return values;
}

}  // namespace sextant::persist
