// Where telemetry goes.
//
// What is recorded is gathered into batches, each the bytes of one OTLP export request, and every exporter gets every
// batch of the signals it wants, on a thread of its own: a receiver that is slow or away delays nobody but itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sextant/result.h"

namespace sextant {

enum class Signal : std::uint8_t { kTraces, kMetrics, kLogs };

/// Immutable, shared by all exporters.
struct Batch {
  Signal signal = Signal::kTraces;
  std::size_t items = 0;  // spans, metric points, log records
  std::string body;  // ExportTraceServiceRequest, ExportMetricsServiceRequest or ExportLogsServiceRequest in protobuf
  std::chrono::milliseconds timeout{0};  // of one attempt to send it; 0: as ExportSettings say
};

/// Until when something may take, and whether it is still wanted.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Deadline(Clock::time_point until, int cancel_descriptor = -1) noexcept
      : until_(until), cancel_descriptor_(cancel_descriptor) {}
  static Deadline after(std::chrono::nanoseconds time) noexcept { return Deadline(Clock::now() + time); }

  Clock::time_point until() const noexcept { return until_; }
  /// Zero when it has passed.
  std::chrono::milliseconds left() const noexcept {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
    return left.count() > 0 ? left : std::chrono::milliseconds(0);
  }
  bool passed() const noexcept { return Clock::now() >= until_; }
  /// Becomes readable when waiting is to end at once; -1: never. To be polled beside a socket.
  int cancel_descriptor() const noexcept { return cancel_descriptor_; }
  Deadline no_later_than(Clock::time_point until) const noexcept {
    return Deadline(until < until_ ? until : until_, cancel_descriptor_);
  }

 private:
  Clock::time_point until_;
  int cancel_descriptor_;
};

enum class ExportCode : std::uint8_t {
  kTaken,
  kRetry,    // not now: to be sent again
  kRefused,  // never: what was wrong stands in the message
};

struct ExportResult {
  ExportCode code = ExportCode::kTaken;
  std::string message = {};
  std::size_t rejected = 0;                  // items of a batch that was taken (OTLP's partial success)
  std::chrono::milliseconds retry_after{0};  // asked for by the receiver; 0: not said
};

/// Thread: called by one thread at a time, its own.
class Exporter {
 public:
  virtual ~Exporter() = default;
  virtual bool wants(Signal signal) const noexcept = 0;
  /// Must return soon after the deadline has passed or its descriptor has become readable.
  virtual ExportResult send(const Batch& batch, const Deadline& deadline) = 0;
  /// What its metrics and messages call it, e.g. `otlp http://127.0.0.1:4318`. No secrets.
  virtual std::string name() const = 0;
};
using ExporterPtr = std::shared_ptr<Exporter>;

/// How an exporter's batches are kept and sent. The same for all exporters of an SDK.
struct ExportSettings {
  std::chrono::milliseconds timeout{10'000};         // of one attempt
  std::chrono::milliseconds retry_pause{1'000};      // before the second attempt; grows by half with each further one
  std::chrono::milliseconds retry_pause_max{5'000};  // a receiver that is back is found so soon
  std::size_t pending_bytes_max = std::size_t{32}
                                  << 20;  // of requests: an hour of a quiet program, a minute of a busy one
};

/// What became of items.
struct ItemCounts {
  std::uint64_t sent = 0;
  std::uint64_t rejected = 0;
  std::uint64_t lost = 0;
  std::uint64_t pending = 0;
};

/// What became of the items of an exporter's batches. sent + rejected + lost + pending is what it was given.
struct ExporterCounts {
  std::string name;
  std::uint64_t sent = 0;
  std::uint64_t rejected = 0;  // by the receiver
  std::uint64_t lost = 0;      // budget used up, or the SDK was stopped before they could be sent
  std::uint64_t pending = 0;
  std::uint64_t attempts = 0;  // requests
  std::uint64_t retries = 0;
  std::size_t pending_bytes = 0;
  std::string last_error;   // empty: none
  ItemCounts by_signal[3];  // the same sums, by Signal
};

}  // namespace sextant
