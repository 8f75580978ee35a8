// What /api/status remembers between calls: how fast spans come in, and what was ever seen.
#pragma once

#include <cstdint>
#include <optional>
#include <thread>

#include "base/core/guarded.h"
#include "base/sys/clock.h"
#include "data/model/scan.h"
#include "query/traces/question.h"
#include "serve/api/rate_meter.h"
#include "serve/api/server_facts.h"

namespace sextant::serve {

/// What the first start's checklist ticks off. Never unticked.
struct FirstSeen {
  bool span = false;
  bool model_call = false;
  bool message = false;
  bool all() const { return span && model_call && message; }
};

/// Internally locked. Owns a thread that reads the receivers' counts once a second.
class StatusBoard {
 public:
  StatusBoard(ServerFacts& facts, const Clock& clock);

  double spans_per_second() const { return meter_.lock()->per_second(); }
  /// Looks at the newest runs, but only when something was stored since the last look and something is still unseen.
  Result<FirstSeen> first_seen(const query::Context& context);

 private:
  struct Looked {
    FirstSeen seen;
    std::optional<uint64_t> at_sequence;
  };
  ServerFacts& facts_;
  const Clock& clock_;
  Guarded<RateMeter> meter_;
  Guarded<Looked> looked_;
  std::jthread sampler_;
};

}  // namespace sextant::serve
