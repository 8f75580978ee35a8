#include "wiring/bench/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/core/guarded.h"
#include "data/otlp/traces.h"

namespace sextant::wiring {
namespace {

constexpr auto kPauseMin = std::chrono::milliseconds(20);
constexpr auto kPauseMax = std::chrono::milliseconds(1000);
constexpr uint32_t kAttemptsMax = 300;
constexpr std::string_view kOtlpType = "application/x-protobuf";

void note_failure(LoadResult& result, std::string what) {
  ++result.failures;
  if (result.first_failure.empty()) result.first_failure = std::move(what);
}

bool says_later(const HttpReply& reply) {
  return reply.status == 429 || reply.status == 503;
}

/// How long to wait before the next try: what the server says, but little enough that a run comes to an end.
std::chrono::milliseconds pause_after(const HttpReply& reply) {
  const auto said = std::chrono::milliseconds(reply.retry_after_seconds * 1000ULL);
  return std::clamp<std::chrono::milliseconds>(said, kPauseMin, kPauseMax);
}

void send_body(HttpConnection& connection, const LoadBody& body, LoadResult& result) {
  for (uint32_t attempt = 1;; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    const auto reply = connection.post(kOtlpType, body.bytes);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    if (!reply) return note_failure(result, reply.error().message());
    if (reply->status == 200 && reply->body.empty()) {
      ++result.requests;
      result.spans += body.spans;
      result.wire_bytes += body.bytes.size();
      result.ack_micros.push_back(static_cast<uint32_t>(micros.count()));
      return;
    }
    if (!says_later(*reply) || attempt == kAttemptsMax) {
      // A body in a success says that spans were refused.
      return note_failure(result, fmt::format("status {}, {} bytes of answer", reply->status, reply->body.size()));
    }
    ++result.refusals;
    std::this_thread::sleep_for(pause_after(*reply));
  }
}

/// A connection's whole work.
LoadResult send_bodies(const LoadTarget& target, uint32_t index, const NextBody& next) {
  LoadResult result;
  HttpConnection connection(target);
  while (const auto body = next(index)) send_body(connection, *body, result);
  return result;
}

void merge(LoadResult& into, LoadResult&& from) {
  into.requests += from.requests;
  into.failures += from.failures;
  into.refusals += from.refusals;
  into.spans += from.spans;
  into.wire_bytes += from.wire_bytes;
  into.ack_micros.insert(into.ack_micros.end(), from.ack_micros.begin(), from.ack_micros.end());
  if (into.first_failure.empty()) into.first_failure = std::move(from.first_failure);
}

}  // namespace

double LoadResult::ack_millis(double quantile) const {
  if (ack_micros.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(ack_micros.size())));
  return ack_micros[std::clamp<size_t>(rank, 1, ack_micros.size()) - 1] / 1000.0;
}

void EvenRate::wait_for_turn(uint64_t spans) {
  const uint64_t due = taken_.fetch_add(spans, std::memory_order_relaxed);
  // In whole seconds and the rest: the product of many spans and nanoseconds would be too large.
  const auto rest = std::chrono::nanoseconds(due % rate_ * 1'000'000'000 / rate_);
  std::this_thread::sleep_until(begin_ + std::chrono::seconds(due / rate_) + rest);
}

LoadResult run_load(const LoadTarget& target, uint32_t connections, const NextBody& next) {
  Guarded<LoadResult> sum;
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (uint32_t i = 0; i < connections; ++i) {
      threads.emplace_back([&, i] {
        LoadResult result = send_bodies(target, i, next);
        merge(*sum.lock(), std::move(result));
      });
    }
  }
  LoadResult result = std::move(*sum.lock());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::sort(result.ack_micros.begin(), result.ack_micros.end());
  return result;
}

Result<HttpReply> post_once(const LoadTarget& target, std::string_view content_type, std::string_view body) {
  return HttpConnection(target).post(content_type, body);
}

std::string encode_request(const data::Batch& batch) {
  std::vector<uint32_t> rows(batch.span_count());
  std::iota(rows.begin(), rows.end(), 0U);
  return data::encode_traces_protobuf(batch, rows);
}

PreparedLoad prepare_load(const data::CorpusSettings& settings, uint64_t spans,
                          const std::function<void(const data::Batch&)>& seen) {
  PreparedLoad load;
  const auto corpus = data::make_corpus(settings);
  while (load.span_count < spans) {
    const data::Batch batch = corpus->next_request();
    if (seen) seen(batch);
    load.spans.push_back(batch.span_count());
    load.span_count += batch.span_count();
    load.bodies.push_back(encode_request(batch));
    load.wire_bytes += load.bodies.back().size();
  }
  return load;
}

LoadResult send_prepared(const LoadTarget& target, uint32_t connections, const PreparedLoad& load) {
  std::atomic<size_t> next{0};
  return run_load(target, connections, [&](uint32_t) -> std::optional<LoadBody> {
    const size_t i = next.fetch_add(1, std::memory_order_relaxed);
    if (i >= load.bodies.size()) return std::nullopt;
    return LoadBody{load.bodies[i], load.spans[i]};
  });
}

}  // namespace sextant::wiring
