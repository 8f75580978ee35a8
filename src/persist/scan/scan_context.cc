#include "persist/scan/scan_context.h"

#include <algorithm>
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
  if (services_.on_damage) services_.on_damage(reason);
}

std::shared_ptr<const SegmentIndex> ScanContext::index(uint32_t number) {
  SegmentState& state = states_[number];
  if (state.asked) return state.index;
  ++end.stats.segments_opened;
  return reload_index(number);
}

std::shared_ptr<const SegmentIndex> ScanContext::reload_index(uint32_t number) {
  SegmentState& state = states_[number];
  state = {};
  state.asked = true;
  auto index = segment(number).index();
  if (!index) {
    note_damage(index.error().message());
    return nullptr;
  }
  for (const std::string& damage : (*index)->damages) note_damage(damage);
  state.index = std::move(*index);
  return state.index;
}

Result<BlockPtr> ScanContext::block(uint32_t number, uint32_t block_number) {
  const auto same = [&](const CachedBlock& c) { return c.segment == number && c.block == block_number; };
  const auto cached = std::ranges::find_if(blocks_, same);
  if (cached != blocks_.end()) return cached->content;
  const auto known = index(number);
  CHECK(known && block_number < known->blocks.size());
  ++end.stats.blocks_read;
  Result<data::Batch> batch = segment(number).read_block(known->blocks[block_number]);
  BlockPtr content;
  if (batch) {
    auto loaded = std::make_shared<LoadedBlock>();
    loaded->batch = std::move(*batch);
    if (!services_.ledger.reserve(loaded->batch.byte_size(), loaded->hold)) {
      return fail(ErrorCode::kResourceExhausted, "memory is full: a block of {} bytes cannot be read",
                  loaded->batch.byte_size());
    }
    end.stats.rows_read += loaded->batch.span_count();
    content = std::move(loaded);
  } else {
    TRY(note_damage(batch.error()));
  }
  blocks_.push_back({number, block_number, content});
  if (blocks_.size() > kBlocksCached) blocks_.pop_front();
  return content;
}

std::shared_ptr<const std::vector<RunPart>> ScanContext::runs(uint32_t number, uint32_t chunk) {
  const auto known = index(number);
  if (!known) return nullptr;
  SegmentState& state = states_[number];
  if (state.chunk == chunk && state.runs) return state.runs;
  Result<std::vector<RunPart>> runs = segment(number).read_runs(*known, chunk);
  if (!runs) {
    note_damage(runs.error().message());
    return nullptr;
  }
  state.chunk = chunk;
  state.runs = std::make_shared<const std::vector<RunPart>>(std::move(*runs));
  return state.runs;
}

std::optional<RunPart> ScanContext::part_in_segment(uint32_t number, const data::TraceId& id) {
  // A second time where the first one found the list of runs damaged: the index is then made anew.
  auto known = index(number);
  for (int attempt = 0; attempt < 2 && known; ++attempt) {
    bool whole = true;
    for (const TraceEntry& entry : Segment::find(*known, id)) {
      const uint32_t chunk = Segment::chunk_of(*known, entry.run);
      const auto runs = this->runs(number, chunk);
      const uint32_t first = known->rebuilt ? chunk * kRunChunkRuns : known->chunks[chunk].first_run;
      if (!runs || entry.run - first >= runs->size()) {
        whole = false;
        break;
      }
      const RunPart& part = (*runs)[entry.run - first];
      if (part.summary.trace_id == id) return part;
    }
    if (whole) break;
    known = reload_index(number);
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
    if (auto part = head->run(id)) parts.push_back(std::move(*part));
  }
  return parts;
}

Result<GatheredRows> ScanContext::gather(const data::TraceId& id) {
  GatheredRows out;
  for (uint32_t number = 0; number < segment_count(); ++number) TRY(gather_from_segment(number, id, out));
  for (const auto& head : snapshot_.heads) {
    for (const HeadPlace& place : head->find(id)) {
      TRY(check());
      const data::Batch& batch = place.batch->batch;
      for (const uint32_t row : place.batch->rows_of(*place.group)) out.rows.push_back({&batch, row});
      out.bytes += batch.byte_size() * (place.group->rows_end - place.group->rows_begin) / batch.span_count();
      out.batches.push_back(place.batch);
    }
  }
  sort_and_collapse(out.rows);
  return out;
}

Result<void> ScanContext::gather_from_segment(uint32_t number, const data::TraceId& id, GatheredRows& out) {
  const auto known = index(number);
  if (!known) return {};
  for (const TraceEntry& entry : Segment::find(*known, id)) {
    const uint32_t end_row = entry.first_row + entry.rows;
    for (uint32_t i = known->block_of(entry.first_row); i < known->blocks.size(); ++i) {
      const BlockEntry& block_entry = known->blocks[i];
      if (block_entry.first_row >= end_row) break;
      TRY(check());
      const BlockPtr content = TRY(block(number, i));
      if (!content) continue;
      const uint32_t begin = std::max(entry.first_row, block_entry.first_row) - block_entry.first_row;
      const uint32_t stop = std::min(end_row - block_entry.first_row, block_entry.rows);
      const size_t before = out.rows.size();
      for (uint32_t row = begin; row < stop; ++row) {
        if (content->batch.spans.trace_id[row] == id) out.rows.push_back({&content->batch, row});
      }
      if (out.rows.size() == before) continue;
      out.bytes += content->hold.bytes() * (out.rows.size() - before) / block_entry.rows;
      out.blocks.push_back(content);
    }
  }
  return {};
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
