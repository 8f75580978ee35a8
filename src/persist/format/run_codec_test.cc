// Tests of encoded runs: what is known and what is not comes back, for who reads all and who reads the line only.
#include "persist/format/run_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <tuple>

namespace sextant::persist {
namespace {

constexpr UnixNanos kStart = 1'700'000'000'000'000'000;

RunPart some_run() {
  RunPart part;
  data::RunSummary& s = part.summary;
  s.trace_id = *data::TraceId::from_bytes("0123456789abcdef");
  s.span_count = 12;
  s.error_count = 1;
  s.start = kStart;
  s.end = kStart + 5'000'000;
  s.last_arrival = kStart + 86'400'000'000'000;
  s.root_seen = true;
  s.root_start = kStart;
  s.last_start = kStart + 4'000'000;
  s.name = "invoke_agent planner";
  s.tools = {"search", "mail"};
  s.tokens.known = true;
  s.tokens.input = 4'000;
  part.last_sequence = 500;
  part.starts = {{500, kStart}};
  return part;
}

void expect_round_trip(const RunPart& part) {
  std::string bytes;
  encode_run(part, bytes);
  ByteReader in(bytes);
  const RunPart back = decode_run(in);
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.at_end());
  std::string again;
  encode_run(back, again);
  EXPECT_EQ(again, bytes);
  const data::RunSummary& a = part.summary;
  const data::RunSummary& b = back.summary;
  EXPECT_EQ(std::tie(a.start, a.end, a.last_arrival, a.root_start, a.agent_start, a.task_start, a.last_start),
            std::tie(b.start, b.end, b.last_arrival, b.root_start, b.agent_start, b.task_start, b.last_start));
  EXPECT_EQ(std::tie(a.error_end, a.name, a.tools, a.tokens.input),
            std::tie(b.error_end, b.name, b.tools, b.tokens.input));
  EXPECT_EQ(part.last_sequence, back.last_sequence);
  ASSERT_EQ(part.starts.size(), back.starts.size());
  for (size_t i = 0; i < part.starts.size(); ++i) {
    EXPECT_EQ(part.starts[i].sequence, back.starts[i].sequence);
    EXPECT_EQ(part.starts[i].start, back.starts[i].start);
  }
  const auto line = run_line(bytes);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->trace_id, a.trace_id);
  EXPECT_EQ(line->start, part.starts.back().start);
}

TEST(RunCodec, WhatIsKnownComesBack) {
  RunPart part = some_run();
  expect_round_trip(part);
  part.summary.agent_start = 1;
  part.summary.task_start = std::numeric_limits<UnixNanos>::max();
  part.summary.error_end = kStart - 1;
  expect_round_trip(part);
}

TEST(RunCodec, NoTimesAndExtremesComeBack) {
  RunPart part = some_run();
  part.summary.start = part.summary.end = part.summary.last_arrival = 0;
  part.summary.root_start = part.summary.last_start = 0;
  expect_round_trip(part);
  part.summary.start = std::numeric_limits<UnixNanos>::max();
  part.last_sequence = 0;
  part.starts = {{0, 0}};
  expect_round_trip(part);
}

TEST(RunCodec, HistoriesComeBack) {
  RunPart part = some_run();
  part.starts = {{3, kStart + 90}, {3, kStart + 80}, {400, kStart}};
  expect_round_trip(part);
}

TEST(RunCodec, CutAndDisorderedRunsAreRefused) {
  RunPart part = some_run();
  part.starts = {{3, kStart + 90}, {400, kStart}};
  std::string bytes;
  encode_run(part, bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    decode_run(in);
    EXPECT_TRUE(in.failed()) << size;
    EXPECT_FALSE(run_line(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  for (const data::StartChange second : {data::StartChange{2, kStart}, data::StartChange{400, kStart + 90}}) {
    part.starts[1] = second;
    bytes.clear();
    encode_run(part, bytes);
    ByteReader in(bytes);
    decode_run(in);
    EXPECT_TRUE(in.failed());
    EXPECT_FALSE(run_line(bytes).has_value());
  }
}

}  // namespace
}  // namespace sextant::persist
