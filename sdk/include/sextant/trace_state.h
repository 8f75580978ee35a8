// What tracing systems tell each other beside the ids: the list of a tracestate header (W3C Trace Context, level 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/result.h"
#include "sextant/span_context.h"

namespace sextant {

/// Which keys are keys. Level 2 lets '@' stand anywhere but in front; level 1 knows `tenant@system` with at most 241
/// and 14 characters, and keys without '@' that begin with a letter or, as level 2 has it, a digit.
enum class TraceStateKeys : std::uint8_t { kLevel2, kLevel1 };

/// A value. Keys are unique, the newest entry stands first.
class TraceState {
 public:
  TraceState() = default;
  /// An error says what is wrong with which entry. Nothing is read in part.
  static Result<TraceState> parse(std::string_view list, TraceStateKeys keys = TraceStateKeys::kLevel2);

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  const std::vector<std::pair<std::string, std::string>>& entries() const noexcept { return entries_; }
  /// Empty where there is no such key.
  std::string_view get(std::string_view key) const noexcept;
  /// Makes the entry the first one. False, and nothing is changed, where key or value are not as the specification has
  /// them. The last one goes where there would be more than kTraceStateEntriesMax.
  bool set(std::string_view key, std::string_view value);
  bool erase(std::string_view key);
  /// At most kTraceStateBytesMax: entries of more than 128 bytes are left out first, then those at the end.
  std::string header() const;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

inline constexpr std::size_t kTraceStateEntriesMax = 32;
inline constexpr std::size_t kTraceStateBytesMax = 512;

/// The trace state of a context; empty where it has none.
TraceState trace_state_of(const SpanContext& span);
/// The context with another trace state, for its children and for what is called next.
SpanContext with_trace_state(SpanContext span, const TraceState& state);

}  // namespace sextant
