// What both OTLP receivers do with the bytes of a request, whatever protocol brought them: unpack, decode, hand over,
// count. And the memory of what was refused lately.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/inflate.h"
#include "base/core/guarded.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/self/log.h"
#include "base/self/metrics.h"
#include "base/sys/clock.h"
#include "data/model/consumer.h"
#include "data/otlp/answers.h"
#include "data/otlp/traces.h"

namespace sextant::ingest {

enum class Protocol : uint8_t { kHttp, kGrpc };
std::string_view to_string(Protocol protocol);

/// A request that was refused. Value.
struct Refusal {
  UnixNanos time = 0;
  Protocol protocol = Protocol::kHttp;
  std::string message;  // cut to kRefusalCharactersMax
};

/// Since the start, both protocols together.
struct ReceiverCounts {
  uint64_t requests_accepted = 0;
  uint64_t requests_refused = 0;
  uint64_t spans_accepted = 0;
  uint64_t spans_refused = 0;
};

/// A request that was taken. Spans refused one by one are told to the client (partial success).
struct Accepted {
  uint64_t rejected_spans = 0;
  std::string reason = {};
};

/// The bytes of one request. `codings`: in the order in which they were applied. Lifetime of `body`: the call.
struct IntakeRequest {
  Protocol protocol = Protocol::kHttp;
  data::OtlpEncoding encoding = data::OtlpEncoding::kProtobuf;
  std::vector<Coding> codings = {};
  std::string_view body;
};

/// Internally locked. Held by shared_ptr: the consumer may answer after the receivers are gone.
class Intake : public std::enable_shared_from_this<Intake> {
 public:
  /// Called exactly once, from any thread.
  using Done = std::move_only_function<void(Result<Accepted>)>;

  Intake(data::Consumer& consumer, MemoryLedger& ledger, Metrics& metrics, Log& log, const Clock& clock,
         uint64_t request_bytes_max);

  /// Decodes on the caller's thread and hands the spans over; `done` gets the consumer's word. Errors, besides the
  /// consumer's: kInvalidArgument (not OTLP, not of its coding), kTooLarge, kResourceExhausted.
  void take(const IntakeRequest& request, Done done);

  /// Counts and remembers a request that was refused before its body was taken.
  void refused(Protocol protocol, ErrorCode code, std::string_view message);

  ReceiverCounts counts() const;
  /// Newest first, at most kRecentRefusalsMax.
  std::vector<Refusal> recent_refusals() const;

 private:
  /// Memory that requests use one after the other.
  struct Scratch {
    std::string text;  // unpacked
    LedgerHold hold;   // of the text
    data::DecodeScratch decode = {};
  };
  struct Meters {
    Counter* accepted;
    Counter* spans_accepted;
    Counter* spans_refused;
    Counter* spans_failed;
    Counter* bytes_wire;
    Counter* bytes_unpacked;
    Histogram* seconds;
  };

  Result<std::string_view> unpack(const IntakeRequest& request, Scratch& scratch);
  void finish(Protocol protocol, uint64_t spans, uint64_t begun_nanos, Accepted accepted, Result<void> stored,
              Done done);
  Scratch take_scratch();
  void give_back(Scratch scratch);
  Meters& meters(Protocol protocol) { return meters_[static_cast<size_t>(protocol)]; }

  data::Consumer& consumer_;
  MemoryLedger& ledger_;
  Metrics& metrics_;
  Log& log_;
  const Clock& clock_;
  const uint64_t request_bytes_max_;
  std::array<Meters, 2> meters_{};
  std::atomic<uint64_t> refused_{0};
  Guarded<std::vector<Refusal>> recent_;  // oldest first
  Guarded<std::vector<Scratch>> scratch_;
};

}  // namespace sextant::ingest
