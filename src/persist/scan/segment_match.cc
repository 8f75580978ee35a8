#include "persist/scan/segment_match.h"

#include "persist/scan/filter.h"
#include "persist/scan/limits.h"

namespace sextant::persist {

Result<bool> RunMatcher::segment_has_match(uint32_t number, const data::TraceId& id) {
  SegmentState& state = segments_[number];
  if (excluded_by_names(number)) return false;
  if (!state.tested && state.asked++ < kTestedSinglyMax) return test_run(number, id);
  if (!state.tested) TRY(test_segment(number));
  return state.matching.contains(id);
}

Result<bool> RunMatcher::run_has_match(const data::TraceId& id) {
  for (const auto& head : context_.snapshot().heads) {
    for (const HeadPlace& place : head->find(id)) {
      const SpanMatcher matcher(filter_, place.batch->batch);
      for (const uint32_t row : place.batch->rows_of(*place.group)) {
        if (matcher.matches(row)) return true;
      }
    }
  }
  for (uint32_t number = 0; number < context_.segment_count(); ++number) {
    const auto index = context_.index(number);
    if (!index || Segment::find(*index, id).empty()) continue;
    if (TRY(segment_has_match(number, id))) return true;
  }
  return false;
}

bool RunMatcher::excluded_by_names(uint32_t number) {
  SegmentState& state = segments_[number];
  if (state.names_asked) return state.excluded;
  state.names_asked = true;
  const Result<NamesTable> names = context_.segment(number).read_names();
  if (names) {
    state.excluded = !names_may_match(filter_, *names);
  } else {
    context_.note_damage(names.error().message());
  }
  return state.excluded;
}

Result<bool> RunMatcher::test_run(uint32_t number, const data::TraceId& id) {
  GatheredRows rows;
  TRY(context_.gather_from_segment(number, id, rows));
  for (size_t i = 0; i < rows.rows.size();) {
    const data::Batch& batch = *rows.rows[i].batch;
    const SpanMatcher matcher(filter_, batch);
    for (; i < rows.rows.size() && rows.rows[i].batch == &batch; ++i) {
      if (matcher.matches(rows.rows[i].row)) return true;
    }
  }
  return false;
}

Result<void> RunMatcher::test_segment(uint32_t number) {
  SegmentState& state = segments_[number];
  state.tested = true;
  const auto index = context_.index(number);
  for (uint32_t i = 0; index && i < index->blocks.size(); ++i) {
    if (!block_may_match(filter_, index->blocks[i].zone, *index)) continue;
    TRY(context_.check());
    const BlockPtr block = TRY(context_.block(number, i));
    if (!block) continue;
    const SpanMatcher matcher(filter_, block->batch);
    for (uint32_t row = 0; row < block->batch.span_count(); ++row) {
      if (matcher.matches(row)) state.matching.insert(block->batch.spans.trace_id[row]);
    }
  }
  return {};
}

}  // namespace sextant::persist
