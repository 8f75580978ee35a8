// The contract by which telemetry moves on: "here is a batch, it is yours now". Receivers hold a Consumer and do not
// know whether a processor, the store or a test stands behind it.
#pragma once

#include <functional>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "data/model/batch.h"

namespace sextant::data {

/// Called exactly once, from any thread, never with a lock held. Success means: as durable as configured.
/// Errors: kResourceExhausted, kUnavailable, kDiskFull (the sender should try again later); others are permanent.
using ConsumeDone = std::move_only_function<void(Result<void>)>;

/// Internally locked.
class Consumer {
 public:
  virtual ~Consumer() = default;

  /// Takes the batch, and `hold`, which accounts for its memory until it is stored. Returns at once or after handing
  /// over; `done` may run before it returns. An empty batch is answered with success.
  virtual void consume(Batch&& batch, LedgerHold&& hold, ConsumeDone done) = 0;
};

}  // namespace sextant::data
