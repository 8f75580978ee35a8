// What an OTLP receiver answers: ExportTraceServiceResponse after success, google.rpc.Status after failure, each in the
// encoding of the request (opentelemetry-proto, docs/specification.md, "OTLP/HTTP Response").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/core/result.h"

namespace sextant::data {

enum class OtlpEncoding : uint8_t { kProtobuf, kJson };

/// Code numbers of google.rpc.Code, which are also gRPC's.
enum class RpcCode : int32_t {
  kOk = 0,
  kCancelled = 1,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// The number a client's retry logic reads. kDiskFull and kIo become UNAVAILABLE: the sender should try again later.
RpcCode rpc_code(ErrorCode code);

/// google.rpc.Status. With `retry_after_seconds` a google.rpc.RetryInfo stands in its details.
struct RpcStatus {
  RpcCode code = RpcCode::kOk;
  std::string message;
  std::optional<uint32_t> retry_after_seconds;
};

std::string encode_rpc_status(OtlpEncoding encoding, const RpcStatus& status);

/// ExportTraceServiceResponse; `partial_success` is left out when nothing was refused and `message` is empty.
std::string encode_export_traces_response(OtlpEncoding encoding, uint64_t rejected_spans, std::string_view message);

}  // namespace sextant::data
