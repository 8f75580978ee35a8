#include "grpc/status.h"

#include <algorithm>
#include <string>

#include "export/answer.h"
#include "otlp/wire.h"

namespace sextant::grpc_client {
namespace {

constexpr std::string_view kRetryInfo = "google.rpc.RetryInfo";

const char* name_of(::grpc::StatusCode code) noexcept {
  static constexpr const char* kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  return code >= 0 && code <= ::grpc::StatusCode::UNAUTHENTICATED ? kNames[code] : "an unknown status";
}

bool retryable(::grpc::StatusCode code, bool has_retry_info) noexcept {
  switch (code) {
    case ::grpc::StatusCode::CANCELLED:
    case ::grpc::StatusCode::DEADLINE_EXCEEDED:
    case ::grpc::StatusCode::ABORTED:
    case ::grpc::StatusCode::OUT_OF_RANGE:
    case ::grpc::StatusCode::UNAVAILABLE:
    case ::grpc::StatusCode::DATA_LOSS:
      return true;
    case ::grpc::StatusCode::RESOURCE_EXHAUSTED:
      return has_retry_info;
    default:
      return false;
  }
}

// RetryInfo { Duration retry_delay = 1 }, Duration { int64 seconds = 1; int32 nanos = 2 }.
std::chrono::milliseconds read_delay(std::string_view retry_info) {
  constexpr std::int64_t kSecondsMax = 3'600;
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  otlp::Reader fields(retry_info);
  while (fields.next()) {
    if (fields.field() != 1) continue;
    otlp::Reader duration(fields.bytes());
    while (duration.next()) {
      if (duration.field() == 1) seconds = static_cast<std::int64_t>(duration.number());
      if (duration.field() == 2) nanos = static_cast<std::int64_t>(duration.number());
    }
  }
  seconds = std::clamp<std::int64_t>(seconds, 0, kSecondsMax);
  nanos = std::clamp<std::int64_t>(nanos, 0, 999'999'999);
  return std::min<std::chrono::milliseconds>(
      std::chrono::seconds(seconds) + std::chrono::milliseconds(nanos / 1'000'000), std::chrono::seconds(kSecondsMax));
}

}  // namespace

// google.rpc.Status { repeated Any details = 3 }, Any { string type_url = 1; bytes value = 2 }.
std::optional<std::chrono::milliseconds> retry_info(std::string_view status_details) {
  otlp::Reader fields(status_details);
  while (fields.next()) {
    if (fields.field() != 3) continue;
    std::string_view type;
    std::string_view value;
    otlp::Reader any(fields.bytes());
    while (any.next()) {
      if (any.field() == 1) type = any.bytes();
      if (any.field() == 2) value = any.bytes();
    }
    if (type.size() >= kRetryInfo.size() && type.substr(type.size() - kRetryInfo.size()) == kRetryInfo)
      return read_delay(value);
  }
  return std::nullopt;
}

ExportResult judge(const ::grpc::Status& status) {
  const auto pause = retry_info(status.error_details());
  const bool again = retryable(status.error_code(), pause.has_value());
  return {again ? ExportCode::kRetry : ExportCode::kRefused,
          std::string("answered ") + name_of(status.error_code()) + " " + exporting::one_line(status.error_message()),
          0, pause.value_or(std::chrono::milliseconds(0))};
}

}  // namespace sextant::grpc_client
