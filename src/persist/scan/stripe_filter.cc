#include "persist/scan/stripe_filter.h"

#include <algorithm>
#include <bit>

#include "base/core/check.h"
#include "data/model/limits.h"
#include "persist/scan/filter.h"

namespace sextant::persist {
namespace {

using data::AttributeScope;
using data::CompareOp;
using data::Condition;
using data::SpanField;
using data::SpanFilter;
using data::ValueView;

constexpr uint32_t kWordBits = 64;

bool holds(const Condition& condition, const ValueView& value) {
  return condition.op == CompareOp::kExists || compare_values(value, condition.op, condition.literal());
}

void set_bit(std::vector<uint64_t>& bits, uint32_t index) {
  bits[index / kWordBits] |= uint64_t{1} << index % kWordBits;
}
bool has_bit(std::span<const uint64_t> bits, uint32_t index) {
  return (bits[index / kWordBits] >> index % kWordBits & 1) != 0;
}
std::vector<uint64_t> bits_for(uint32_t count) {
  return std::vector<uint64_t>((count + kWordBits - 1) / kWordBits);
}

}  // namespace

std::vector<uint32_t> key_counts(const data::Batch& globals, data::KeyCode key) {
  std::vector<uint32_t> counts(globals.shapes.size());
  for (data::ShapeId shape = 1; shape < counts.size(); ++shape) {
    counts[shape] = counts[globals.shapes.parent(shape)] + (globals.shapes.last_key(shape) == key ? 1 : 0);
  }
  return counts;
}

RowSet::RowSet(uint32_t rows, bool all) : rows_(rows), words_(bits_for(rows)) {
  if (!all) return;
  std::ranges::fill(words_, UINT64_MAX);
  clear_rest();
}

void RowSet::clear_rest() {
  if (rows_ % kWordBits != 0) words_.back() &= (uint64_t{1} << rows_ % kWordBits) - 1;
}

bool RowSet::empty() const {
  return std::ranges::all_of(words_, [](uint64_t word) { return word == 0; });
}
void RowSet::keep(const RowSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}
void RowSet::join(const RowSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}
void RowSet::remove(const RowSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
}
void RowSet::invert() {
  for (uint64_t& word : words_) word = ~word;
  clear_rest();
}

std::vector<uint32_t> RowSet::list() const {
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < words_.size(); ++i) {
    for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
      rows.push_back(static_cast<uint32_t>(i * kWordBits + static_cast<size_t>(std::countr_zero(word))));
    }
  }
  return rows;
}

Result<bool> StripeFilter::segment_may_match() {
  return may_match(filter_, [](const Prospect& prospect) {
    return prospect.anywhere || std::ranges::any_of(prospect.in_stripes, &Prospect::InStripes::in_segment);
  });
}

Result<bool> StripeFilter::stripe_may_match(uint32_t stripe) {
  return may_match(filter_, [stripe](const Prospect& prospect) {
    const auto in_it = [stripe](const Prospect::InStripes& column) { return column.in_stripe(stripe); };
    return prospect.anywhere || std::ranges::any_of(prospect.in_stripes, in_it);
  });
}

/// As with zones, what is negated is not looked into.
Result<bool> StripeFilter::may_match(const SpanFilter& filter, const MayMatch& decide) {
  switch (filter.kind) {
    case SpanFilter::Kind::kAnd:
      for (const SpanFilter& child : filter.children) {
        if (!TRY(may_match(child, decide))) return false;
      }
      return true;
    case SpanFilter::Kind::kOr:
      for (const SpanFilter& child : filter.children) {
        if (TRY(may_match(child, decide))) return true;
      }
      return false;
    case SpanFilter::Kind::kNot:
      return true;
    case SpanFilter::Kind::kCondition:
      if (filter.condition.field != SpanField::kAttribute || filter.condition.op == CompareOp::kNotEqual) return true;
      return decide(*TRY(prospect_of(filter.condition)));
  }
  return true;
}

Result<const StripeFilter::Prospect*> StripeFilter::prospect_of(const Condition& condition) {
  const auto known = prospects_.find(&condition);
  if (known != prospects_.end()) return &known->second;
  Prospect prospect;
  TRY(look_for(condition, prospect));
  return &prospects_.emplace(&condition, std::move(prospect)).first->second;
}

Result<void> StripeFilter::look_for(const Condition& condition, Prospect& prospect) {
  const data::Batch& globals = contents_.globals();
  if (globals.keys.find(condition.key) == data::CodeTable::kNone) return {};
  const auto scope = condition.scope;
  if (scope == AttributeScope::kEvent) return look_in_column(condition, ColumnFamily::kEventAttribute, prospect);
  if (scope == AttributeScope::kLink) return look_in_column(condition, ColumnFamily::kLinkAttribute, prospect);
  const auto in_list = [&](const data::AttributeList& list) {
    bool present = false;
    const ValueView value = globals.attribute(list, condition.key, &present);
    return present && holds(condition, value);
  };
  if (scope == AttributeScope::kScope) {
    prospect.anywhere = std::ranges::any_of(globals.scopes, in_list, &data::Scope::attributes);
    return {};
  }
  if (scope != AttributeScope::kSpan) {
    prospect.anywhere = std::ranges::any_of(globals.resources, in_list, &data::Resource::attributes);
  }
  if (scope == AttributeScope::kResource || prospect.anywhere) return {};
  return look_in_column(condition, ColumnFamily::kSpanAttribute, prospect);
}

Result<void> StripeFilter::look_in_column(const Condition& condition, ColumnFamily family, Prospect& prospect) {
  const ColumnId id(family, contents_.globals().keys.find(condition.key));
  if (!contents_.has_column(id)) return {};
  const auto dictionary = TRY(contents_.dictionary(id));
  prospect.anywhere = TRY(dictionary_may_have(condition, id, *dictionary));
  if (prospect.anywhere || dictionary->direct() == 0) return {};
  return look_in_filters(condition, id, prospect);
}

/// Whether long values contain something is found out when a stripe that has them is read.
Result<bool> StripeFilter::dictionary_may_have(const Condition& condition, ColumnId id,
                                               const ColumnDictionary& dictionary) {
  if (condition.op != CompareOp::kContains) {
    const Bits* bits = TRY(dictionary_bits(condition, id, dictionary));
    return std::ranges::any_of(*bits, [](uint64_t word) { return word != 0; });
  }
  const bool texts_may = TRY(texts_may_satisfy(condition));
  for (uint32_t code = 0; code < dictionary.size(); ++code) {
    const StoredValue value = dictionary.value(code);
    if (value.in_texts ? texts_may : holds(condition, value.view())) return true;
  }
  return false;
}

Result<bool> StripeFilter::texts_may_satisfy(const Condition& condition) {
  if (contents_.text_table() == nullptr) return false;
  if (condition.op == CompareOp::kEqual) return condition.bytes.size() > data::kInternBytesMax;
  if (condition.op != CompareOp::kContains) return true;
  const auto known = texts_may_.find(&condition);
  if (known != texts_may_.end()) return known->second;
  const bool may = TRY(contents_.texts_may_contain(condition.bytes));
  texts_may_.emplace(&condition, may);
  return may;
}

/// Values outside the dictionary: those in the column's own slices, and those that it has as a rare key.
Result<void> StripeFilter::look_in_filters(const Condition& condition, ColumnId id, Prospect& prospect) {
  std::optional<uint64_t> hash;
  std::optional<uint64_t> rare_hash;
  if (condition.op == CompareOp::kEqual) {
    hash = filter_hash(condition.literal());
    rare_hash = rare_filter_hash(id.number, *hash);
  }
  const auto add = [&](ColumnId column, std::optional<uint64_t> wanted) -> Result<void> {
    if (!contents_.has_own_column(column)) return {};
    auto filters = TRY(contents_.filters(column));
    if (filters) {
      prospect.in_stripes.push_back({std::move(filters), wanted});
    } else {
      prospect.anywhere = true;
    }
    return {};
  };
  // Long values are in no filter.
  prospect.anywhere = TRY(texts_may_satisfy(condition));
  if (!prospect.anywhere) TRY(add(id, hash));
  if (!prospect.anywhere) TRY(add(ColumnId(id.family, kRareColumn), rare_hash));
  return {};
}

Result<RowSet> StripeFilter::matching_rows(StripeReader& stripe) {
  return rows_of(filter_, stripe);
}

Result<RowSet> StripeFilter::rows_of(const SpanFilter& filter, StripeReader& stripe) {
  switch (filter.kind) {
    case SpanFilter::Kind::kAnd: {
      RowSet rows(stripe.rows(), true);
      for (const SpanFilter& child : filter.children) {
        if (rows.empty()) break;
        rows.keep(TRY(rows_of(child, stripe)));
      }
      return rows;
    }
    case SpanFilter::Kind::kOr: {
      RowSet rows(stripe.rows());
      for (const SpanFilter& child : filter.children) rows.join(TRY(rows_of(child, stripe)));
      return rows;
    }
    case SpanFilter::Kind::kNot: {
      RowSet rows(stripe.rows());
      for (const SpanFilter& child : filter.children) rows.join(TRY(rows_of(child, stripe)));
      rows.invert();
      return rows;
    }
    case SpanFilter::Kind::kCondition:
      return rows_of_condition(filter.condition, stripe);
  }
  return RowSet(stripe.rows());
}

Result<RowSet> StripeFilter::rows_of_condition(const Condition& condition, StripeReader& stripe) {
  switch (condition.field) {
    case SpanField::kKind:
    case SpanField::kStatus:
    case SpanField::kService:
      return rows_of_numbers(condition, stripe);
    case SpanField::kDuration:
    case SpanField::kStart:
      return rows_of_times(condition, stripe);
    case SpanField::kName:
      return rows_of_names(condition, stripe);
    case SpanField::kAttribute:
      return rows_of_attribute(condition, stripe);
  }
  return RowSet(stripe.rows());
}

/// Fields with few different numbers: each is tested once.
Result<RowSet> StripeFilter::rows_of_numbers(const Condition& condition, StripeReader& stripe) {
  const data::Batch& globals = contents_.globals();
  const ColumnId id = condition.field == SpanField::kKind     ? SpanFieldColumn::kKinds
                      : condition.field == SpanField::kStatus ? SpanFieldColumn::kStatuses
                                                              : SpanFieldColumn::kResources;
  const std::vector<uint64_t> numbers = TRY(stripe.ints(id, stripe.rows()));
  const auto test = [&](uint64_t number) -> bool {
    if (condition.field != SpanField::kService) return holds(condition, ValueView::integer(unzigzag(number)));
    if (number >= globals.resources.size()) return false;
    const ValueView service = globals.attribute(globals.resources[number].attributes, "service.name");
    const bool is_text = service.type == data::ValueType::kString;
    return holds(condition, is_text ? service : ValueView::string({}));
  };
  std::map<uint64_t, bool> tested;
  RowSet rows(stripe.rows());
  uint64_t last = 0;
  bool last_holds = test(0);
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    if (numbers[row] != last) {
      last = numbers[row];
      const auto [known, fresh] = tested.try_emplace(last, false);
      if (fresh) known->second = test(last);
      last_holds = known->second;
    }
    if (last_holds) rows.add(row);
  }
  return rows;
}

Result<RowSet> StripeFilter::rows_of_times(const Condition& condition, StripeReader& stripe) {
  const auto starts = TRY(stripe.starts());
  const bool of_start = condition.field == SpanField::kStart;
  const auto ends = of_start ? starts : TRY(stripe.ends());
  RowSet rows(stripe.rows());
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    const uint64_t number = of_start ? starts[row] : std::max(starts[row], ends[row]) - starts[row];
    if (holds(condition, ValueView::integer(static_cast<int64_t>(number)))) rows.add(row);
  }
  return rows;
}

Result<RowSet> StripeFilter::rows_of_names(const Condition& condition, StripeReader& stripe) {
  RowSet rows(stripe.rows());
  const ValueSlice* slice = TRY(stripe.values(SpanFieldColumn::kNames));
  if (slice == nullptr || slice->count != stripe.rows()) {
    return fail(ErrorCode::kDataLoss, "a stripe has not as many names as rows");
  }
  const Bits bits = TRY(satisfied_values(condition, SpanFieldColumn::kNames, *slice));
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    if (has_bit(bits, row)) rows.add(row);
  }
  return rows;
}

Result<RowSet> StripeFilter::rows_of_attribute(const Condition& condition, StripeReader& stripe) {
  RowSet present(stripe.rows());
  RowSet satisfied(stripe.rows());
  const auto& scope = condition.scope;
  if (!scope || *scope == AttributeScope::kSpan) TRY(look_in_spans(condition, stripe, present, satisfied));
  if (!scope) {
    // What the span has goes before what its resource has.
    RowSet in_resource(stripe.rows());
    RowSet resource_satisfied(stripe.rows());
    TRY(look_in_tables(condition, AttributeScope::kResource, stripe, in_resource, resource_satisfied));
    resource_satisfied.remove(present);
    satisfied.join(resource_satisfied);
    present.join(in_resource);
  }
  if (scope == AttributeScope::kResource || scope == AttributeScope::kScope) {
    TRY(look_in_tables(condition, *scope, stripe, present, satisfied));
  }
  if (scope == AttributeScope::kEvent) {
    TRY(look_in_items(condition, ColumnFamily::kEventAttribute, stripe, present, satisfied));
  }
  if (scope == AttributeScope::kLink) {
    TRY(look_in_items(condition, ColumnFamily::kLinkAttribute, stripe, present, satisfied));
  }
  if (condition.op != CompareOp::kNotEqual) return satisfied;
  present.invert();
  satisfied.join(present);
  return satisfied;
}

Result<void> StripeFilter::look_in_spans(const Condition& condition, StripeReader& stripe, RowSet& present,
                                         RowSet& satisfied) {
  const data::KeyCode key = contents_.globals().keys.find(condition.key);
  if (key == data::CodeTable::kNone) return {};
  const ColumnId id(ColumnFamily::kSpanAttribute, key);
  const ValueSlice* slice = TRY(stripe.values(id));
  if (slice == nullptr) return {};
  const Bits bits = TRY(satisfied_values(condition, id, *slice));
  const bool any = std::ranges::any_of(bits, [](uint64_t word) { return word != 0; });
  // Which rows have the key matters only where a missing one counts or a resource may stand in for it.
  if (!any && condition.scope == AttributeScope::kSpan && condition.op != CompareOp::kNotEqual) return {};
  const auto shapes = TRY(stripe.shapes());
  const std::vector<uint32_t> counts = key_counts(contents_.globals(), key);
  uint64_t at = 0;
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    const uint32_t count = counts[shapes[row]];
    if (count == 0) continue;
    if (at + count > slice->count) return fail(ErrorCode::kDataLoss, "a stripe has fewer values than its rows say");
    present.add(row);
    if (has_bit(bits, static_cast<uint32_t>(at))) satisfied.add(row);
    at += count;
  }
  return {};
}

Result<void> StripeFilter::look_in_items(const Condition& condition, ColumnFamily family, StripeReader& stripe,
                                         RowSet& present, RowSet& satisfied) {
  const data::KeyCode key = contents_.globals().keys.find(condition.key);
  if (key == data::CodeTable::kNone) return {};
  const ColumnId id(family, key);
  const ValueSlice* slice = TRY(stripe.values(id));
  if (slice == nullptr) return {};
  const Bits bits = TRY(satisfied_values(condition, id, *slice));
  const auto begins = family == ColumnFamily::kEventAttribute ? TRY(stripe.event_begins()) : TRY(stripe.link_begins());
  const auto shapes = TRY(stripe.item_shapes(family));
  const std::vector<uint32_t> counts = key_counts(contents_.globals(), key);
  uint64_t at = 0;
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    for (uint32_t item = begins[row]; item < begins[row + 1]; ++item) {
      const uint32_t count = counts[shapes[item]];
      if (count == 0) continue;
      if (at + count > slice->count) return fail(ErrorCode::kDataLoss, "a stripe has fewer values than its items say");
      present.add(row);
      if (has_bit(bits, static_cast<uint32_t>(at))) satisfied.add(row);
      at += count;
    }
  }
  return {};
}

Result<void> StripeFilter::look_in_tables(const Condition& condition, AttributeScope scope, StripeReader& stripe,
                                          RowSet& present, RowSet& satisfied) {
  const data::Batch& globals = contents_.globals();
  if (globals.keys.find(condition.key) == data::CodeTable::kNone) return {};
  const bool of_resource = scope == AttributeScope::kResource;
  const size_t count = of_resource ? globals.resources.size() : globals.scopes.size();
  std::vector<uint8_t> has(count);
  std::vector<uint8_t> fits(count);
  bool any = false;
  for (size_t i = 0; i < count; ++i) {
    bool found = false;
    const ValueView value = globals.attribute(
        of_resource ? globals.resources[i].attributes : globals.scopes[i].attributes, condition.key, &found);
    has[i] = found;
    fits[i] = found && holds(condition, value);
    any = any || found;
  }
  if (!any) return {};
  const ColumnId id = of_resource ? SpanFieldColumn::kResources : SpanFieldColumn::kScopes;
  const std::vector<uint32_t> numbers = TRY(stripe.numbers(id, stripe.rows(), count));
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    if (has[numbers[row]] != 0) present.add(row);
    if (fits[numbers[row]] != 0) satisfied.add(row);
  }
  return {};
}

Result<StripeFilter::Bits> StripeFilter::satisfied_values(const Condition& condition, ColumnId id,
                                                          const ValueSlice& slice) {
  Bits bits = bits_for(slice.count);
  if (slice.is_coded() && condition.op == CompareOp::kContains) return tested_values(condition, id, slice);
  if (slice.is_coded()) {
    const Bits* wanted = TRY(dictionary_bits(condition, id, *slice.dictionary));
    std::vector<uint32_t> positions;
    slice.codes.find_any(*wanted, positions);
    for (const uint32_t position : positions) set_bit(bits, position);
    return bits;
  }
  Result<void> looked;
  TRY(slice.direct->read([&](uint32_t i, const StoredValue& value) {
    if (!looked) return;
    const Result<bool> fits = satisfies(condition, value);
    if (!fits) {
      looked = std::unexpected(fits.error());
    } else if (*fits) {
      set_bit(bits, i);
    }
  }));
  TRY(looked);
  return bits;
}

Result<const StripeFilter::Bits*> StripeFilter::dictionary_bits(const Condition& condition, ColumnId id,
                                                                const ColumnDictionary& dictionary) {
  const auto [known, fresh] = dictionaries_.try_emplace({&condition, id.packed()});
  if (!fresh) return &known->second;
  Bits& bits = known->second;
  bits = bits_for(dictionary.size());
  const bool one = condition.op == CompareOp::kEqual && condition.type == data::ValueType::kString &&
                   condition.bytes.size() <= data::kInternBytesMax;
  if (one) {
    if (const auto code = dictionary.find(condition.literal())) set_bit(bits, *code);
    return &bits;
  }
  for (uint32_t code = 0; code < dictionary.size(); ++code) {
    if (TRY(satisfies(condition, dictionary.value(code)))) set_bit(bits, code);
  }
  return &bits;
}

Result<StripeFilter::Bits> StripeFilter::tested_values(const Condition& condition, ColumnId id,
                                                       const ValueSlice& slice) {
  Bits bits = bits_for(slice.count);
  std::vector<Found>& tested = tested_[{&condition, id.packed()}];
  tested.resize(slice.dictionary->size());
  std::vector<uint32_t> codes(slice.count);
  slice.codes.read(0, codes);
  for (uint32_t i = 0; i < slice.count; ++i) {
    Found& found = tested[codes[i]];
    if (found == Found::kUnknown) {
      found = TRY(satisfies(condition, slice.dictionary->value(codes[i]))) ? Found::kYes : Found::kNo;
    }
    if (found == Found::kYes) set_bit(bits, i);
  }
  return bits;
}

Result<bool> StripeFilter::satisfies(const Condition& condition, const StoredValue& value) {
  if (!value.in_texts || condition.op == CompareOp::kExists) return holds(condition, value.view());
  // A long value is put together only where its length does not tell already.
  const auto id = static_cast<uint32_t>(value.number);
  const uint64_t bytes = contents_.text_table()->text_bytes(id);
  if (condition.op == CompareOp::kContains) {
    const bool may = value.type == data::ValueType::kString && condition.type == data::ValueType::kString &&
                     bytes >= condition.bytes.size();
    return may && TRY(texts_may_satisfy(condition)) ? text_contains(condition, id) : false;
  }
  const bool may_equal = value.type == condition.type && bytes == condition.bytes.size();
  if (!may_equal) return condition.op == CompareOp::kNotEqual;
  const std::string text = TRY(contents_.text(id));
  return holds(condition, {value.type, 0, text});
}

/// A text that goes on from one that contains it does too: of a conversation's turns the first that has it is read.
Result<bool> StripeFilter::text_contains(const Condition& condition, TextId text) {
  const TextTable& table = *contents_.text_table();
  std::vector<Found>& tested = tested_texts_[&condition];
  tested.resize(table.text_count());
  if (tested[text] != Found::kUnknown) return tested[text] == Found::kYes;
  for (TextId before = text; before != kEmptyText && tested[text] != Found::kYes; before = table.parent(before)) {
    if (tested[before] == Found::kYes) tested[text] = Found::kYes;
  }
  if (tested[text] == Found::kYes) return true;
  const std::string whole = TRY(contents_.text(text));
  const bool found = whole.find(condition.bytes) != std::string::npos;
  tested[text] = found ? Found::kYes : Found::kNo;
  return found;
}

}  // namespace sextant::persist
