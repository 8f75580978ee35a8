// A gRPC server for unary calls whose messages it does not know: bytes in, bytes out. Messages are handed over as they
// came, compressed or not; who unpacks them can refuse while unpacking.
//
//   auto server = TRY(GrpcServer::start({.address = "127.0.0.1:0"}, handler, ledger, clock));
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/net/http_message.h"
#include "base/net/limits.h"
#include "base/net/tls_settings.h"
#include "base/sys/clock.h"

namespace sextant {

/// gRPC's status codes that are answered here (grpc.github.io/grpc/core/md_doc_statuscodes.html).
enum class GrpcCode : int32_t {
  kOk = 0,
  kInvalidArgument = 3,
  kResourceExhausted = 8,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

/// How a call ended. `details`: a serialized google.rpc.Status for the trailer grpc-status-details-bin, or "".
struct GrpcStatus {
  int32_t code = 0;
  std::string message = {};
  std::string details = {};
};

/// Codings of one message (grpc-encoding). A message in a coding that the library does not know comes as kIdentity: the
/// library drops the header and the flag.
enum class GrpcEncoding : uint8_t { kIdentity, kGzip, kDeflate };

/// What is known of a call before its message was read. Value.
struct GrpcCallHead {
  std::string method;          // "/package.Service/Method"
  HttpHeaders metadata;        // names in lower case; binary values as they are
  std::string peer;            // "127.0.0.1:53124"
  std::string client_subject;  // common name in the client's verified certificate; "" without mTLS
};

/// A call with its message. `hold` accounts for the message's memory; who moves the message away moves the hold too.
struct GrpcRequest {
  GrpcCallHead head;
  GrpcEncoding encoding = GrpcEncoding::kIdentity;
  std::string message;
  LedgerHold hold;
};

namespace net_detail {
class GrpcCall;
struct GrpcCore;
}  // namespace net_detail

/// The one answer to one call. Internally locked; movable; callable from any thread, also after the server is gone.
/// Dropped without an answer, the client gets INTERNAL.
class GrpcResponder {
 public:
  GrpcResponder(std::shared_ptr<net_detail::GrpcCore> core, std::shared_ptr<net_detail::GrpcCall> call);
  GrpcResponder(GrpcResponder&&) noexcept = default;
  GrpcResponder& operator=(GrpcResponder&& other) noexcept;
  ~GrpcResponder();

  void answer(std::string message);
  void fail(const GrpcStatus& status);

 private:
  std::shared_ptr<net_detail::GrpcCore> core_;  // declared first: lives longer than the call
  std::shared_ptr<net_detail::GrpcCall> call_;
};

/// What a server does with calls. Internally locked: called from all network threads at once. Must not block on disk.
/// Lifetime: longer than the server.
class GrpcHandler {
 public:
  virtual ~GrpcHandler() = default;

  /// A status refuses the call before its message is read.
  virtual std::optional<GrpcStatus> on_call(const GrpcCallHead& head) = 0;
  /// The handler may move the message (with its hold) out of `request`, which dies when it returns.
  virtual void on_request(GrpcRequest& request, GrpcResponder responder) = 0;
  /// The ledger has no room for a message.
  virtual GrpcStatus on_memory_full(const GrpcCallHead& head) = 0;
};

struct GrpcServerSettings {
  std::string address = {};  // host:port, see address.h
  TlsSettings tls = {};
  uint32_t threads = 0;                  // 0: as many as the machine has cores
  uint64_t message_bytes_max = 4 << 20;  // as it comes over the wire
  uint32_t message_deadline_ms = kGrpcMessageDeadlineMs;
  uint32_t sweep_interval_ms = kSweepIntervalMs;
};

/// Counts since the start.
struct GrpcServerStats {
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;
  uint64_t accept_failures = 0;
  uint64_t calls = 0;
  uint64_t deadlines_missed = 0;
};

/// Internally locked. Owns its threads.
class GrpcServer {
 public:
  /// Listens when it returns. Errors: kInvalidArgument (address, certificate), kIo (port taken, no permission).
  static Result<std::unique_ptr<GrpcServer>> start(GrpcServerSettings settings, GrpcHandler& handler,
                                                   MemoryLedger& ledger, const Clock& clock);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  const std::string& address() const;
  uint16_t port() const;
  GrpcServerStats stats() const;

  /// Stops accepting, lets calls that were begun finish for up to `deadline`, cancels the rest, joins the threads.
  /// Requires: not called from a handler.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
