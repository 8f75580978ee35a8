#include "queue/record_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

namespace sextant::queue {
namespace {

bool write(RecordQueue& queue, Lane* lane, std::uint32_t tag, std::string_view bytes) {
  char* out = queue.begin(lane, bytes.size());
  if (out == nullptr) return false;
  std::memcpy(out, bytes.data(), bytes.size());
  queue.commit(lane, tag, bytes.size());
  return true;
}

std::vector<std::string> take_all(RecordQueue& queue, std::size_t at_a_time = 1'000'000) {
  std::vector<std::string> all;
  std::vector<Record> part;
  do {
    part.clear();
    queue.take(at_a_time, part);
    for (const Record& record : part) all.push_back(std::to_string(record.tag) + ":" + std::string(record.bytes));
    queue.release();
  } while (!part.empty());
  return all;
}

TEST(RecordQueue, records_come_out_as_they_went_in) {
  Waker waker;
  RecordQueue queue({}, waker);
  Lane* lane = queue.open_lane();
  EXPECT_TRUE(write(queue, lane, 3, "one"));
  EXPECT_TRUE(write(queue, lane, 4, ""));
  EXPECT_TRUE(write(queue, lane, 5, "three"));
  EXPECT_EQ(take_all(queue, 2), (std::vector<std::string>{"3:one", "4:", "5:three"}));
  EXPECT_EQ(queue.written(), 3u);
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(RecordQueue, one_thread_fills_it_exactly_to_the_limit) {
  for (const std::size_t limit : {1, 2, 15, 16, 17, 100, 2048}) {
    Waker waker;
    RecordQueue queue({limit, std::size_t{16} << 20, limit}, waker);
    Lane* lane = queue.open_lane();
    for (int round = 0; round < 3; ++round) {
      std::size_t written = 0;
      while (write(queue, lane, 0, "x")) ++written;
      EXPECT_EQ(written, limit) << round;
      EXPECT_FALSE(write(queue, lane, 0, "x"));
      EXPECT_EQ(take_all(queue).size(), limit);
    }
    EXPECT_EQ(queue.dropped(), 6u);
  }
}

TEST(RecordQueue, memory_is_bounded_in_bytes) {
  Waker waker;
  constexpr std::size_t kBytesMax = 1 << 20;
  RecordQueue queue({1'000'000, kBytesMax, 1'000'000}, waker);
  Lane* lane = queue.open_lane();
  const std::string record(1'000, 'r');
  std::size_t written = 0;
  while (write(queue, lane, 0, record)) ++written;
  EXPECT_GT(written * record.size(), kBytesMax * 9 / 10);
  EXPECT_LT(written * record.size(), kBytesMax + 2 * ChunkPool::kChunkBytes);
  EXPECT_EQ(take_all(queue).size(), written);
  EXPECT_TRUE(write(queue, lane, 0, record));
}

TEST(RecordQueue, records_larger_than_a_chunk_pass_and_count_against_the_budget) {
  Waker waker;
  RecordQueue queue({100, 1 << 20, 100}, waker);
  Lane* lane = queue.open_lane();
  const std::string large(700'000, 'l');
  EXPECT_TRUE(write(queue, lane, 1, large));
  EXPECT_FALSE(write(queue, lane, 1, large));  // two are more than the budget
  EXPECT_TRUE(write(queue, lane, 2, "small"));
  EXPECT_EQ(take_all(queue), (std::vector<std::string>{"1:" + large, "2:small"}));
  const std::string larger_than_the_budget(3'000'000, 'x');
  EXPECT_TRUE(write(queue, lane, 1, larger_than_the_budget));
  EXPECT_EQ(take_all(queue).size(), 1u);
}

TEST(RecordQueue, a_closed_queue_refuses_and_counts_until_it_is_opened) {
  Waker waker;
  RecordQueue queue({}, waker);
  Lane* lane = queue.open_lane();
  queue.close();
  EXPECT_FALSE(write(queue, lane, 0, "x"));
  queue.open({});
  EXPECT_TRUE(write(queue, lane, 0, "y"));
  EXPECT_EQ(queue.dropped(), 1u);
}

TEST(RecordQueue, an_abandoned_lane_is_read_and_forgotten) {
  Waker waker;
  RecordQueue queue({}, waker);
  for (int i = 0; i < 10'000; ++i) {
    Lane* lane = queue.open_lane();
    ASSERT_TRUE(write(queue, lane, 0, "x"));
    queue.abandon(lane);
    if (i % 100 == 99) {
      EXPECT_EQ(take_all(queue).size(), 100u);
    }
  }
  EXPECT_EQ(queue.written(), 10'000u);
}

TEST(RecordQueue, the_reader_is_woken_by_a_full_batch) {
  Waker waker;
  RecordQueue queue({2048, std::size_t{16} << 20, 10}, waker);
  Lane* lane = queue.open_lane();
  for (int i = 0; i < 11; ++i) write(queue, lane, 0, "x");
  waker.wait_for(std::chrono::hours(1));  // returns at once, or the test hangs
  EXPECT_GE(queue.queued(), 10u);
}

/// Writers that never wait and a reader beside them: what was accepted comes out once, in each writer's order.
TEST(RecordQueue, writers_and_reader_at_the_same_time) {
  Waker waker;
  RecordQueue queue({1'000, 1 << 20, 100}, waker);
  constexpr int kWriters = 4;
  constexpr std::uint32_t kRecords = 50'000;
  std::atomic<int> writing{kWriters};
  std::vector<std::uint64_t> accepted(kWriters);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      Lane* lane = queue.open_lane();
      const std::string filler(static_cast<std::size_t>(w) * 100, 'f');
      for (std::uint32_t i = 0; i < kRecords; ++i) {
        const std::string number = std::to_string(i);
        accepted[static_cast<std::size_t>(w)] +=
            write(queue, lane, static_cast<std::uint32_t>(w), number + " " + filler) ? 1 : 0;
      }
      queue.abandon(lane);
      writing.fetch_sub(1);
    });
  }
  std::vector<std::uint64_t> seen(kWriters);
  std::vector<long> last(kWriters, -1);
  std::vector<Record> part;
  for (bool done = false; !done;) {
    done = writing.load() == 0;
    part.clear();
    queue.take(512, part);
    for (const Record& record : part) {
      const long number = std::strtol(std::string(record.bytes).c_str(), nullptr, 10);
      ASSERT_GT(number, last[record.tag]);
      last[record.tag] = number;
      ++seen[record.tag];
    }
    done = done && part.empty();
    queue.release();
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen, accepted);
  EXPECT_EQ(queue.written() + queue.dropped(), std::uint64_t{kWriters} * kRecords);
}

}  // namespace
}  // namespace sextant::queue
