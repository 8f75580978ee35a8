#include "persist/scan/scan_context.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "base/core/check.h"
#include "persist/scan/limits.h"

namespace sextant::persist {

ScanContext::ScanContext(const Snapshot& snapshot, const ScanServices& services, uint64_t deadline_steady_nanos,
                         std::stop_token cancel)
    : snapshot_(snapshot),
      services_(services),
      deadline_(deadline_steady_nanos),
      cancel_(std::move(cancel)),
      hold_(services.ledger.open()),
      states_(snapshot.segments.size()) {
  end.stats.segments = snapshot.segments.size();
}

Result<void> ScanContext::check() {
  if (checks_++ % kChecksPerLook != 0) return {};
  if (cancel_.stop_requested()) return fail(ErrorCode::kCancelled, "the question was withdrawn");
  if (deadline_ != UINT64_MAX && services_.clock.steady_nanos() >= deadline_) {
    return fail(ErrorCode::kDeadlineExceeded, "the question took longer than it may");
  }
  return {};
}

Result<void> ScanContext::use_memory(uint64_t bytes) {
  if (hold_.resize(bytes)) return {};
  return fail(ErrorCode::kResourceExhausted, "the question needs {} bytes of memory, {} of {} are in use", bytes,
              services_.ledger.used_bytes(), services_.ledger.limit_bytes());
}

Result<void> ScanContext::note_damage(const Error& error) {
  const ErrorCode code = error.code();
  if (code == ErrorCode::kResourceExhausted || code == ErrorCode::kCancelled || code == ErrorCode::kDeadlineExceeded) {
    return std::unexpected(error);
  }
  note_damage(error.message());
  return {};
}

void ScanContext::note_damage(const std::string& reason) {
  const auto same = [&](const data::Damage& damage) { return damage.reason == reason; };
  if (end.damages.size() >= kDamagesMax || std::ranges::any_of(end.damages, same)) return;
  end.damages.push_back({reason});
  if (tells_ && services_.on_damage) services_.on_damage(reason);
}

void ScanContext::take(const data::ScanEnd& helper) {
  for (const data::Damage& damage : helper.damages) note_damage(damage.reason);
  end.stats.blocks_read += helper.stats.blocks_read;
  end.stats.rows_read += helper.stats.rows_read;
  end.stats.text_bytes_unfolded += helper.stats.text_bytes_unfolded;
}

std::shared_ptr<SegmentContents> ScanContext::contents(uint32_t number) {
  SegmentState& state = states_[number];
  if (!state.opened) ++end.stats.segments_opened;
  state.opened = true;
  return tables(number);
}

std::shared_ptr<SegmentContents> ScanContext::tables(uint32_t number) {
  SegmentState& state = states_[number];
  return state.asked ? state.contents : reload(number);
}

std::shared_ptr<SegmentContents> ScanContext::reload(uint32_t number) {
  SegmentState& state = states_[number];
  const bool opened = state.opened;
  state = {};
  state.asked = true;
  state.opened = opened;
  auto contents = segment(number).contents();
  if (!contents) {
    note_damage(contents.error().message());
    return nullptr;
  }
  for (const std::string& damage : (*contents)->index().damages) note_damage(damage);
  state.contents = std::move(*contents);
  return state.contents;
}

Result<std::optional<StripeReader>> ScanContext::stripe(uint32_t number, uint32_t block_number) {
  TRY(check());
  const auto known = contents(number);
  CHECK(known && block_number < known->index().blocks.size());
  const BlockEntry& block = known->index().blocks[block_number];
  ++end.stats.blocks_read;
  end.stats.rows_read += block.rows;
  Result<StripeReader> reader = segment(number).stripe(*known, block, StripeAccess::kSlices);
  if (reader) return std::optional<StripeReader>(std::move(*reader));
  TRY(note_damage(reader.error()));
  return std::optional<StripeReader>();
}

std::shared_ptr<const std::vector<RunPart>> ScanContext::runs(uint32_t number, uint32_t chunk) {
  const auto known = contents(number);
  if (!known) return nullptr;
  SegmentState& state = states_[number];
  if (state.chunk == chunk && state.runs) return state.runs;
  Result<std::vector<RunPart>> runs = segment(number).read_runs(known->index(), chunk);
  if (!runs) {
    note_damage(runs.error().message());
    return nullptr;
  }
  state.chunk = chunk;
  state.runs = std::make_shared<const std::vector<RunPart>>(std::move(*runs));
  return state.runs;
}

bool ScanContext::is_deleted(uint32_t number, const data::TraceId& id) const {
  return snapshot_.deleted && snapshot_.deleted->cover(id, segment(number).info().last_sequence);
}

Result<RowRanges> ScanContext::deleted_rows(uint32_t number) {
  if (!snapshot_.deleted) return RowRanges();
  // A second time where the first one found the index damaged: in the one made anew rows have other numbers.
  for (int attempt = 0;; ++attempt) {
    const auto before = contents(number);
    RowRanges rows;
    for (const Tombstone& tombstone : snapshot_.deleted->list()) {
      TRY(check());
      if (!is_deleted(number, tombstone.trace_id)) continue;
      const auto found = listed(number, tombstone.trace_id);
      if (found) rows.add(found->entry.first_row, found->entry.first_row + found->entry.rows);
    }
    if (attempt > 0 || contents(number) == before) {
      rows.sort();
      return rows;
    }
  }
}

std::optional<RunPart> ScanContext::part_in_segment(uint32_t number, const data::TraceId& id) {
  if (is_deleted(number, id)) return std::nullopt;
  auto found = listed(number, id);
  return found ? std::optional(std::move(found->part)) : std::nullopt;
}

std::optional<ScanContext::Listed> ScanContext::listed(uint32_t number, const data::TraceId& id) {
  // A second time where the first one found the list of runs damaged: the index is then made anew.
  auto known = contents(number);
  for (int attempt = 0; attempt < 2 && known; ++attempt) {
    bool whole = true;
    for (const TraceEntry& entry : Segment::find(known->index(), id)) {
      Result<RunPart> part = segment(number).read_run(known->index(), entry.run);
      if (!part) {
        note_damage(part.error().message());
        whole = false;
        break;
      }
      if (part->summary.trace_id == id) return Listed{entry, std::move(*part)};
    }
    if (whole) break;
    known = reload(number);
  }
  return std::nullopt;
}

Result<std::vector<RunPart>> ScanContext::parts(const data::TraceId& id) {
  std::vector<RunPart> parts;
  for (uint32_t number = 0; number < segment_count(); ++number) {
    TRY(check());
    if (auto part = part_in_segment(number, id)) parts.push_back(std::move(*part));
  }
  for (const auto& head : snapshot_.heads) {
    if (auto part = head->run(id, deleted_up_to(id))) parts.push_back(std::move(*part));
  }
  return parts;
}

Result<GatheredRows> ScanContext::gather(const data::TraceId& id, uint64_t value_bytes_max) {
  GatheredRows out = TRY(gather_from_all(id, value_bytes_max));
  if (out.has_cut_values() && sort_and_find_copies(out.rows)) {
    out = {};  // not both in memory
    out = TRY(gather_from_all(id, UINT64_MAX));
  }
  sort_and_collapse(out.rows);
  return out;
}

Result<GatheredRows> ScanContext::gather_from_all(const data::TraceId& id, uint64_t value_bytes_max) {
  GatheredRows out;
  for (uint32_t number = 0; number < segment_count(); ++number) {
    TRY(gather_from_segment(number, id, out, value_bytes_max));
  }
  for (const auto& head : snapshot_.heads) {
    for (const HeadPlace& place : head->find(id, deleted_up_to(id))) {
      TRY(check());
      const data::Batch& batch = place.batch->batch;
      for (const uint32_t row : place.batch->rows_of(*place.group)) out.rows.push_back({&batch, row});
      out.bytes += batch.byte_size() * (place.group->rows_end - place.group->rows_begin) / batch.span_count();
      out.batches.push_back(place.batch);
    }
  }
  return out;
}

Result<void> ScanContext::gather_from_segment(uint32_t number, const data::TraceId& id, GatheredRows& out,
                                              uint64_t value_bytes_max) {
  if (is_deleted(number, id)) return {};
  const auto known = contents(number);
  if (!known) return {};
  const SegmentIndex& index = known->index();
  for (const TraceEntry& entry : Segment::find(index, id)) {
    const uint32_t end_row = entry.first_row + entry.rows;
    for (uint32_t i = index.block_of(entry.first_row); i < index.blocks.size(); ++i) {
      const BlockEntry& block = index.blocks[i];
      if (block.first_row >= end_row) break;
      TRY(check());
      const uint32_t begin = std::max(entry.first_row, block.first_row) - block.first_row;
      const uint32_t stop = std::min(end_row - block.first_row, block.rows);
      TRY(gather_rows(number, block, begin, stop, id, out, value_bytes_max));
    }
  }
  return {};
}

/// Rows [begin, end) of a stripe, those of the trace.
Result<void> ScanContext::gather_rows(uint32_t number, const BlockEntry& block, uint32_t begin, uint32_t stop,
                                      const data::TraceId& id, GatheredRows& out, uint64_t value_bytes_max) {
  std::vector<uint32_t> rows(stop - begin);
  std::iota(rows.begin(), rows.end(), begin);
  auto loaded = std::make_shared<LoadedBlock>();
  ++end.stats.blocks_read;
  end.stats.rows_read += rows.size();
  const Result<uint64_t> read =
      segment(number).read_rows(*states_[number].contents, block, rows, loaded->batch, value_bytes_max);
  if (!read) return note_damage(read.error());
  end.stats.text_bytes_unfolded += *read;
  const uint64_t bytes = loaded->batch.byte_size();
  if (!services_.ledger.reserve(bytes, loaded->hold)) {
    return fail(ErrorCode::kResourceExhausted, "memory is full: {} bytes of spans cannot be read", bytes);
  }
  const size_t before = out.rows.size();
  for (uint32_t row = 0; row < loaded->batch.span_count(); ++row) {
    if (loaded->batch.spans.trace_id[row] == id) out.rows.push_back({&loaded->batch, row});
  }
  if (out.rows.size() == before) return {};
  out.bytes += bytes;
  out.blocks.push_back(std::move(loaded));
  return {};
}

bool GatheredRows::has_cut_values() const {
  return std::ranges::any_of(blocks, [](const BlockPtr& block) { return !block->batch.cut_values.empty(); });
}

bool GatheredRows::is_one_block() const {
  if (blocks.size() != 1 || blocks.front()->batch.span_count() != rows.size()) return false;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].batch != &blocks.front()->batch || rows[i].row != i) return false;
  }
  return true;
}

data::RunSummary summarize_rows(const GatheredRows& gathered) {
  data::RunSummarizer summarizer;
  std::unordered_map<const data::Batch*, std::unique_ptr<data::GenAiReader>> readers;
  for (const RowRef& ref : gathered.rows) {
    auto& reader = readers[ref.batch];
    if (!reader) reader = std::make_unique<data::GenAiReader>(*ref.batch);
    summarizer.add(*reader, ref.row);
  }
  return summarizer.finish();
}

}  // namespace sextant::persist
