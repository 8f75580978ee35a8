// The inside of the store: what its parts (commit.cc, seal.cc, recover.cc, retention.cc) share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/core/guarded.h"
#include "persist/scan/scan.h"
#include "persist/segment/segment_writer.h"
#include "persist/store/layout.h"
#include "persist/store/store.h"
#include "persist/wal/log_writer.h"

namespace sextant::persist {

/// Internally locked. Which thread calls what is said at each part.
class Store::Impl {
 public:
  Impl(const StoreSettings& settings, Files& files, const Clock& clock, StoreMemory memory, Metrics& metrics, Log& log);
  ~Impl();

  // Any thread.
  void consume(data::Batch&& batch, LedgerHold&& hold, data::ConsumeDone done);
  Result<data::ScanEnd> scan(const data::ScanSpec& spec, data::ScanSink& sink);
  Result<data::NamesEnd> names(const data::NamesSpec& spec);
  Result<data::AggregateEnd> aggregate(const data::AggregateSpec& spec);
  Result<void> erase_trace(const data::TraceId& id);
  uint64_t sequence() const {
    const auto view = view_.lock();
    return view->sequence + view->deletions;
  }
  StoreStatus status() const;
  Result<void> seal_now();

  // recover.cc. Thread: the opening one, before there are others.
  Result<void> recover();
  void start();
  Result<void> close();

  /// Scheduling::kCaller: a step of the log, then one of the background.
  void tick();

 private:
  /// A batch on its way to the log.
  struct Pending {
    std::shared_ptr<HeadBatch> head;
    std::string payload;
    uint32_t checksum = 0;
    data::ConsumeDone done;
  };
  struct Queue {
    std::vector<Pending> items;
    uint64_t bytes = 0;
    size_t wake_at = 1;  // batches at which the log's thread wants to be woken
    bool closed = false;
    bool work = false;  // something besides batches: files to release
  };
  /// What there is. Readers copy it.
  struct View {
    std::vector<std::shared_ptr<HeadTable>> frozen;  // waiting to be sealed, oldest first
    std::shared_ptr<HeadTable> active = std::make_shared<HeadTable>();
    uint64_t active_since_steady = 0;
    std::vector<std::shared_ptr<Segment>> segments;  // by sequence
    uint64_t sequence = 0;
    uint64_t deletions = 0;                     // since the start
    std::shared_ptr<const Tombstones> deleted;  // null: there are none
  };
  struct Health {
    std::optional<Error> refused;  // why batches are refused; nothing: they are not
    uint64_t retry_at_steady = 0;  // when the disk is tried again
    std::string seal_problem;      // of the last seal; empty: it went well
  };
  struct Background {
    bool wake = false;
  };
  /// Own metrics.
  struct Counters {
    explicit Counters(Metrics& metrics);
    Counter& stored;
    Counter& refused;
    Counter& replayed;
    Counter& log_bytes;
    Counter& log_failures;
    Counter& seal_failures;
    Counter& compactions;
    Counter& compact_failures;
    Counter& removed_by_age;
    Counter& removed_by_bytes;
    Counter& damages;
    Counter& torn_tails;
    Counter& scan_blocks;
    Counter& scan_text_bytes;
    Histogram& sync_seconds;
    Histogram& seal_seconds;
    Histogram& compact_seconds;
    Histogram& scan_runs;
    Histogram& scan_spans;
    Histogram& scan_names;
    Histogram& scan_aggregate;
    Gauge& queue;
    Gauge& writable;
    Gauge& head_spans;
    Gauge& head_bytes;
    Gauge& segments;
    Gauge& segment_bytes;
  };

  std::string take_payload();                     // any thread
  void give_back_payload(std::string&& payload);  // any thread

  // commit.cc. Thread: the log's (or the ticking one), except where said.
  void run_log(const std::stop_token& stop);
  bool wait_for_work(const std::stop_token& stop, std::vector<Pending>& items);
  uint64_t pace_nanos() const;
  void commit_waiting(std::vector<Pending> items);
  void commit(std::vector<Pending>& items);
  Result<void> write_group(std::vector<Pending>& items);
  void number(std::vector<Pending>& items);
  Result<void> timed_sync();
  void publish(std::vector<Pending>& items);
  void refuse(std::vector<Pending>& items, const Error& error);
  std::optional<Error> refusal() const;  // any thread
  void sync_if_due();
  void release_sealed();
  void note_health(std::optional<Error> refused);

  // seal.cc. Thread: the background's (or the ticking one), except where said.
  void run_background(const std::stop_token& stop);
  void background_step();
  bool is_idle() const;
  void forget_if_unasked();
  void manage_memory();
  bool is_full(const HeadTable::Totals& totals) const;  // any thread
  bool freeze_if_due(View& view, bool force);           // any thread, with the view's lock held
  bool try_to_seal();                                   // the opening thread's too
  Result<void> seal_frozen();
  Result<std::shared_ptr<Segment>> write_segment(HeadTable& table);
  Result<std::shared_ptr<Segment>> publish_segment(
      const std::string& partition, const SegmentInfo& info, Effort effort,
      const std::function<Result<SegmentInfo>(SegmentWriter&)>& write_rows);
  void take_back(const std::string& path, bool replaces);
  void wake_background();  // any thread

  // compact.cc. Thread: the background's.
  void compact_if_due();
  uint64_t merged_bytes_max() const;
  bool is_to_merge(const Segment& segment) const;
  bool is_merging_behind() const;
  std::vector<std::shared_ptr<Segment>> choose_to_compact(bool idle) const;
  Result<void> compact(const std::vector<std::shared_ptr<Segment>>& inputs);
  Result<std::shared_ptr<Segment>> merge_inputs(const std::vector<std::shared_ptr<Segment>>& inputs);
  Result<void> remove_inputs(const std::vector<std::shared_ptr<Segment>>& inputs, const std::string& merged_path);
  Result<std::vector<std::shared_ptr<Segment>>> reopened(const std::vector<std::shared_ptr<Segment>>& inputs,
                                                         SliceCache& cache);
  void seal_what_waits();

  // erase.cc. Thread: the background's, except where said.
  Result<void> read_tombstones();                                              // the opening thread's
  Result<void> save_tombstones(std::shared_ptr<const Tombstones> all);         // any thread, with sealing_ held
  Result<void> settle_tombstones();                                            // likewise
  Result<bool> is_stored(const Snapshot& now, const data::TraceId& id) const;  // any thread
  void look_for_deleted();
  Result<void> forget_tombstones(const std::vector<Tombstone>& done);
  std::vector<std::shared_ptr<Segment>> choose_to_rewrite() const;

  // recover.cc
  Result<void> drop_merged();
  Result<void> look_for_data();
  Result<void> check_format();
  Result<void> open_segments();
  Result<void> open_partition(const std::string& name);
  Result<std::shared_ptr<Segment>> open_segment(const std::string& path, const std::string& name,
                                                SliceCache& cache);  // any thread
  Result<void> read_sealed_file();
  Result<void> open_log();
  Result<void> replay_file(const std::string& name, File& file, LogScan& scan);
  unsigned replay_helpers() const;
  void take_replayed(const LogRecordHeader& record, std::shared_ptr<HeadBatch> head, const std::string& path);
  void add_replayed(std::shared_ptr<HeadBatch> head);

  // retention.cc. Thread: the background's.
  void retain();
  Result<void> remove_oldest(Counter& removed);
  Result<void> remember_sealed(uint64_t sequence);  // whoever seals too
  Result<void> remove_if_empty(const std::string& partition);
  uint64_t quota_bytes() const;

  void note_damage(const std::string& reason);  // any thread
  Snapshot snapshot() const;
  void note_answered(uint64_t begin_steady, Histogram& seconds);  // any thread
  ScanServices scan_services();
  void show_gauges();

  const StoreSettings settings_;
  const StoreLayout layout_;
  Files& files_;
  const Clock& clock_;
  MemoryLedger& ledger_;
  MemoryLedger& question_ledger_;
  Log& log_;
  Counters counters_;
  std::atomic<uint64_t> damages_{0};

  std::unique_ptr<DirectoryLock> directory_lock_;
  SliceCache cache_;  // before the segments that use it
  LedgerHold seal_reserve_;
  Guarded<View> view_;
  Guarded<Queue> queue_;
  Guarded<std::vector<std::string>> payloads_;  // emptied, for the next batches
  Guarded<Health> health_;
  Guarded<Background> background_;
  // Held by whoever seals, so that no head is sealed twice; and by whoever changes the tombstones, so that every head
  // is sealed with those that cover a part of it.
  Guarded<int> sealing_;
  bool tombstones_in_doubt_ = false;  // with sealing_: their file may not say what is in memory

  // Of the log's thread:
  std::unique_ptr<LogWriter> writer_;
  uint64_t next_sequence_ = 1;
  std::atomic<uint64_t> last_commit_steady_{0};  // read by the background too
  uint64_t last_sync_steady_ = 0;
  size_t last_group_ = 0;
  std::vector<LogEntry> entries_;
  // Shown by status():
  std::atomic<uint64_t> log_files_{0};
  std::atomic<uint64_t> log_file_bytes_{0};

  std::atomic<uint64_t> sealed_sequence_{0};
  std::atomic<bool> seal_forced_{false};
  std::atomic<bool> trim_log_{false};  // spare files are to be given back
  // Of the background's thread, before that of the opening one:
  uint64_t last_retention_steady_ = 0;
  uint64_t last_partition_removal_steady_ = 0;
  std::string partition_being_removed_;
  std::atomic<uint64_t> seal_retry_at_steady_{0};  // read by the log's thread too
  uint64_t compact_retry_at_steady_ = 0;
  std::atomic<uint64_t> last_sealed_rows_{0};      // whoever sealed
  uint64_t compact_wait_nanos_ = 0;                // before the next try; 0: the last one went well
  std::atomic<bool> trimmed_{false};               // the log, since the last commit or deletion
  std::atomic<uint64_t> last_question_steady_{0};  // when it was answered; 0: there was none
  uint64_t forgotten_question_steady_ = 0;         // the one after which the cache was emptied last
  std::atomic<bool> segment_written_{false};       // since memory was looked at; whoever sealed
  bool memory_given_back_ = true;
  std::set<std::string> not_to_compact_;    // segments with damage: nothing of them is to be left out
  std::atomic<bool> deleted_unsure_{true};  // whether segments have deleted rows is to be looked up anew
  std::atomic<uint64_t> last_erase_steady_{0};
  std::vector<std::shared_ptr<Segment>> to_rewrite_;  // segments with deleted rows
  // Files of merged segments, or of segments that could not be published, may lie about until the next start.
  std::atomic<bool> files_left_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> quota_bytes_{0};

  std::jthread log_thread_;
  std::jthread background_thread_;
  bool closed_ = false;
};

}  // namespace sextant::persist
