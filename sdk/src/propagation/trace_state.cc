// The list of a tracestate header as a value that programs change.
#include "sextant/trace_state.h"

#include <algorithm>
#include <memory>

#include "propagation/trace_state_list.h"

namespace sextant {

using propagation::TraceStateList;

Result<TraceState> TraceState::parse(std::string_view list, TraceStateKeys keys) {
  TraceStateList read(keys);
  if (!read.add(list)) return Error{"this is no tracestate: " + read.problem()};
  TraceState made;
  made.entries_.reserve(read.size());
  for (std::size_t i = 0; i < read.size(); ++i) made.entries_.emplace_back(read[i].key(), read[i].value());
  return made;
}

std::string_view TraceState::get(std::string_view key) const noexcept {
  for (const auto& [name, value] : entries_) {
    if (name == key) return value;
  }
  return {};
}

bool TraceState::set(std::string_view key, std::string_view value) {
  if (!propagation::is_trace_state_key(key, TraceStateKeys::kLevel2) || !propagation::is_trace_state_value(value))
    return false;
  std::pair<std::string, std::string> entry(key, value);  // the views may be those of an entry that goes
  erase(entry.first);
  entries_.insert(entries_.begin(), std::move(entry));
  if (entries_.size() > kTraceStateEntriesMax) entries_.pop_back();
  return true;
}

bool TraceState::erase(std::string_view key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.first == key; });
  if (found == entries_.end()) return false;
  entries_.erase(found);
  return true;
}

std::string TraceState::header() const {
  std::string all;
  for (const auto& [key, value] : entries_) {
    if (!all.empty()) all += ',';
    all.append(key).append("=").append(value);
  }
  if (all.size() <= kTraceStateBytesMax) return all;
  TraceStateList list(TraceStateKeys::kLevel2);
  list.add(all);
  bool shortened = false;
  return list.joined(shortened);
}

TraceState trace_state_of(const SpanContext& span) {
  if (span.trace_state == nullptr) return {};
  Result<TraceState> read = TraceState::parse(*span.trace_state);
  return read ? std::move(*read) : TraceState();
}

SpanContext with_trace_state(SpanContext span, const TraceState& state) {
  span.trace_state = state.empty() ? nullptr : std::make_shared<const std::string>(state.header());
  return span;
}

}  // namespace sextant
