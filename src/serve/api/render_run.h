// Runs, their overview and what stands beside every answer, as JSON (shapes: openapi.json).
#pragma once

#include <string_view>

#include "base/codec/json_writer.h"
#include "query/traces/overview.h"
#include "query/traces/question.h"

namespace sextant::serve {

void render_run(const data::RunSummary& run, JsonWriter& json);
/// TokenCounts, or null when no call reported usage.
void render_tokens(const data::TokenCounts& tokens, JsonWriter& json);
/// `null` for an empty text: "not known".
void render_known(std::string_view text, JsonWriter& json);
void render_overview(const query::Overview& overview, uint64_t elapsed_us, JsonWriter& json);

/// The keys "partial" and "stats".
void render_partial(const std::vector<data::Damage>& damages, JsonWriter& json);
void render_stats(const data::ScanStats& stats, uint64_t elapsed_us, JsonWriter& json);

/// Nanoseconds as milliseconds, fraction kept.
double to_ms(uint64_t nanos);

}  // namespace sextant::serve
