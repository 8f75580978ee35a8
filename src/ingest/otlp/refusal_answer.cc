#include "ingest/otlp/refusal_answer.h"

#include "base/net/limits.h"

namespace sextant::ingest {
namespace {

int http_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnsupported:
      return 415;
    case ErrorCode::kResourceExhausted:
      return 429;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDiskFull:
    case ErrorCode::kIo:
    case ErrorCode::kCancelled:
    case ErrorCode::kDeadlineExceeded:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

RefusalAnswer answer_to(const Error& error) {
  RefusalAnswer answer{
      .http_status = http_status_of(error.code()),
      .status = {
          .code = data::rpc_code(error.code()), .message = error.message(), .retry_after_seconds = std::nullopt}};
  // OTLP/gRPC says RESOURCE_EXHAUSTED, without RetryInfo, for a request that is over the size limit.
  if (error.code() == ErrorCode::kTooLarge) answer.status.code = data::RpcCode::kResourceExhausted;
  if (answer.http_status == 429 || answer.http_status == 503) answer.status.retry_after_seconds = kRetryAfterSeconds;
  return answer;
}

}  // namespace sextant::ingest
