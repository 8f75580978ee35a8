// What /api/status remembers between calls: how fast spans come in, and what was ever seen.
#pragma once

#include <cstdint>
#include <optional>

#include "base/core/guarded.h"
#include "base/core/result.h"
#include "data/model/scan.h"
#include "query/traces/question.h"
#include "serve/api/rate_meter.h"

namespace sextant::serve {

/// What the first start's checklist ticks off. Never unticked.
struct FirstSeen {
  bool span = false;
  bool model_call = false;
  bool message = false;
  bool all() const { return span && model_call && message; }
};

/// Internally locked.
class StatusBoard {
 public:
  /// `spans`: accepted so far.
  double spans_per_second(uint64_t steady_nanos, uint64_t spans) {
    return meter_.lock()->per_second(steady_nanos, spans);
  }
  /// Looks at the newest runs, but only when something was stored since the last look and something is still unseen.
  Result<FirstSeen> first_seen(const query::Context& context);

 private:
  struct Looked {
    FirstSeen seen;
    std::optional<uint64_t> at_sequence;
  };
  Guarded<RateMeter> meter_;
  Guarded<Looked> looked_;
};

}  // namespace sextant::serve
