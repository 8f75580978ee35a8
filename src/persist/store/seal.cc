// The background's thread: makes segments of full heads, lets retention look, tries again what failed.
#include <chrono>

#include "base/core/check.h"
#include "base/sys/random.h"
#include "persist/format/limits.h"
#include "persist/format/row_order.h"
#include "persist/segment/segment_writer.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"

namespace sextant::persist {
namespace {

/// How long the background sleeps at most: what is due by time alone may be late by this.
constexpr auto kBackgroundInterval = std::chrono::seconds(1);

/// Cuts sorted rows into blocks and gives them to the writer. A block ends at its number of rows, or earlier where
/// values are large.
Result<void> write_blocks(SegmentWriter& writer, const std::vector<RowRef>& rows, uint32_t block_rows) {
  for (size_t next = 0; next < rows.size();) {
    data::Batch block;
    {
      data::BatchAppender appender(block);
      do {
        appender.append(*rows[next].batch, std::span(&rows[next].row, 1));
        ++next;
      } while (next < rows.size() && block.span_count() < block_rows && block.values.byte_size() < kBlockBytesTarget);
    }
    TRY(writer.add_block(block));
  }
  return {};
}

}  // namespace

void Store::Impl::run_background(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      auto background = background_.lock();
      background_.wait_for(background, stop, kBackgroundInterval, [&] { return background->wake; });
      background->wake = false;
    }
    if (stop.stop_requested()) return;
    background_step();
  }
}

void Store::Impl::wake_background() {
  background_.lock()->wake = true;
  background_.notify_all();
}

void Store::Impl::background_step() {
  const uint64_t now = clock_.steady_nanos();
  {
    auto view = view_.lock();
    freeze_if_due(*view, seal_forced_.exchange(false));
  }
  while (try_to_seal()) {
  }
  if (last_retention_steady_ == 0 || now - last_retention_steady_ >= settings_.retention_interval_nanos) {
    last_retention_steady_ = std::max<uint64_t>(now, 1);
    retain();
  }
  show_gauges();
}

/// Seals the oldest frozen head; false when there is none, or the disk refused, or refused so lately that it is not
/// asked yet.
bool Store::Impl::try_to_seal() {
  if (clock_.steady_nanos() < seal_retry_at_steady_ || view_.lock()->frozen.empty()) return false;
  const Result<void> sealed = seal_frozen();
  if (sealed) return true;
  counters_.seal_failures.add();
  seal_retry_at_steady_ = clock_.steady_nanos() + settings_.retry_wait_nanos;
  log_.error("a segment could not be written", {{"reason", sealed.error().message()}});
  health_.lock()->seal_problem = "sealing failed: " + sealed.error().message();
  return false;
}

/// Ends the active head when it is full or old, or `force`; true when it did.
bool Store::Impl::freeze_if_due(View& view, bool force) {
  const HeadTable::Totals totals = view.active->totals();
  const uint64_t now = clock_.steady_nanos();
  if (totals.batches == 0) {
    view.active_since_steady = now;
    return false;
  }
  const bool full = totals.bytes >= settings_.seal_bytes || totals.spans >= settings_.seal_spans;
  const bool old = now - view.active_since_steady >= settings_.seal_age_nanos;
  if (!force && ((!full && !old) || view.frozen.size() >= kFrozenHeadsMax)) return false;
  view.frozen.push_back(std::move(view.active));
  view.active = std::make_shared<HeadTable>();
  view.active_since_steady = now;
  return true;
}

Result<void> Store::Impl::seal_now() {
  freeze_if_due(*view_.lock(), true);
  while (!view_.lock()->frozen.empty()) TRY(seal_frozen());
  queue_.lock()->work = true;
  queue_.notify_all();
  return {};
}

/// Makes a segment of the oldest frozen head and puts it in its place.
Result<void> Store::Impl::seal_frozen() {
  const auto one_at_a_time = sealing_.lock();
  std::shared_ptr<HeadTable> table;
  {
    const auto view = view_.lock();
    if (view->frozen.empty()) return {};
    table = view->frozen.front();
  }
  const uint64_t begin = clock_.steady_nanos();
  std::shared_ptr<Segment> segment = TRY(write_segment(*table));
  {
    // In one step, so that no reader sees its spans twice or not at all.
    auto view = view_.lock();
    CHECK(view->frozen.front() == table);
    view->frozen.erase(view->frozen.begin());
    view->segments.push_back(segment);
  }
  counters_.seal_seconds.observe_nanos(clock_.steady_nanos() - begin);
  health_.lock()->seal_problem.clear();
  log_.info("sealed",
            {{"segment", segment->path()}, {"spans", segment->info().rows}, {"bytes", segment->file_bytes()}});
  // Only now: what the log holds is on the disk a second time.
  sealed_sequence_ = segment->info().last_sequence;
  queue_.lock()->work = true;
  queue_.notify_all();
  return {};
}

Result<std::shared_ptr<Segment>> Store::Impl::write_segment(HeadTable& table) {
  const HeadTable::Totals totals = table.totals();
  const std::vector<HeadBatchPtr> batches = table.batches();
  std::vector<RowRef> rows;
  rows.reserve(totals.spans);
  for (const HeadBatchPtr& batch : batches) {
    for (const uint32_t row : batch->rows) rows.push_back({&batch->batch, row});
  }
  sort_and_collapse(rows);

  SegmentInfo info;
  info.file_id =
      settings_.scheduling == Scheduling::kCaller ? totals.last_sequence * 0x9E3779B97F4A7C15 : system_random();
  info.first_sequence = totals.first_sequence;
  info.last_sequence = totals.last_sequence;
  info.first_arrival = totals.first_arrival;
  info.last_arrival = totals.last_arrival;
  const auto history = [&table](const data::TraceId& id, UnixNanos) {
    const std::vector<HeadPlace> places = table.find(id);
    RunHistory out{HeadTable::history_of(places), places.back().batch->sequence, 0};
    for (const HeadPlace& place : places) out.last_arrival = std::max(out.last_arrival, place.batch->arrival);
    return out;
  };

  const std::string partition = layout_.segments + "/" + partition_name(info.last_arrival);
  const std::string name = segment_file_name(info);
  const std::string path = partition + "/" + name;
  const std::string temporary = path + ".tmp";
  if (!TRY(files_.exists(partition))) {
    TRY(files_.make_directories(partition));
    TRY(files_.sync_directory(layout_.segments));
  }
  if (TRY(files_.exists(temporary))) TRY(files_.remove(temporary));
  const auto write = [&]() -> Result<void> {
    SegmentWriter writer = TRY(SegmentWriter::create(files_, temporary, info, history));
    TRY(write_blocks(writer, rows, settings_.block_rows));
    TRY(writer.finish());
    TRY(files_.rename(temporary, path));
    return files_.sync_directory(partition);
  };
  const Result<void> written = write();
  if (!written) {
    (void)files_.remove(temporary);
    return std::unexpected(written.error());
  }
  return Segment::open(files_, path, name, ledger_);
}

}  // namespace sextant::persist
