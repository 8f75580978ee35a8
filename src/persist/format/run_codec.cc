#include "persist/format/run_codec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/core/check.h"
#include "base/core/text.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

using data::RunSummary;

constexpr size_t kTimes = 6;
constexpr int kTexts = 9;
constexpr int kLists = 4;
constexpr int kTokenCounts = 4;

enum RunFlags : uint8_t {
  kRootSeen = 1,
  kRootError = 2,
  kTokensKnown = 4,
  kTokensAggregated = 8,
};
constexpr uint8_t kRunFlagsAll = 15;

/// The longest start of `text` that fits and ends where a character ends, if it is text at all.
std::string_view shortened(std::string_view text) {
  if (text.size() <= kRunTextBytesMax) return text;
  size_t end = kRunTextBytesMax;
  while (end > kRunTextBytesMax - 4 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void put_list(std::string& out, const std::vector<std::string>& list) {
  const size_t count = std::min(list.size(), data::kRunListMax);
  put_varint(out, count);
  for (size_t i = 0; i < count; ++i) put_text(out, shortened(list[i]));
}

std::vector<std::string> take_list(ByteReader& in) {
  std::vector<std::string> list(in.count(1, data::kRunListMax));
  for (std::string& text : list) text = in.text(kRunTextBytesMax);
  return list;
}

uint32_t take_u32(ByteReader& in) {
  return static_cast<uint32_t>(in.varint_max(UINT32_MAX));
}

uint64_t difference(uint64_t number, uint64_t from) {
  return zigzag(static_cast<int64_t>(number - from));
}

uint64_t take_difference(ByteReader& in, uint64_t from) {
  return from + static_cast<uint64_t>(unzigzag(in.varint()));
}

/// `first`: what the first entry is told by, the last sequence and the start of the run: all there is to most of them.
void put_starts(std::string& out, const std::vector<data::StartChange>& starts, data::StartChange first) {
  CHECK(!starts.empty());
  put_varint(out, starts.size());
  data::StartChange previous = first;
  for (const data::StartChange& change : starts) {
    put_varint(out, difference(change.sequence, previous.sequence));
    put_varint(out, difference(change.start, previous.start));
    previous = change;
  }
}

/// Calls `take` for each change in order; fails the reader where there is none, or one is out of order.
template <typename Take>
void each_start(ByteReader& in, data::StartChange first, Take take) {
  const uint64_t count = in.count(2, kStartChangesMax);
  if (count == 0) in.fail();
  data::StartChange previous = first;
  for (uint64_t i = 0; i < count; ++i) {
    data::StartChange change;
    change.sequence = take_difference(in, previous.sequence);
    change.start = take_difference(in, previous.start);
    if (i > 0 && (change.sequence < previous.sequence || change.start >= previous.start)) in.fail();
    take(change);
    previous = change;
  }
}

std::vector<data::StartChange> take_starts(ByteReader& in, data::StartChange first) {
  std::vector<data::StartChange> starts;
  each_start(in, first, [&](const data::StartChange& change) { starts.push_back(change); });
  return starts;
}

std::optional<data::StartChange> last_start(ByteReader& in, data::StartChange first) {
  std::optional<data::StartChange> last;
  each_start(in, first, [&](const data::StartChange& change) { last = change; });
  return last;
}

/// The times beside the start and the last arrival, in the order of their bits.
template <typename Summary>
auto times_of(Summary& s) {
  return std::array{&s.end, &s.root_start, &s.agent_start, &s.task_start, &s.last_start, &s.error_end};
}
static_assert(std::tuple_size_v<decltype(times_of(std::declval<RunSummary&>()))> == kTimes);

/// Which there are, then those: most are close to the start.
void put_times(const RunSummary& s, std::string& out) {
  const auto times = times_of(s);
  uint32_t known = 0;
  for (size_t i = 0; i < kTimes; ++i) known |= uint32_t{*times[i] != 0} << i;
  put_u8(out, static_cast<uint8_t>(known));
  for (const UnixNanos* time : times) {
    if (*time != 0) put_varint(out, difference(*time, s.start));
  }
}

/// Calls `take(i, time)` for each that there is.
template <typename Take>
void each_time(ByteReader& in, UnixNanos start, Take take) {
  const uint32_t known = in.u8();
  if (known >> kTimes != 0) in.fail();
  for (size_t i = 0; i < kTimes; ++i) {
    if ((known >> i & 1) != 0) take(i, take_difference(in, start));
  }
}

}  // namespace

std::optional<UnixNanos> start_as_of(const std::vector<data::StartChange>& starts, uint64_t sequence) {
  std::optional<UnixNanos> start;
  for (const data::StartChange& change : starts) {
    if (change.sequence > sequence) break;
    start = change.start;
  }
  return start;
}

void note_start(std::vector<data::StartChange>& starts, uint64_t sequence, UnixNanos start) {
  if (starts.empty()) {
    starts.push_back({sequence, start});
    return;
  }
  data::StartChange& last = starts.back();
  CHECK(sequence >= last.sequence);
  if (start >= last.start) return;
  // A full history keeps its last entry up to date: the end is right, the way there is not.
  if (sequence == last.sequence || starts.size() >= kStartChangesMax) {
    last.start = start;
  } else {
    starts.push_back({sequence, start});
  }
}

void encode_run(const RunPart& part, std::string& out) {
  const RunSummary& s = part.summary;
  out.append(s.trace_id.view());
  put_u8(out,
         static_cast<uint8_t>((s.root_seen ? kRootSeen : 0) | (s.root_error ? kRootError : 0) |
                              (s.tokens.known ? kTokensKnown : 0) | (s.tokens_aggregated ? kTokensAggregated : 0)));
  put_varint(out, s.span_count);
  put_varint(out, s.error_count);
  put_varint(out, s.start);
  put_times(s, out);
  put_varint(out, s.last_arrival);  // as it is: that of all runs of a batch
  for (const std::string* text : {&s.name, &s.service, &s.agent, &s.task, &s.environment, &s.conversation_id,
                                  &s.current_step, &s.error_message, &s.error_step}) {
    put_text(out, shortened(*text));
  }
  for (const auto* list : {&s.services, &s.agents, &s.models, &s.tools}) put_list(out, *list);
  for (const uint64_t count : {s.tokens.input, s.tokens.output, s.tokens.cached_input, s.tokens.reasoning}) {
    put_varint(out, count);
  }
  put_varint(out, part.last_sequence);
  put_starts(out, part.starts, {part.last_sequence, s.start});
}

RunPart decode_run(ByteReader& in) {
  RunPart part;
  RunSummary& s = part.summary;
  const auto id = data::TraceId::from_bytes(in.bytes(sizeof(data::TraceId)));
  if (id) s.trace_id = *id;
  const uint8_t flags = in.u8();
  if (flags > kRunFlagsAll) in.fail();
  s.root_seen = (flags & kRootSeen) != 0;
  s.root_error = (flags & kRootError) != 0;
  s.tokens.known = (flags & kTokensKnown) != 0;
  s.tokens_aggregated = (flags & kTokensAggregated) != 0;
  s.span_count = take_u32(in);
  s.error_count = take_u32(in);
  s.start = in.varint();
  each_time(in, s.start, [&](size_t i, UnixNanos time) { *times_of(s)[i] = time; });
  s.last_arrival = in.varint();
  for (std::string* text : {&s.name, &s.service, &s.agent, &s.task, &s.environment, &s.conversation_id, &s.current_step,
                            &s.error_message, &s.error_step}) {
    *text = in.text(kRunTextBytesMax);
  }
  for (auto* list : {&s.services, &s.agents, &s.models, &s.tools}) *list = take_list(in);
  for (uint64_t* count : {&s.tokens.input, &s.tokens.output, &s.tokens.cached_input, &s.tokens.reasoning}) {
    *count = in.varint();
  }
  part.last_sequence = in.varint();
  part.starts = take_starts(in, {part.last_sequence, s.start});
  return part;
}

std::optional<RunLine> run_line(std::string_view bytes) {
  ByteReader in(bytes);
  const auto id = data::TraceId::from_bytes(in.bytes(sizeof(data::TraceId)));
  if (in.u8() > kRunFlagsAll) in.fail();
  take_u32(in);
  take_u32(in);
  const UnixNanos start = in.varint();
  each_time(in, start, [](size_t, UnixNanos) {});
  in.varint();
  for (int i = 0; i < kTexts; ++i) in.text(kRunTextBytesMax);
  for (int i = 0; i < kLists; ++i) {
    for (uint64_t left = in.count(1, data::kRunListMax); left > 0; --left) in.text(kRunTextBytesMax);
  }
  for (int i = 0; i < kTokenCounts; ++i) in.varint();
  const uint64_t last_sequence = in.varint();
  const std::optional<data::StartChange> last = last_start(in, {last_sequence, start});
  if (!id || !last || in.failed() || !in.at_end()) return std::nullopt;
  return RunLine{*id, last->start, bytes};
}

}  // namespace sextant::persist
