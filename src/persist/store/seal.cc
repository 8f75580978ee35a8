// The background's thread: makes segments of full heads, lets retention look, tries again what failed.
#include <chrono>
#include <unordered_map>

#include "base/core/check.h"
#include "base/sys/memory.h"
#include "base/sys/random.h"
#include "persist/format/limits.h"
#include "persist/head/head_order.h"
#include "persist/segment/segment_writer.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"

namespace sextant::persist {
namespace {

/// How long the background sleeps at most: what is due by time alone may be late by this.
constexpr auto kBackgroundInterval = std::chrono::milliseconds(250);

/// A head's rows on their way into a segment, with what each batch is read by. Thread-confined.
class HeadWriting {
 public:
  explicit HeadWriting(SegmentWriter& writer) : writer_(writer) {}

  Result<void> add(const OrderedTrace& trace) {
    data::RunSummarizer summarizer;
    for (size_t begin = 0; begin < trace.rows.size();) {
      const data::Batch& batch = *trace.rows[begin].batch;
      Source& source = source_of(batch);
      rows_.clear();
      for (; begin < trace.rows.size() && trace.rows[begin].batch == &batch; ++begin) {
        rows_.push_back(trace.rows[begin].row);
        summarizer.add(source.reader, rows_.back());
      }
      TRY(writer_.add_rows(source.rows, rows_));
    }
    RunPart run;
    run.summary = summarizer.finish();
    run.summary.last_arrival = trace.last_arrival;
    run.last_sequence = trace.last_sequence;
    run.starts = trace.starts;
    writer_.end_trace(run);
    return {};
  }

 private:
  struct Source {
    Source(const data::Batch& batch, SegmentTables& tables) : rows(batch, tables), reader(batch) {}
    RowSource rows;
    data::GenAiReader reader;
  };
  Source& source_of(const data::Batch& batch) {
    if (&batch == last_batch_) return *last_source_;
    auto& known = sources_[&batch];
    if (!known) known = std::make_unique<Source>(batch, writer_.tables());
    last_batch_ = &batch;
    last_source_ = known.get();
    return *known;
  }

  SegmentWriter& writer_;
  std::vector<uint32_t> rows_;  // of one batch, kept for the next
  std::unordered_map<const data::Batch*, std::unique_ptr<Source>> sources_;
  const data::Batch* last_batch_ = nullptr;
  Source* last_source_ = nullptr;
};

}  // namespace

void Store::Impl::run_background(const std::stop_token& stop) {
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
  seal_what_waits();
  look_for_deleted();
  compact_if_due();
  if (is_idle() && !trimmed_) {
    trimmed_ = trim_log_ = true;
    queue_.lock()->work = true;
    queue_.notify_all();
  } else if (!is_idle()) {
    trimmed_ = false;
  }
  forget_if_unasked();
  manage_memory();
  if (last_retention_steady_ == 0 || now - last_retention_steady_ >= settings_.retention_interval_nanos) {
    last_retention_steady_ = std::max<uint64_t>(now, 1);
    retain();
  }
  show_gauges();
}

/// What was read for questions is worth its memory while there are some.
void Store::Impl::forget_if_unasked() {
  const uint64_t last = last_question_steady_;
  if (last == forgotten_question_steady_ || clock_.steady_nanos() - last < settings_.forget_idle_nanos) return;
  forgotten_question_steady_ = last;
  cache_.clear();
  memory_given_back_ = false;
}

/// Freed memory is kept for those who store and merge, and goes when nothing of that is left to do.
void Store::Impl::manage_memory() {
  if (!is_idle() || segment_written_.exchange(false)) {
    expect_load();
    memory_given_back_ = false;
  } else if (!memory_given_back_) {
    memory_given_back_ = true;
    give_back_memory();
  }
}

/// Nothing was stored for a while.
bool Store::Impl::is_idle() const {
  return clock_.steady_nanos() - last_commit_steady_ >= settings_.compact_idle_nanos;
}

/// Also what is due only once there is a place for it: a merge that follows then has all of it. One head only when
/// merging is behind: heads that come as fast as they are sealed would otherwise leave it no time at all.
void Store::Impl::seal_what_waits() {
  do {
    auto view = view_.lock();
    freeze_if_due(*view, seal_forced_.exchange(false));
  } while (try_to_seal() && !is_merging_behind());
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

bool Store::Impl::is_full(const HeadTable::Totals& totals) const {
  return totals.bytes >= settings_.seal_bytes || totals.spans >= settings_.seal_spans;
}

/// Ends the active head when it is full or old, or `force`; true when it did.
bool Store::Impl::freeze_if_due(View& view, bool force) {
  const HeadTable::Totals totals = view.active->totals();
  const uint64_t now = clock_.steady_nanos();
  if (totals.batches == 0) {
    view.active_since_steady = now;
    return false;
  }
  const bool old = now - view.active_since_steady >= settings_.seal_age_nanos;
  // What was deleted is to go, however little it is.
  const auto deleted = [&] { return view.deleted && view.deleted->last_sequence() >= totals.first_sequence; };
  const bool some = totals.spans >= settings_.seal_idle_spans || totals.bytes >= settings_.seal_idle_bytes;
  const bool quiet = is_idle() && (some || deleted());
  if (!force && ((!is_full(totals) && !old && !quiet) || view.frozen.size() >= kFrozenHeadsMax)) return false;
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

/// Makes a segment of the oldest frozen head and puts it in its place; of one that was deleted as a whole none.
Result<void> Store::Impl::seal_frozen() {
  const auto one_at_a_time = sealing_.lock();
  TRY(settle_tombstones());
  std::shared_ptr<HeadTable> table;
  {
    const auto view = view_.lock();
    if (view->frozen.empty()) return {};
    table = view->frozen.front();
  }
  const uint64_t begin = clock_.steady_nanos();
  std::shared_ptr<Segment> segment = TRY(write_segment(*table));
  const uint64_t last_sequence = table->totals().last_sequence;
  if (!segment) TRY(remember_sealed(last_sequence));
  {
    // In one step, so that no reader sees its spans twice or not at all.
    auto view = view_.lock();
    CHECK(view->frozen.front() == table);
    view->frozen.erase(view->frozen.begin());
    if (segment) view->segments.push_back(segment);
  }
  deleted_unsure_ = true;
  last_sealed_rows_ = segment ? segment->info().rows : 0;
  counters_.seal_seconds.observe_nanos(clock_.steady_nanos() - begin);
  health_.lock()->seal_problem.clear();
  if (segment) {
    log_.info("sealed",
              {{"segment", segment->path()}, {"spans", segment->info().rows}, {"bytes", segment->file_bytes()}});
  }
  // Only now: what the log holds is on the disk a second time.
  sealed_sequence_ = last_sequence;
  queue_.lock()->work = true;
  queue_.notify_all();
  return {};
}

/// nullptr when all of it was deleted.
Result<std::shared_ptr<Segment>> Store::Impl::write_segment(HeadTable& table) {
  const std::shared_ptr<const Tombstones> deleted = view_.lock()->deleted;
  const HeadTable::Totals totals = table.totals();
  const std::vector<HeadBatchPtr> batches = table.batches();
  SegmentInfo info;
  info.file_id =
      settings_.scheduling == Scheduling::kCaller ? totals.last_sequence * 0x9E3779B97F4A7C15 : system_random();
  info.first_sequence = totals.first_sequence;
  info.last_sequence = totals.last_sequence;
  info.first_arrival = totals.first_arrival;
  info.last_arrival = totals.last_arrival;

  const std::string partition = layout_.segments + "/" + partition_name(info.last_arrival);
  if (!TRY(files_.exists(partition))) {
    TRY(files_.make_directories(partition));
    TRY(files_.sync_directory(layout_.segments));
  }
  return publish_segment(partition, info, Effort::kNone, [&](SegmentWriter& writer) {
    HeadWriting writing(writer);
    const auto add = [&](const OrderedTrace& trace) { return writing.add(trace); };
    Result<void> added = for_each_trace(batches, deleted ? *deleted : Tombstones(), add);
    return added ? writer.finish() : std::unexpected(added.error());
  });
}

/// A segment that may have got its name but does not count, since that may not be durable. Until it is certainly gone a
/// start may read it, with rows that were deleted since.
void Store::Impl::take_back(const std::string& path, bool replaces) {
  const std::string partition = path.substr(0, path.rfind('/'));
  const auto remove = [&]() -> Result<void> {
    if (TRY(files_.exists(path))) TRY(files_.remove(path));
    return files_.sync_directory(partition);
  };
  // What it replaced had the same rows or more, and is not to be had back.
  if (replaces || !remove()) files_left_ = true;
}

/// Makes a segment under a temporary name, which becomes its own once it is whole and durable. nullptr: it has no rows,
/// and is gone.
Result<std::shared_ptr<Segment>> Store::Impl::publish_segment(
    const std::string& partition, const SegmentInfo& info, Effort effort,
    const std::function<Result<SegmentInfo>(SegmentWriter&)>& write_rows) {
  segment_written_ = true;
  const std::string name = segment_file_name(info);
  const std::string path = partition + "/" + name;
  const std::string temporary = path + kTemporarySuffix;
  if (TRY(files_.exists(temporary))) TRY(files_.remove(temporary));
  const bool replaces = TRY(files_.exists(path));
  bool renamed = false;
  const auto write = [&]() -> Result<uint64_t> {
    const SegmentWriterSettings settings{settings_.block_rows, effort};
    const auto writer = TRY(SegmentWriter::create(files_, temporary, info, settings));
    const uint64_t rows = TRY(write_rows(*writer)).rows;
    if (rows == 0) return rows;
    renamed = true;  // whatever becomes of it
    TRY(files_.rename(temporary, path));
    TRY(files_.sync_directory(partition));
    return rows;
  };
  const Result<uint64_t> written = write();
  if (!written) {
    (void)files_.remove(temporary);
    if (renamed) take_back(path, replaces);
    return std::unexpected(written.error());
  }
  if (*written == 0) {
    TRY(files_.remove(temporary));
    TRY(remove_if_empty(partition));
    return std::shared_ptr<Segment>();
  }
  return open_segment(path, name, cache_);
}

}  // namespace sextant::persist
