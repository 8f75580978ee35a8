#include "persist/store/record_decoder.h"

#include "persist/format/batch_codec.h"
#include "persist/store/limits.h"

namespace sextant::persist {
namespace {

std::shared_ptr<HeadBatch> decoded(const LogRecordHeader& record, std::string_view payload) {
  Result<data::Batch> batch = decode_batch(payload);
  if (!batch || batch->span_count() == 0) return nullptr;
  auto head = make_head_batch(std::move(*batch), LedgerHold());
  head->sequence = record.sequence;
  head->arrival = record.arrival_unix_nanos;
  return head;
}

}  // namespace

RecordDecoder::RecordDecoder(unsigned helpers, Take take) : take_(std::move(take)) {
  for (unsigned i = 0; i < helpers; ++i) {
    helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
  }
}

RecordDecoder::~RecordDecoder() = default;

void RecordDecoder::add(const LogRecordHeader& record, std::string_view payload) {
  if (helpers_.empty()) {
    take_(record, decoded(record, payload));
    return;
  }
  auto item = std::make_shared<Item>(Item{record, std::string(payload), nullptr, false});
  items_.push_back(item);
  bytes_ += payload.size();
  state_.lock()->waiting.push_back(std::move(item));
  state_.notify_one();
  while (items_.size() > kReplayAheadRecordsMax || bytes_ > kReplayAheadBytesMax) take_first();
}

void RecordDecoder::finish() {
  while (!items_.empty()) take_first();
}

/// Decodes the first that waits for a thread. Requires: there is one, and the lock is held; it is again afterwards.
void RecordDecoder::decode_waiting(Guarded<State>::Access<State>& state) {
  const std::shared_ptr<Item> item = std::move(state->waiting.front());
  state->waiting.pop_front();
  state.unlock();
  std::shared_ptr<HeadBatch> head = decoded(item->record, item->payload);
  state = state_.lock();
  item->head = std::move(head);
  item->done = true;
}

/// Waits for the first item; as long as others wait for a thread, this one decodes too.
void RecordDecoder::take_first() {
  const std::shared_ptr<Item> first = std::move(items_.front());
  items_.pop_front();
  auto state = state_.lock();
  while (!first->done && !state->waiting.empty()) decode_waiting(state);
  state_.wait(state, {}, [&] { return first->done; });
  state.unlock();
  bytes_ -= first->payload.size();
  take_(first->record, std::move(first->head));
}

void RecordDecoder::help(const std::stop_token& stop) {
  for (auto state = state_.lock(); state_.wait(state, stop, [&] { return !state->waiting.empty(); });) {
    decode_waiting(state);
    state_.notify_all();
  }
}

}  // namespace sextant::persist
