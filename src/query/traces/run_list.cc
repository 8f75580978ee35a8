#include "query/traces/run_list.h"

#include <utility>

#include "base/core/check.h"
#include "query/traces/limits.h"

namespace sextant::query {
namespace {

/// Thread-confined.
class Collect final : public data::ScanSink {
 public:
  explicit Collect(std::vector<data::RunSummary>& runs) : runs_(runs) {}
  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(data::RunSummary&& run) override {
    runs_.push_back(std::move(run));
    return Next::kContinue;
  }

 private:
  std::vector<data::RunSummary>& runs_;
};

}  // namespace

Result<RunPage> list_runs(const Context& context, const RunQuestion& question, uint32_t runs_max,
                          const std::optional<data::RunCursor>& after) {
  CHECK(runs_max > 0 && runs_max <= kRunsPageMax);
  data::ScanSpec spec = compile(question, context);
  spec.after = after;
  spec.rows_max = runs_max;
  RunPage page;
  Collect sink(page.runs);
  data::ScanEnd end = TRY(context.reader.scan(spec, sink));
  page.next = end.next;
  page.findings.add(std::move(end));
  return page;
}

}  // namespace sextant::query
