// Properties over random messages: what came in goes out again, in both encodings, judged by libprotobuf's parser,
// printer and JSON mapping, which share no code with ours. A failure prints the seed that repeats it.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "base/core/text.h"
#include "data/otlp/traces.h"
#include "tests/support/proto/otlp_messages.h"

namespace sextant::data {
namespace {

using test::random_traces;
using test::TracesData;

constexpr int kRounds = 400;

std::vector<uint32_t> all_rows(const Batch& batch) {
  std::vector<uint32_t> rows(batch.span_count());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

TracesData parsed(const std::string& bytes) {
  TracesData traces;
  EXPECT_TRUE(traces.ParseFromString(bytes));
  return traces;
}

int span_count(const TracesData& traces) {
  int count = 0;
  for (const auto& resource : traces.resource_spans()) {
    for (const auto& scope : resource.scope_spans()) count += scope.spans_size();
  }
  return count;
}

/// Ids are base64 in protobuf's JSON mapping and hexadecimal in OTLP's.
void convert_ids(nlohmann::json& json, const std::function<std::string(const std::string&)>& convert) {
  if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      if (name == "traceId" || name == "spanId" || name == "parentSpanId") {
        value = convert(value.get<std::string>());
      } else {
        convert_ids(value, convert);
      }
    }
  } else if (json.is_array()) {
    for (auto& value : json) convert_ids(value, convert);
  }
}

std::string to_otlp_json(const TracesData& traces) {
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(traces, &text).ok());
  auto json = nlohmann::json::parse(text);
  convert_ids(json, [](const std::string& id) { return to_hex(*from_base64(id)); });
  return json.dump();
}

TracesData from_otlp_json(const std::string& text) {
  auto json = nlohmann::json::parse(text);
  convert_ids(json, [](const std::string& id) { return to_base64(*from_hex(id)); });
  TracesData traces;
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), &traces);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return traces;
}

TEST(RoundTrip, ProtobufComesOutAsItCameIn) {
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const TracesData sent = random_traces(random, {});
    const auto decoded = decode_traces_protobuf(sent.SerializeAsString());
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
    ASSERT_EQ(decoded->rejected_spans, 0U) << decoded->reason;
    ASSERT_EQ(static_cast<int>(decoded->batch.span_count()), span_count(sent));
    const TracesData back = parsed(encode_traces_protobuf(decoded->batch, all_rows(decoded->batch)));
    ASSERT_TRUE(back.SerializeAsString() == sent.SerializeAsString());
  }
}

TEST(RoundTrip, MemoryOfEarlierRequestsChangesNothing) {
  DecodeScratch scratch;
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SeededRandom random(seed);
    const std::string wire = random_traces(random, {}).SerializeAsString();
    const auto fresh = decode_traces_protobuf(wire);
    const auto again = decode_traces_protobuf(wire, {.scratch = &scratch});
    ASSERT_TRUE(fresh && again) << "seed " << seed;
    EXPECT_EQ(again->rejected_spans, fresh->rejected_spans) << "seed " << seed;
    EXPECT_EQ(encode_traces_protobuf(again->batch, all_rows(again->batch)),
              encode_traces_protobuf(fresh->batch, all_rows(fresh->batch)))
        << "seed " << seed;
    // A request that is given up half-way leaves a scratch that the next one can use.
    (void)decode_traces_protobuf(std::string_view(wire).substr(0, wire.size() / 2), {.scratch = &scratch});
  }
}

TEST(RoundTrip, EveryWireFormOfAMessageIsTheSameMessage) {
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const TracesData sent = random_traces(random, {});
    const std::string wire = test::scrambled(sent, random);
    TracesData reread = parsed(wire);
    reread.DiscardUnknownFields();
    ASSERT_TRUE(reread.SerializeAsString() == sent.SerializeAsString()) << "the test's own scrambling is wrong";
    const auto decoded = decode_traces_protobuf(wire);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
    ASSERT_EQ(decoded->rejected_spans, 0U) << decoded->reason;
    const TracesData back = parsed(encode_traces_protobuf(decoded->batch, all_rows(decoded->batch)));
    ASSERT_TRUE(back.SerializeAsString() == sent.SerializeAsString());
  }
}

/// The other writer's "-0" is an integer to the parser in between, so there is no negative zero here.
TEST(RoundTrip, JsonOfAnotherWriterIsRead) {
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const TracesData sent = random_traces(random, {.any_nan = false, .negative_zero = false});
    const auto decoded = decode_traces_json(to_otlp_json(sent));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
    ASSERT_EQ(decoded->rejected_spans, 0U) << decoded->reason;
    const TracesData back = parsed(encode_traces_protobuf(decoded->batch, all_rows(decoded->batch)));
    ASSERT_TRUE(back.SerializeAsString() == sent.SerializeAsString());
  }
}

TEST(RoundTrip, JsonWrittenIsReadByAnotherReader) {
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const TracesData sent = random_traces(random, {.any_nan = false});
    const auto decoded = decode_traces_protobuf(sent.SerializeAsString());
    ASSERT_TRUE(decoded.has_value());
    JsonWriter json;
    encode_traces_json(decoded->batch, all_rows(decoded->batch), json);
    ASSERT_TRUE(from_otlp_json(std::string(json.text())).SerializeAsString() == sent.SerializeAsString());
    const auto again = decode_traces_json(json.text());
    ASSERT_TRUE(again.has_value()) << again.error().message();
    ASSERT_EQ(again->batch.span_count(), decoded->batch.span_count());
    for (uint32_t row = 0; row < again->batch.span_count(); ++row) {
      ASSERT_TRUE(rows_equal(again->batch, row, decoded->batch, row));
    }
  }
}

/// Rows in any order come out under their own resource and scope.
TEST(RoundTrip, RowsAreGroupedUnderTheirOwners) {
  SeededRandom random(5);
  for (int round = 0; round < 100; ++round) {
    const TracesData sent = random_traces(random, {});
    const auto decoded = decode_traces_protobuf(sent.SerializeAsString());
    ASSERT_TRUE(decoded.has_value());
    auto rows = all_rows(decoded->batch);
    for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
    const auto back = decode_traces_protobuf(encode_traces_protobuf(decoded->batch, rows));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(back->batch.span_count(), rows.size());
    ASSERT_LE(back->batch.resources.size(), decoded->batch.resources.size());
    std::vector<bool> found(rows.size());
    for (uint32_t row = 0; row < rows.size(); ++row) {
      for (uint32_t other = 0; other < rows.size(); ++other) {
        if (!found[other] && rows_equal(back->batch, row, decoded->batch, other)) {
          found[other] = true;
          break;
        }
      }
    }
    ASSERT_EQ(std::count(found.begin(), found.end(), true), static_cast<std::ptrdiff_t>(rows.size()));
  }
}

/// What is still decoded after damage must be something that can be written and read back the same.
void expect_stable(const DecodedTraces& decoded) {
  const auto rows = all_rows(decoded.batch);
  const std::string wire = encode_traces_protobuf(decoded.batch, rows);
  const auto again = decode_traces_protobuf(wire);
  ASSERT_TRUE(again.has_value()) << again.error().message();
  ASSERT_EQ(again->rejected_spans, 0U) << again->reason;
  const auto rows_again = all_rows(again->batch);
  ASSERT_EQ(rows_again.size(), rows.size());
  ASSERT_EQ(encode_traces_protobuf(again->batch, rows_again), wire);
}

void damage(std::string& bytes, SeededRandom& random) {
  for (uint64_t edits = 1 + random.below(4); edits > 0 && !bytes.empty(); --edits) {
    const size_t at = random.below(bytes.size());
    switch (random.below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes.erase(at, 1 + random.below(8));
        break;
      case 2:
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(20)));
        break;
      default:
        bytes.resize(at);
    }
  }
}

TEST(RoundTrip, DamagedProtobufIsRefusedOrStable) {
  int accepted = 0;
  for (uint64_t seed = 1; seed <= 5 * kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::string wire = random_traces(random, {}).SerializeAsString();
    damage(wire, random);
    const auto decoded = decode_traces_protobuf(wire);
    if (!decoded) continue;
    ++accepted;
    expect_stable(*decoded);
  }
  EXPECT_GT(accepted, kRounds / 10);
}

TEST(RoundTrip, DamagedJsonIsRefusedOrStable) {
  int accepted = 0;
  for (uint64_t seed = 1; seed <= 5 * kRounds; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const auto decoded = decode_traces_protobuf(random_traces(random, {}).SerializeAsString());
    ASSERT_TRUE(decoded.has_value());
    JsonWriter json;
    encode_traces_json(decoded->batch, all_rows(decoded->batch), json);
    std::string text = json.take();
    if (random.below(4) != 0) damage(text, random);
    const auto again = decode_traces_json(text);
    if (!again) continue;
    ++accepted;
    expect_stable(*again);
  }
  EXPECT_GT(accepted, kRounds / 10);
}

}  // namespace
}  // namespace sextant::data
