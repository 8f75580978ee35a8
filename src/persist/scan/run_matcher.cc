#include "persist/scan/run_matcher.h"

#include <algorithm>

#include "persist/scan/filter.h"

namespace sextant::persist {

Result<bool> RunMatcher::segment_may_match(uint32_t number) {
  SegmentState& state = segments_[number];
  if (state.asked) return state.may_match;
  state.asked = true;
  state.may_match = false;
  state.contents = context_.tables(number);
  if (!state.contents) return false;
  state.filter = std::make_unique<StripeFilter>(filter_, *state.contents);
  const Result<bool> may = state.filter->segment_may_match();
  // A dictionary that cannot be read excludes nothing.
  if (!may) TRY(context_.note_damage(may.error()));
  state.may_match = may.value_or(true);
  if (!state.may_match) state.filter.reset();
  return state.may_match;
}

Result<const RowSet*> RunMatcher::rows(uint32_t number, uint32_t block) {
  if (!TRY(segment_may_match(number))) return nullptr;
  SegmentState& state = segments_[number];
  const auto [known, fresh] = state.stripes.try_emplace(block);
  if (!fresh) return known->second.get();
  const SegmentIndex& index = state.contents->index();
  if (!block_may_match(filter_, index.blocks[block].zone, index)) return nullptr;
  const Result<bool> may = state.filter->stripe_may_match(block);
  if (!may) TRY(context_.note_damage(may.error()));
  if (!may.value_or(true)) return nullptr;
  std::optional<StripeReader> stripe = TRY(context_.stripe(number, block));
  if (!stripe) return nullptr;
  Result<RowSet> rows = state.filter->matching_rows(*stripe);
  if (!rows) {
    TRY(context_.note_damage(rows.error()));
    return nullptr;
  }
  if (!rows->empty()) known->second = std::make_unique<RowSet>(std::move(*rows));
  return known->second.get();
}

Result<bool> RunMatcher::segment_has_match(uint32_t number, const data::TraceId& id) {
  if (context_.is_deleted(number, id)) return false;
  if (!TRY(segment_may_match(number))) return false;
  const SegmentIndex& index = segments_[number].contents->index();
  for (const TraceEntry& entry : Segment::find(index, id)) {
    const uint32_t end_row = entry.first_row + entry.rows;
    for (uint32_t i = index.block_of(entry.first_row); i < index.blocks.size(); ++i) {
      const BlockEntry& block = index.blocks[i];
      if (block.first_row >= end_row) break;
      const uint32_t begin = std::max(entry.first_row, block.first_row) - block.first_row;
      const uint32_t end = std::min(end_row - block.first_row, block.rows);
      if (TRY(stripe_has_match(number, i, begin, end, id))) return true;
    }
  }
  return false;
}

Result<bool> RunMatcher::stripe_has_match(uint32_t number, uint32_t block, uint32_t begin, uint32_t end,
                                          const data::TraceId& id) {
  const RowSet* matching = TRY(rows(number, block));
  if (matching == nullptr) return false;
  uint32_t row = begin;
  while (row < end && !matching->contains(row)) ++row;
  if (row == end) return false;
  // Two ids may share a fingerprint: the stripe knows them.
  std::optional<StripeReader> stripe = TRY(context_.stripe(number, block));
  if (!stripe) return false;
  const auto is_it = [&]() -> Result<bool> {
    TRY(stripe->trace_begins());
    return TRY(stripe->trace_id(stripe->trace_of(row))) == id;
  };
  const Result<bool> found = is_it();
  if (!found) TRY(context_.note_damage(found.error()));
  return found.value_or(false);
}

Result<bool> RunMatcher::run_has_match(const data::TraceId& id) {
  for (const auto& head : context_.snapshot().heads) {
    for (const HeadPlace& place : head->find(id, context_.deleted_up_to(id))) {
      const SpanMatcher matcher(filter_, place.batch->batch);
      for (const uint32_t row : place.batch->rows_of(*place.group)) {
        if (matcher.matches(row)) return true;
      }
    }
  }
  for (uint32_t number = 0; number < context_.segment_count(); ++number) {
    TRY(context_.check());
    if (TRY(segment_has_match(number, id))) return true;
  }
  return false;
}

}  // namespace sextant::persist
