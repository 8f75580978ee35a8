#include "serve/api/status_board.h"

#include "serve/api/limits.h"

namespace sextant::serve {
namespace {

/// Thread-confined.
class Look final : public data::ScanSink {
 public:
  explicit Look(FirstSeen& seen) : seen_(seen) {}
  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(data::RunSummary&& run) override {
    seen_.span = true;
    seen_.model_call |= run.tokens.known || !run.models.empty();
    seen_.message |= !run.task.empty();
    return seen_.all() ? Next::kStop : Next::kContinue;
  }

 private:
  FirstSeen& seen_;
};

}  // namespace

Result<FirstSeen> StatusBoard::first_seen(const query::Context& context) {
  const uint64_t sequence = context.reader.sequence();
  FirstSeen seen;
  {
    auto looked = looked_.lock();
    if (looked->seen.all() || looked->at_sequence == sequence) return looked->seen;
    seen = looked->seen;
  }
  data::ScanSpec spec = query::compile({}, context);
  spec.rows_max = kFirstSeenRunsMax;
  Look sink(seen);
  TRY(context.reader.scan(spec, sink));
  auto looked = looked_.lock();
  looked->seen.span |= seen.span;
  looked->seen.model_call |= seen.model_call;
  looked->seen.message |= seen.message;
  looked->at_sequence = sequence;
  return looked->seen;
}

}  // namespace sextant::serve
