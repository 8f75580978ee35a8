#include "persist/head/head_table.h"

#include <algorithm>
#include <utility>

#include "base/core/check.h"

namespace sextant::persist {

void HeadTable::append(HeadBatchPtr batch) {
  auto index = index_.lock();
  Totals& totals = index->totals;
  CHECK(totals.batches == 0 || batch->sequence > totals.last_sequence);
  const auto number = static_cast<uint32_t>(index->batches.size());
  for (const TraceGroup& group : batch->groups) {
    const auto place = static_cast<uint32_t>(index->places.size());
    const auto next = static_cast<uint32_t>(index->traces.size());
    index->places.push_back({&group, number});
    const uint32_t trace = index->trace_of.find_or_insert(
        data::IdHash()(group.trace_id), next, [&](uint32_t other) { return index->id_of(other) == group.trace_id; });
    if (trace == data::CodeTable::kNone) {
      index->traces.push_back({place, place});
    } else {
      index->places[std::exchange(index->traces[trace].last_place, place)].next = place;
    }
  }
  if (totals.batches == 0) totals.first_sequence = batch->sequence;
  ++totals.batches;
  totals.last_sequence = batch->sequence;
  totals.spans += batch->rows.size();
  totals.bytes += batch->hold.bytes();
  totals.first_arrival = std::min(totals.first_arrival, batch->arrival);
  totals.last_arrival = std::max(totals.last_arrival, batch->arrival);
  totals.start_min = std::min(totals.start_min, batch->start_min);
  totals.end_max = std::max(totals.end_max, batch->end_max);
  index->batches.push_back(std::move(batch));
}

HeadTable::Totals HeadTable::totals() const {
  return index_.lock()->totals;
}

std::vector<HeadBatchPtr> HeadTable::batches() const {
  return index_.lock()->batches;
}

std::vector<HeadPlace> HeadTable::find(const data::TraceId& id, uint64_t deleted_up_to) const {
  std::vector<HeadPlace> places;
  const auto index = index_.lock();
  const uint32_t trace = index->find(id);
  if (trace == data::CodeTable::kNone) return places;
  for (uint32_t i = index->traces[trace].first_place; i != kNoPlace; i = index->places[i].next) {
    const HeadBatchPtr& batch = index->batches[index->places[i].batch];
    if (deleted_up_to == 0 || batch->sequence > deleted_up_to) places.push_back({batch, index->places[i].group});
  }
  return places;
}

bool HeadTable::contains(const data::TraceId& id) const {
  return index_.lock()->find(id) != data::CodeTable::kNone;
}

std::vector<RunKey> HeadTable::run_keys(uint64_t sequence, const Tombstones* deleted) const {
  std::vector<RunKey> keys;
  for (const HeadBatchPtr& batch : batches()) {
    if (batch->sequence > sequence) break;
    for (const TraceGroup& group : batch->groups) {
      if (deleted != nullptr && deleted->cover(group.trace_id, batch->sequence)) continue;
      keys.push_back({group.start_min, group.trace_id});
    }
  }
  return keys;
}

std::vector<data::StartChange> HeadTable::history_of(const std::vector<HeadPlace>& places) {
  std::vector<data::StartChange> starts;
  for (const HeadPlace& place : places) note_start(starts, place.batch->sequence, place.group->start_min);
  return starts;
}

std::optional<RunPart> HeadTable::run(const data::TraceId& id, uint64_t deleted_up_to) const {
  const std::vector<HeadPlace> places = find(id, deleted_up_to);
  if (places.empty()) return std::nullopt;
  data::RunSummarizer summarizer;
  RunPart part;
  UnixNanos last_arrival = 0;
  for (const HeadPlace& place : places) {
    data::GenAiReader reader(place.batch->batch);
    for (const uint32_t row : place.batch->rows_of(*place.group)) summarizer.add(reader, row);
    last_arrival = std::max(last_arrival, place.batch->arrival);
  }
  part.summary = summarizer.finish();
  part.summary.last_arrival = last_arrival;
  part.starts = history_of(places);
  part.last_sequence = places.back().batch->sequence;
  return part;
}

NamesTable HeadTable::names() {
  auto derived = derived_.lock();
  const std::vector<HeadBatchPtr> all = batches();
  for (; derived->batches_named < all.size(); ++derived->batches_named) {
    derived->names.add(all[derived->batches_named]->batch);
  }
  return derived->names;
}

}  // namespace sextant::persist
