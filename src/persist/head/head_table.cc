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

std::vector<HeadPlace> HeadTable::find(const data::TraceId& id) const {
  std::vector<HeadPlace> places;
  const auto index = index_.lock();
  const uint32_t trace = index->find(id);
  if (trace == data::CodeTable::kNone) return places;
  for (uint32_t i = index->traces[trace].first_place; i != kNoPlace; i = index->places[i].next) {
    places.push_back({index->batches[index->places[i].batch], index->places[i].group});
  }
  return places;
}

bool HeadTable::contains(const data::TraceId& id) const {
  return index_.lock()->find(id) != data::CodeTable::kNone;
}

std::vector<RunKey> HeadTable::run_keys(uint64_t sequence) const {
  // Over the batches rather than over the index: they are shared, so the lock is held for a copy of pointers only.
  std::unordered_map<data::TraceId, UnixNanos, data::IdHash> starts;
  for (const HeadBatchPtr& batch : batches()) {
    if (batch->sequence > sequence) break;
    for (const TraceGroup& group : batch->groups) {
      const auto [entry, fresh] = starts.try_emplace(group.trace_id, group.start_min);
      if (!fresh) entry->second = std::min(entry->second, group.start_min);
    }
  }
  std::vector<RunKey> keys;
  keys.reserve(starts.size());
  for (const auto& [id, start] : starts) keys.push_back({start, id});
  return keys;
}

std::vector<data::StartChange> HeadTable::history_of(const std::vector<HeadPlace>& places) {
  std::vector<data::StartChange> starts;
  for (const HeadPlace& place : places) note_start(starts, place.batch->sequence, place.group->start_min);
  return starts;
}

void HeadTable::sum_up(Derived& derived) const {
  const std::vector<HeadBatchPtr> all = batches();
  for (; derived.batches_summed < all.size(); ++derived.batches_summed) {
    const HeadBatch& batch = *all[derived.batches_summed];
    data::GenAiReader reader(batch.batch);
    for (const TraceGroup& group : batch.groups) {
      Run& run = derived.runs[group.trace_id];
      for (const uint32_t row : batch.rows_of(group)) run.summarizer.add(reader, row);
      run.last_arrival = std::max(run.last_arrival, batch.arrival);
    }
  }
}

std::optional<RunPart> HeadTable::run(const data::TraceId& id) {
  const std::vector<HeadPlace> places = find(id);
  if (places.empty()) return std::nullopt;
  RunPart part;
  part.starts = history_of(places);
  part.last_sequence = places.back().batch->sequence;
  auto derived = derived_.lock();
  sum_up(*derived);
  const Run& run = derived->runs.at(id);
  part.summary = run.summarizer.finish();
  part.summary.last_arrival = run.last_arrival;
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
