// Decodes the records of a log before they are taken into a head: a start after a crash does little else, and has all
// processors for it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/core/guarded.h"
#include "persist/head/head_batch.h"
#include "persist/wal/log_format.h"

namespace sextant::persist {

/// Thread-confined, but for threads of its own.
class RecordDecoder {
 public:
  /// What is made of a record; null when its payload is no batch with spans.
  using Take = std::function<void(const LogRecordHeader& record, std::shared_ptr<HeadBatch> head)>;

  /// `helpers`: threads that decode beside the calling one. `take` gets every record in the order of add(), on the
  /// calling thread, inside add() or finish().
  RecordDecoder(unsigned helpers, Take take);
  ~RecordDecoder();
  RecordDecoder(const RecordDecoder&) = delete;
  RecordDecoder& operator=(const RecordDecoder&) = delete;

  /// The payload is copied when it is not decoded at once.
  void add(const LogRecordHeader& record, std::string_view payload);
  /// All records that were added have been taken.
  void finish();

 private:
  struct Item {
    LogRecordHeader record;
    std::string payload;
    std::shared_ptr<HeadBatch> head;
    bool done = false;
  };
  struct State {
    std::deque<std::shared_ptr<Item>> waiting;  // for a thread
  };
  void help(const std::stop_token& stop);
  void decode_waiting(Guarded<State>::Access<State>& state);
  void take_first();

  const Take take_;
  std::deque<std::shared_ptr<Item>> items_;  // not taken yet, in order
  uint64_t bytes_ = 0;                       // of their payloads
  Guarded<State> state_;                     // guards `done` and `head` of items too
  std::vector<std::jthread> helpers_;
};

}  // namespace sextant::persist
