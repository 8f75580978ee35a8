// The text of a JSON answer while it is written, accounted for in the memory ledger.
#pragma once

#include <utility>

#include "base/codec/json_writer.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "serve/api/limits.h"

namespace sextant::serve {

/// Thread-confined. Call checked() after each item of a list whose length others decide.
class AnswerText {
 public:
  explicit AnswerText(MemoryLedger& ledger) : hold_(ledger.open()) {}

  JsonWriter& json() { return json_; }

  /// kResourceExhausted when the ledger has no room for what was written so far.
  Result<void> checked() {
    const uint64_t needed = json_.text().size();
    if (needed <= hold_.bytes()) return {};
    // Text grows by doubling: what it takes now may be twice what is written.
    if (hold_.resize(needed * 2 + kAnswerStepBytes)) return {};
    return fail(ErrorCode::kResourceExhausted, "the answer needs more memory than is free; ask for less at once");
  }

  std::string take() { return json_.take(); }
  LedgerHold take_hold() { return std::move(hold_); }

 private:
  JsonWriter json_;
  LedgerHold hold_;
};

}  // namespace sextant::serve
