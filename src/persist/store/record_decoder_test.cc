#include "persist/store/record_decoder.h"

#include <gtest/gtest.h>

#include "persist/format/batch_codec.h"
#include "persist/store/limits.h"
#include "tests/support/span_maker.h"

namespace sextant::persist {
namespace {

/// A record with so many spans; without any, one that cannot be decoded.
std::string payload_of(uint64_t spans) {
  if (spans == 0) return "not a batch";
  std::string payload;
  encode_batch(testing::batch_of(std::vector<testing::PlainSpan>(spans)), payload);
  return payload;
}

/// What was taken: sequence and spans.
using Taken = std::vector<std::pair<uint64_t, uint64_t>>;

Taken decode(unsigned helpers, const Taken& records) {
  Taken taken;
  RecordDecoder decoder(helpers, [&](const LogRecordHeader& record, const std::shared_ptr<HeadBatch>& head) {
    if (head == nullptr) {
      taken.emplace_back(record.sequence, 0);
      return;
    }
    EXPECT_EQ(head->sequence, record.sequence);
    EXPECT_EQ(head->arrival, record.arrival_unix_nanos);
    taken.emplace_back(head->sequence, head->batch.span_count());
  });
  for (const auto& [sequence, spans] : records) {
    LogRecordHeader record;
    record.sequence = sequence;
    record.arrival_unix_nanos = sequence * 1000;
    decoder.add(record, payload_of(spans));
  }
  decoder.finish();
  return taken;
}

TEST(RecordDecoder, GivesRecordsInTheirOrderWithAnyNumberOfThreads) {
  Taken records;
  for (uint64_t i = 1; i <= 3 * kReplayAheadRecordsMax; ++i) records.emplace_back(i, i % 7 == 0 ? 0 : 1 + i * 37 % 50);
  for (const unsigned helpers : {0U, 1U, 3U}) EXPECT_EQ(decode(helpers, records), records) << helpers;
}

TEST(RecordDecoder, HasNothingToGiveWithoutRecords) {
  EXPECT_TRUE(decode(2, {}).empty());
}

}  // namespace
}  // namespace sextant::persist
