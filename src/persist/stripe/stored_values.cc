#include "persist/stripe/stored_values.h"

#include <algorithm>

#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

using data::ValueType;

/// In place of a tag: the values have different ones, listed first.
constexpr uint8_t kMixed = 0xFF;
constexpr uint64_t kPartBytesMax = UINT32_MAX;

uint8_t tag_of(const StoredValue& value) {
  return static_cast<uint8_t>(static_cast<uint8_t>(value.type) << 1 | (value.in_texts ? 1 : 0));
}
ValueType type_of(uint8_t tag) {
  return static_cast<ValueType>(tag >> 1);
}
bool in_texts(uint8_t tag) {
  return (tag & 1) != 0;
}
bool has_bytes(ValueType type) {
  return type == ValueType::kString || type >= ValueType::kBytes;
}
/// Integers of either sign are small after zigzag; the bits of a double are not.
bool is_signed(uint8_t tag) {
  return type_of(tag) == ValueType::kInt && !in_texts(tag);
}
/// What tag a value may have: only what has bytes can lie among the texts.
bool is_tag(uint8_t tag) {
  return tag >> 1 <= data::kValueTypeLast && (!in_texts(tag) || has_bytes(type_of(tag)));
}

std::unexpected<Error> damage(std::string_view where) {
  return fail(ErrorCode::kDataLoss, "a list of values does not follow the format ({})", where);
}

void put_part(std::string& out, uint8_t tag, std::span<const StoredValue> values, Effort effort) {
  std::string part;
  if (has_bytes(type_of(tag)) && !in_texts(tag)) {
    std::vector<std::string_view> texts;
    for (const StoredValue& value : values) {
      if (tag_of(value) == tag) texts.push_back(value.bytes);
    }
    encode_texts(texts, effort, part);
  } else {
    std::vector<uint64_t> numbers;
    for (const StoredValue& value : values) {
      if (tag_of(value) != tag) continue;
      numbers.push_back(is_signed(tag) ? zigzag(value.number) : static_cast<uint64_t>(value.number));
    }
    encode_ints(numbers, part);
  }
  put_text(out, part);
}

}  // namespace

void encode_values(std::span<const StoredValue> values, Effort effort, std::string& out) {
  std::vector<uint32_t> tags;
  tags.reserve(values.size());
  uint32_t present = 0;
  for (const StoredValue& value : values) {
    tags.push_back(tag_of(value));
    present |= 1U << tags.back();
  }
  const bool mixed = (present & (present - 1)) != 0;
  put_u8(out, mixed || values.empty() ? kMixed : static_cast<uint8_t>(tags.front()));
  if (mixed || values.empty()) {
    std::string part;
    encode_codes(tags, part);
    put_text(out, part);
  }
  for (uint8_t tag = 0; tag < 32; ++tag) {
    if ((present >> tag & 1) != 0 && type_of(tag) != ValueType::kEmpty) put_part(out, tag, values, effort);
  }
}

Result<ValueColumn> ValueColumn::open(std::string_view bytes, uint32_t count, uint32_t text_count) {
  ValueColumn column;
  column.count_ = count;
  ByteReader in(bytes);
  const uint8_t tag = in.u8();
  std::array<uint32_t, kTags> counts{};
  if (in.failed()) return damage("tag");
  if (tag != kMixed) {
    if (!is_tag(tag) || count == 0) return damage("tag");
    column.single_tag_ = tag;
    counts[tag] = count;
  } else {
    const std::string_view part = in.text(kPartBytesMax);
    if (in.failed()) return damage("tags");
    const CodeColumn tags = TRY(CodeColumn::open(part, count));
    std::vector<uint32_t> wide(count);
    tags.read(0, wide);
    column.tags_.resize(count);
    column.rank_.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      if (wide[i] >= kTags || !is_tag(static_cast<uint8_t>(wide[i]))) return damage("tags");
      column.tags_[i] = static_cast<uint8_t>(wide[i]);
      column.rank_[i] = counts[wide[i]]++;
    }
  }
  TRY(column.open_parts(counts, bytes.substr(bytes.size() - in.left()), text_count));
  return column;
}

Result<void> ValueColumn::open_parts(std::span<const uint32_t> counts, std::string_view bytes, uint32_t text_count) {
  ByteReader in(bytes);
  for (uint8_t tag = 0; tag < kTags; ++tag) {
    if (counts[tag] == 0) continue;
    Part& part = parts_.emplace_back();
    part.tag = tag;
    part.count = counts[tag];
    if (type_of(tag) == ValueType::kEmpty) continue;
    const std::string_view raw = in.text(kPartBytesMax);
    if (in.failed()) return damage("part");
    TRY(open_part(part, raw, text_count));
  }
  return in.at_end() ? Result<void>{} : damage("end");
}

Result<void> ValueColumn::open_part(Part& part, std::string_view bytes, uint32_t text_count) const {
  if (has_bytes(type_of(part.tag)) && !in_texts(part.tag)) {
    part.texts = TRY(TextColumn::open(bytes, part.count));
    return {};
  }
  part.numbers = TRY(IntColumn::open(bytes, part.count));
  if (in_texts(part.tag) && part.numbers->max() >= text_count) return damage("a text that is not there");
  if (type_of(part.tag) == ValueType::kBool && part.numbers->max() > 1) return damage("a truth value");
  return {};
}

/// Requires: the tag occurs.
const ValueColumn::Part& ValueColumn::part_of(uint8_t tag) const {
  return *std::ranges::find(parts_, tag, &Part::tag);
}

Result<StoredValue> ValueColumn::at(uint32_t index, Scratch& scratch) const {
  const uint8_t tag = tags_.empty() ? single_tag_ : tags_[index];
  const uint32_t rank = tags_.empty() ? index : rank_[index];
  const Part& part = part_of(tag);
  StoredValue value{type_of(tag), in_texts(tag), 0, {}};
  if (part.texts) {
    if (scratch.tag != tag) scratch.unfolded.first = TextColumn::Unfolded::kNone;
    scratch.tag = tag;
    TRY(part.texts->at(rank, scratch.unfolded, scratch.bytes));
    value.bytes = scratch.bytes;
  } else if (part.numbers) {
    const uint64_t raw = part.numbers->at(rank);
    value.number = is_signed(tag) ? unzigzag(raw) : static_cast<int64_t>(raw);
  }
  return value;
}

Result<void> ValueColumn::read(const std::function<void(uint32_t, const StoredValue&)>& visit) const {
  // Texts are unfolded part by part, so values come in the order of their tags there.
  std::array<std::vector<uint32_t>, kTags> places;
  for (uint32_t i = 0; i < tags_.size(); ++i) places[tags_[i]].push_back(i);
  for (const Part& part : parts_) {
    const uint8_t tag = part.tag;
    const auto place = [&](uint32_t rank) { return tags_.empty() ? rank : places[tag][rank]; };
    if (part.texts) {
      TRY(part.texts->read(0, part.count, [&](uint32_t rank, std::string_view bytes) {
        visit(place(rank), {type_of(tag), false, 0, bytes});
      }));
      continue;
    }
    for (uint32_t rank = 0; rank < part.count; ++rank) {
      const uint64_t raw = part.numbers ? part.numbers->at(rank) : 0;
      visit(place(rank), {type_of(tag), in_texts(tag), is_signed(tag) ? unzigzag(raw) : static_cast<int64_t>(raw), {}});
    }
  }
  return {};
}

Result<void> DirectValues::read(const std::function<void(uint32_t, const StoredValue&)>& visit) const {
  if (!scratch_) return column_->read(visit);
  for (uint32_t i = 0; i < count_; ++i) visit(i, TRY(column_->at(begin_ + i, *scratch_)));
  return {};
}

}  // namespace sextant::persist
