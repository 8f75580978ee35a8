#include "trace/thread_state.h"

#include "base/thread_end.h"
#include "trace/record_stock.h"

namespace sextant::trace {

SEXTANT_CONSTINIT thread_local ThreadState thread_state;

namespace {

void on_thread_end(void* state) {
  auto& ended = *static_cast<ThreadState*>(state);
  if (ended.lane != nullptr) ended.lane->queue->abandon(ended.lane);
  ended.lane = nullptr;
  stock().put(ended.free_records);
  ended.free_records = nullptr;
  ended.free_count = 0;
  ended.registered = false;  // destructors of other thread-local objects may still trace: they begin anew
}

}  // namespace

void handle_thread_end(ThreadState& state) noexcept {
  state.registered = true;
  at_thread_end<on_thread_end>(&state);
}

SpanRecord* take_record(ThreadState& state) noexcept {
  if (state.free_records == nullptr) {
    state.free_records = stock().take(state.free_count);
    if (state.free_records == nullptr) return nullptr;
  }
  SpanRecord* record = state.free_records;
  state.free_records = record->next_free;
  --state.free_count;
  return record;
}

void give_back_record(ThreadState& state, SpanRecord* record) noexcept {
  if (state.free_count >= kFreeRecordsMax) {
    stock().put(state.free_records);
    state.free_records = nullptr;
    state.free_count = 0;
  }
  record->next_free = state.free_records;
  state.free_records = record;
  ++state.free_count;
}

}  // namespace sextant::trace
