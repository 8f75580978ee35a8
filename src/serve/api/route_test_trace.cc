// POST /api/test-trace: stores a sample run the way a receiver would, and names it.
#include <chrono>
#include <cstring>
#include <future>
#include <memory>

#include "base/codec/json_writer.h"
#include "base/sys/random.h"
#include "serve/api/route.h"
#include "serve/api/sample_run.h"

namespace sextant::serve {
namespace {

/// How long the answer waits for the store. A sync takes milliseconds; a disk that hangs is not waited for.
constexpr std::chrono::seconds kStoreWait(10);

/// 16 random bytes from a source fit for ids.
data::TraceId new_trace_id() {
  data::TraceId id;
  for (size_t i = 0; i < id.bytes.size(); i += 8) {
    const uint64_t random = system_random();
    std::memcpy(id.bytes.data() + i, &random, 8);
  }
  id.bytes[0] |= 1;  // never zero
  return id;
}

/// Hands the batch over and waits until it is as durable as configured.
Result<void> store(const Services& services, data::Batch&& batch) {
  LedgerHold hold;
  if (!services.ledger.reserve(batch.byte_size(), hold)) {
    return fail(ErrorCode::kResourceExhausted, "the memory ledger has no room for the sample run");
  }
  // Shared: when the wait ends first, the store still answers into it.
  auto outcome = std::make_shared<std::promise<Result<void>>>();
  auto stored = outcome->get_future();
  services.consumer.consume(std::move(batch), std::move(hold),
                            [outcome](Result<void> result) { outcome->set_value(std::move(result)); });
  if (stored.wait_for(kStoreWait) != std::future_status::ready) {
    return fail(ErrorCode::kDeadlineExceeded, "the store did not answer within {} s", kStoreWait.count());
  }
  return stored.get();
}

}  // namespace

ApiResult<Reply> handle_test_trace(const Services& services, const Call& call) {
  const data::TraceId id = new_trace_id();
  TRY(store(services, make_sample_run(id, system_random(), call.now)));
  JsonWriter json;
  json.begin_object().key("trace_id").hex(id.view()).end_object();
  return json_reply(json.take());
}

}  // namespace sextant::serve
