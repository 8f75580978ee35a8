// Opens a store: the directory, its segments, and the tail of the log that no segment has yet.
#include <algorithm>
#include <charconv>

#include "base/core/check.h"
#include "base/sys/random.h"
#include "persist/format/limits.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"
#include "persist/store/record_decoder.h"
#include "persist/store/small_files.h"
#include "persist/wal/log_reader.h"

namespace sextant::persist {
namespace {

/// Digits of a partition's name.
constexpr size_t kPartitionDigits = 8;

/// True when a file was reserved but nothing of its first use reached the disk.
Result<bool> was_never_used(const File& file) {
  std::string head(kLogDataOffset, '\0');
  head.resize(TRY(file.read_at(0, head.data(), head.size())));
  return std::ranges::all_of(head, [](char byte) { return byte == 0; });
}

}  // namespace

Result<void> Store::Impl::recover() {
  view_.lock()->active_since_steady = clock_.steady_nanos();
  last_commit_steady_ = clock_.steady_nanos();  // what is replayed is not idle
  TRY(look_for_data());
  TRY(files_.make_directories(layout_.log));
  TRY(files_.make_directories(layout_.segments));
  directory_lock_ = TRY(files_.lock_directory(layout_.root));
  TRY(check_format());
  TRY(open_segments());
  TRY(drop_merged());
  TRY(read_sealed_file());
  TRY(read_tombstones());
  TRY(open_log());
  const auto view = view_.lock();
  uint64_t head_spans = view->active->totals().spans;
  for (const auto& head : view->frozen) head_spans += head->totals().spans;
  log_.info("store opened", {{"directory", layout_.root},
                             {"segments", view->segments.size()},
                             {"replayed_spans", head_spans},
                             {"sequence", view->sequence}});
  return {};
}

/// A directory that says it is a store and has no data is more likely a disk that was not mounted than a new store.
Result<void> Store::Impl::look_for_data() {
  if (!TRY(files_.exists(layout_.format_file())) || TRY(files_.exists(layout_.tenant))) return {};
  note_damage(fmt::format("{} was a store, and {} is gone; the store starts empty", layout_.root, layout_.tenant));
  return {};
}

/// A directory says which format it is in; one of another version is left alone.
Result<void> Store::Impl::check_format() {
  const std::string path = layout_.format_file();
  if (!TRY(files_.exists(path))) {
    TRY(write_file_atomically(files_, path, text_with_number(kFormatPrefix, kFormatVersion)));
    return files_.sync_directory(layout_.tenant);
  }
  const std::string text = TRY(read_file(files_, path, kSmallFileBytesMax));
  const auto version = number_in(text, kFormatPrefix);
  if (version == kFormatVersion) return {};
  if (!version) {
    // Every file of the store carries its version too: a damaged FORMAT alone need not keep its data away.
    note_damage(path + " does not say which format the store is in");
    return {};
  }
  return fail(ErrorCode::kFailedPrecondition,
              "{} was written in format {}, this program reads format {}; use the program that wrote it, or choose "
              "another data directory",
              layout_.root, *version, kFormatVersion);
}

Result<void> Store::Impl::open_segments() {
  for (const DirectoryEntry& entry : TRY(files_.list(layout_.segments))) {
    const bool digits = std::ranges::all_of(entry.name, [](char c) { return c >= '0' && c <= '9'; });
    if (entry.is_directory && digits && entry.name.size() == kPartitionDigits) {
      TRY(open_partition(entry.name));
    } else {
      log_.warn("a foreign file is left alone", {{"path", layout_.segments + "/" + entry.name}});
    }
  }
  auto view = view_.lock();
  std::ranges::sort(view->segments, {}, [](const auto& segment) { return segment->info().first_sequence; });
  for (const auto& segment : view->segments) {
    view->sequence = std::max(view->sequence, segment->info().last_sequence);
  }
  sealed_sequence_ = view->sequence;
  return {};
}

Result<void> Store::Impl::open_partition(const std::string& name) {
  const std::string directory = layout_.segments + "/" + name;
  // A segment whose name is seen but not durable yet must not let the log forget its data.
  TRY(files_.sync_directory(directory));
  for (const DirectoryEntry& entry : TRY(files_.list(directory))) {
    const std::string path = directory + "/" + entry.name;
    if (entry.name.ends_with(kTemporarySuffix)) {
      TRY(files_.remove(path));
      continue;
    }
    if (entry.is_directory || !parse_segment_file_name(entry.name)) {
      if (!entry.name.ends_with(kDamagedSuffix)) log_.warn("a foreign file is left alone", {{"path", path}});
      continue;
    }
    Result<std::shared_ptr<Segment>> segment = open_segment(path, entry.name, cache_);
    if (segment) {
      view_.lock()->segments.push_back(std::move(*segment));
    } else if (segment.error().code() == ErrorCode::kUnsupported) {
      return std::unexpected(segment.error());
    } else {
      note_damage(segment.error().message());
    }
  }
  return {};
}

Result<std::shared_ptr<Segment>> Store::Impl::open_segment(const std::string& path, const std::string& name,
                                                           SliceCache& cache) {
  return Segment::open(files_, path, name, ledger_, cache, [this](const std::string& reason) { note_damage(reason); });
}

/// What retention removed is sealed too; the log may still hold it.
Result<void> Store::Impl::read_sealed_file() {
  const std::string path = layout_.sealed_file();
  if (!TRY(files_.exists(path))) return {};
  const auto sequence = number_in(TRY(read_file(files_, path, kSmallFileBytesMax)), kSealedPrefix);
  if (!sequence) {
    note_damage(path + " is damaged");
    return {};
  }
  auto view = view_.lock();
  view->sequence = std::max(view->sequence, *sequence);
  sealed_sequence_ = view->sequence;
  return {};
}

Result<void> Store::Impl::open_log() {
  LogWriterSettings settings{layout_.log, settings_.log_file_bytes, settings_.log_files_spare_max, 0};
  settings.seed = settings_.scheduling == Scheduling::kCaller ? 1 : system_random();
  writer_ = std::make_unique<LogWriter>(settings, files_, clock_);

  struct Found {
    uint64_t generation;
    uint64_t base_sequence;
    uint64_t number;
    std::string name;
    std::unique_ptr<File> file;
  };
  std::vector<Found> found;
  for (const DirectoryEntry& entry : TRY(files_.list(layout_.log))) {
    const std::string path = layout_.log + "/" + entry.name;
    const auto number = entry.is_directory ? std::nullopt : log_file_number(entry.name);
    if (!number) {
      if (!entry.name.ends_with(kDamagedSuffix)) log_.warn("a foreign file is left alone", {{"path", path}});
      continue;
    }
    writer_->skip_number(*number);
    std::unique_ptr<File> file = TRY(files_.open(path, Files::Open::kReadWrite));
    std::vector<std::string> damages;
    const Result<LogFileHeader> header = read_log_header(*file, damages);
    if (header) {
      found.push_back({header->generation, header->base_sequence, *number, entry.name, std::move(file)});
    } else if (header.error().code() != ErrorCode::kDataLoss) {
      return std::unexpected(header.error());
    } else if (TRY(was_never_used(*file))) {
      TRY(files_.remove(path));
    } else {
      note_damage(path + ": " + header.error().message());
      TRY(files_.rename(path, path + std::string(kDamagedSuffix)));
    }
  }
  // By sequence first: a file whose removal was undone by a loss of power may have a generation that was given again.
  std::ranges::sort(found, {}, [](const Found& item) { return std::pair(item.base_sequence, item.generation); });
  uint64_t base_sequence = 0;
  for (Found& item : found) {
    LogScan scan;
    TRY(replay_file(item.name, *item.file, scan));
    base_sequence = std::max(base_sequence, scan.header.base_sequence);
    next_sequence_ = std::max(next_sequence_, scan.last_sequence + 1);
    writer_->adopt(item.number, std::move(item.file), scan, sealed_sequence_);
  }
  {
    // Also above the tombstones': what comes now is not deleted, though the batches that were may be lost.
    const auto view = view_.lock();
    const uint64_t deleted = view->deleted ? view->deleted->last_sequence() : 0;
    next_sequence_ = std::max({next_sequence_, base_sequence, view->sequence + 1, deleted + 1});
  }
  log_files_ = writer_->file_count();
  log_file_bytes_ = writer_->file_bytes();
  return {};
}

Result<void> Store::Impl::replay_file(const std::string& name, File& file, LogScan& scan) {
  const std::string path = layout_.log + "/" + name;
  RecordDecoder decoder(replay_helpers(), [&](const LogRecordHeader& record, std::shared_ptr<HeadBatch> head) {
    take_replayed(record, std::move(head), path);
  });
  const uint64_t sealed = view_.lock()->sequence;
  const auto visit = [&](const LogRecordHeader& record, uint64_t, std::string_view payload) -> Result<void> {
    if (record.sequence > sealed) decoder.add(record, payload);
    return {};
  };
  Result<LogScan> scanned = scan_log(file, visit, sealed_sequence_);
  decoder.finish();
  scan = TRY_CONTEXT(std::move(scanned), path);
  for (const std::string& damage : scan.damages) note_damage(path + ": " + damage);
  if (!scan.torn.empty()) {
    counters_.torn_tails.add();
    log_.warn("the log ends in an unfinished record", {{"file", path}, {"reason", scan.torn}});
  }
  return {};
}

/// Threads that decode beside the opening one. None where the caller wants every step to be its own.
unsigned Store::Impl::replay_helpers() const {
  if (settings_.scheduling == Scheduling::kCaller) return 0;
  return std::clamp(std::thread::hardware_concurrency(), 1U, kReplayThreadsMax) - 1;
}

void Store::Impl::take_replayed(const LogRecordHeader& record, std::shared_ptr<HeadBatch> head,
                                const std::string& path) {
  if (head != nullptr) {
    add_replayed(std::move(head));
  } else {
    note_damage(fmt::format("{}: record {} cannot be decoded", path, record.sequence));
  }
}

/// What was acknowledged is taken, whether the ledger has room or not. As many heads as may wait are left for the
/// background, so that the start is short; what is beyond is sealed here: a server that is killed again and again
/// before its background had time would otherwise have a longer tail at every start.
void Store::Impl::add_replayed(std::shared_ptr<HeadBatch> head) {
  bool charged = charge(*head, ledger_, 0);
  if (!charged) {
    {
      const auto view = view_.lock();
      freeze_if_due(*view, view->frozen.empty());
    }
    while (try_to_seal()) {
    }
    charged = charge(*head, ledger_, 0);
  }
  if (!charged) log_.warn("a replayed batch is larger than the memory left", {{"sequence", head->sequence}});
  counters_.replayed.add(head->rows.size());
  bool too_many = false;
  {
    auto view = view_.lock();
    view->sequence = head->sequence;
    view->active->append(std::move(head));
    if (is_full(view->active->totals())) freeze_if_due(*view, true);
    too_many = view->frozen.size() > kReplayedHeadsMax;
  }
  if (too_many) (void)try_to_seal();
}

}  // namespace sextant::persist
