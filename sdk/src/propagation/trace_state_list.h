// The list of a tracestate header without copies: read, checked, and shortened where it is too long.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "sextant/trace_state.h"

namespace sextant::propagation {

/// Thread-confined. Views into the headers that it was read from.
class TraceStateList {
 public:
  struct Entry {
    std::string_view whole;  // key=value
    std::size_t key_bytes = 0;
    std::string_view key() const noexcept { return whole.substr(0, key_bytes); }
    std::string_view value() const noexcept { return whole.substr(key_bytes + 1); }
  };

  explicit TraceStateList(TraceStateKeys keys) noexcept : keys_(keys) {}
  /// One more header, whose entries come after those that are there. False where something is wrong with it.
  bool add(std::string_view header) noexcept;
  std::size_t size() const noexcept { return size_; }
  const Entry& operator[](std::size_t i) const noexcept { return entries_[i]; }
  /// What was wrong, and with which entry.
  std::string problem() const;
  /// The list in at most kTraceStateBytesMax; `shortened` says whether entries had to go.
  std::string joined(bool& shortened) const;

 private:
  bool add_entry(std::string_view member) noexcept;
  bool fail(const char* what, std::string_view member) noexcept;

  const TraceStateKeys keys_;
  std::array<Entry, kTraceStateEntriesMax> entries_;
  std::size_t size_ = 0;
  const char* problem_ = "";
  std::string_view culprit_;
};

bool is_trace_state_key(std::string_view key, TraceStateKeys keys) noexcept;
bool is_trace_state_value(std::string_view value) noexcept;

}  // namespace sextant::propagation
