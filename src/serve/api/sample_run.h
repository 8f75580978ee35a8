// A small run to look at: what POST /api/test-trace stores, so that the page can be tried before an agent is connected.
#pragma once

#include "base/sys/clock.h"
#include "data/model/batch.h"

namespace sextant::serve {

/// An agent that asks a model, uses a tool, and asks again; ended at `end`. Ids are made from `seed`.
data::Batch make_sample_run(const data::TraceId& id, uint64_t seed, UnixNanos end);

/// The service name under which sample runs are stored.
inline constexpr std::string_view kSampleService = "sextant-test";

}  // namespace sextant::serve
