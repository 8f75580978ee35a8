// A question about runs, independent of where it came from (HTTP today, a query language tomorrow), and how it is put
// to a Reader.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/core/ledger.h"
#include "base/sys/clock.h"
#include "data/model/scan.h"

namespace sextant::query {

/// What every question needs: whom to ask, and how far it may go. Value; lifetime: that of what it refers to.
struct Context {
  data::Reader& reader;
  MemoryLedger& ledger;  // what an answer holds in memory is drawn from it
  uint64_t deadline_steady_nanos = UINT64_MAX;
  std::stop_token cancel = {};
};

/// Which runs. Value.
struct RunQuestion {
  data::TimeRange time;
  data::RunFilter run;
  data::SpanFilter span;  // one span of the run satisfies all of it
};

/// Damages and work of the scans behind one answer.
struct Findings {
  std::vector<data::Damage> damages;
  data::ScanStats stats;

  void add(data::ScanEnd&& end);
};

/// The question as a scan over runs, newest first.
data::ScanSpec compile(const RunQuestion& question, const Context& context);

/// `filter` and `other` together on one span.
void add_condition(data::SpanFilter& filter, data::SpanFilter other);
/// Any of `choices`, each compared for equality with `field`.
data::SpanFilter any_of(data::SpanField field, const std::vector<std::string>& choices);
data::SpanFilter any_of(data::SpanField field, const std::vector<int64_t>& choices);

}  // namespace sextant::query
