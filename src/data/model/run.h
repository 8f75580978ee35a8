// A run: one trace seen as an agent's execution, summed up in one row so that lists never touch spans.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/sys/clock.h"
#include "data/model/ids.h"

namespace sextant::data {

/// Sums over model calls, each counted once. `known` false: no call reported usage, the numbers mean nothing.
struct TokenCounts {
  bool known = false;
  uint64_t input = 0;         // cached ones included
  uint64_t output = 0;        // reasoning included
  uint64_t cached_input = 0;  // part of input
  uint64_t reasoning = 0;     // part of output

  void add(const TokenCounts& other) {
    known = known || other.known;
    input += other.input;
    output += other.output;
    cached_input += other.cached_input;
    reasoning += other.reasoning;
  }
  bool operator==(const TokenCounts&) const = default;
};

enum class RunState : uint8_t { kRunning, kOk, kError };

/// One entry of the history of a run's start: after the batch `sequence`, the earliest span seen started at `start`.
struct StartChange {
  uint64_t sequence = 0;
  UnixNanos start = 0;
};

/// Value. Lists are without repeats, in order of first appearance, at most kRunListMax long.
struct RunSummary {
  TraceId trace_id;
  std::string name;     // the root span's; the earliest span's while the root is missing
  std::string service;  // of that span
  std::string agent;    // nearest the root; empty: none
  std::string task;     // first user message, at most kTaskCharactersMax characters; empty: unknown
  std::string environment;
  std::string conversation_id;
  std::string current_step;   // name of the span that started last
  std::string error_message;  // of the first span in error
  std::string error_step;     // that span's name
  std::vector<std::string> services;
  std::vector<std::string> agents;
  std::vector<std::string> models;
  std::vector<std::string> tools;
  UnixNanos start = 0;
  UnixNanos end = 0;
  UnixNanos last_arrival = 0;  // wall clock of the server
  uint32_t span_count = 0;
  uint32_t error_count = 0;
  bool root_seen = false;
  bool root_error = false;
  /// The tokens are an agent's own sum: no model call below it reported usage. Such sums give way to calls' when
  /// merged.
  bool tokens_aggregated = false;
  TokenCounts tokens;

  // When the spans that the fields above were taken from started (error: ended); 0: none. Summaries of parts of one run
  // are merged by them (data/genai/summarize.h).
  UnixNanos root_start = 0;
  UnixNanos agent_start = 0;
  UnixNanos task_start = 0;
  UnixNanos last_start = 0;
  UnixNanos error_end = 0;

  RunState state() const { return !root_seen ? RunState::kRunning : root_error ? RunState::kError : RunState::kOk; }
  uint64_t duration_nanos() const { return end > start ? end - start : 0; }
};

/// Names of one kind kept in a summary; a run with more says so by being at the limit.
inline constexpr size_t kRunListMax = 64;
inline constexpr size_t kTaskCharactersMax = 200;

}  // namespace sextant::data
