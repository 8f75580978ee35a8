// The OTLP receivers as one object: both listeners, their handlers, their counts.
//
//   auto receiver = TRY(OtlpReceiver::start(settings, store, {ledger, metrics, log, clock}));
//   receiver->http_address();   // "127.0.0.1:4318"
//   receiver->stop(10s);        // before the consumer goes
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/net/bearer_tokens.h"
#include "base/net/tls_settings.h"
#include "base/self/log.h"
#include "base/self/metrics.h"
#include "base/sys/clock.h"
#include "data/model/consumer.h"
#include "ingest/otlp/intake.h"
#include "ingest/otlp/limits.h"

namespace sextant::ingest {

struct OtlpReceiverSettings {
  std::string http_address = {};  // host:port; "": off
  std::string grpc_address = {};  // host:port; "": off
  TlsSettings http_tls = {};
  TlsSettings grpc_tls = {};
  std::vector<TokenSettings> tokens = {};  // none: anybody may send
  uint64_t request_bytes_max = kRequestBytesMax;
  uint32_t threads = 0;              // for each listener; 0: as many as the machine has cores
  uint32_t sweep_interval_ms = 500;  // how often deadlines of slow clients are looked at
};

/// What the receivers use of the process. References; all must outlive the consumer's last answer.
struct ReceiverEnvironment {
  MemoryLedger& ledger;
  Metrics& metrics;
  Log& log;
  const Clock& clock;
};

/// Internally locked. Owns its network threads.
class OtlpReceiver {
 public:
  /// Listens when it returns. Errors: kInvalidArgument (address, certificate, token), kIo (port taken).
  static Result<std::unique_ptr<OtlpReceiver>> start(const OtlpReceiverSettings& settings, data::Consumer& consumer,
                                                     const ReceiverEnvironment& environment);
  ~OtlpReceiver();
  OtlpReceiver(const OtlpReceiver&) = delete;
  OtlpReceiver& operator=(const OtlpReceiver&) = delete;

  /// With the real ports; "" for a listener that is off.
  std::string http_address() const;
  std::string grpc_address() const;

  ReceiverCounts counts() const;
  std::vector<Refusal> recent_refusals() const;

  /// Stops accepting; requests that were begun may finish for up to `deadline`.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  explicit OtlpReceiver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::ingest
