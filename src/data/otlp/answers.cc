#include "data/otlp/answers.h"

#include "base/codec/json_writer.h"
#include "base/codec/protobuf_writer.h"

namespace sextant::data {
namespace {

// Field numbers of google/rpc/status.proto, error_details.proto, google/protobuf/{any,duration}.proto and of
// opentelemetry/proto/collector/trace/v1/trace_service.proto.
constexpr uint32_t kStatusCode = 1;
constexpr uint32_t kStatusMessage = 2;
constexpr uint32_t kStatusDetails = 3;
constexpr uint32_t kAnyTypeUrl = 1;
constexpr uint32_t kAnyValue = 2;
constexpr uint32_t kRetryInfoDelay = 1;
constexpr uint32_t kDurationSeconds = 1;
constexpr uint32_t kResponsePartialSuccess = 1;
constexpr uint32_t kPartialRejectedSpans = 1;
constexpr uint32_t kPartialErrorMessage = 2;

constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

std::string status_protobuf(const RpcStatus& status) {
  ProtobufWriter out;
  if (status.code != RpcCode::kOk) out.varint(kStatusCode, static_cast<uint64_t>(status.code));
  if (!status.message.empty()) out.bytes(kStatusMessage, status.message);
  if (status.retry_after_seconds) {
    ProtobufWriter retry;
    const auto delay = retry.begin_message(kRetryInfoDelay, 0);
    retry.varint(kDurationSeconds, *status.retry_after_seconds);
    retry.end_message(delay);
    const auto detail = out.begin_message(kStatusDetails, 0);
    out.bytes(kAnyTypeUrl, kRetryInfoType);
    out.bytes(kAnyValue, retry.text());
    out.end_message(detail);
  }
  return out.take();
}

std::string status_json(const RpcStatus& status) {
  JsonWriter json;
  json.begin_object().key("code").integer(static_cast<int32_t>(status.code)).key("message").string(status.message);
  if (status.retry_after_seconds) {
    json.key("details").begin_array().begin_object().key("@type").string(kRetryInfoType);
    json.key("retryDelay").string(fmt::format("{}s", *status.retry_after_seconds)).end_object().end_array();
  }
  return json.end_object().take();
}

}  // namespace

RpcCode rpc_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTooLarge:
      return RpcCode::kInvalidArgument;
    case ErrorCode::kUnauthenticated:
      return RpcCode::kUnauthenticated;
    case ErrorCode::kPermissionDenied:
      return RpcCode::kPermissionDenied;
    case ErrorCode::kNotFound:
      return RpcCode::kNotFound;
    case ErrorCode::kAlreadyExists:
      return RpcCode::kAlreadyExists;
    case ErrorCode::kUnsupported:
      return RpcCode::kUnimplemented;
    case ErrorCode::kResourceExhausted:
      return RpcCode::kResourceExhausted;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDiskFull:
    case ErrorCode::kIo:
      return RpcCode::kUnavailable;
    case ErrorCode::kDeadlineExceeded:
      return RpcCode::kDeadlineExceeded;
    case ErrorCode::kCancelled:
      return RpcCode::kCancelled;
    case ErrorCode::kDataLoss:
      return RpcCode::kDataLoss;
    case ErrorCode::kFailedPrecondition:
      return RpcCode::kFailedPrecondition;
    case ErrorCode::kInternal:
      return RpcCode::kInternal;
  }
  return RpcCode::kInternal;
}

std::string encode_rpc_status(OtlpEncoding encoding, const RpcStatus& status) {
  return encoding == OtlpEncoding::kJson ? status_json(status) : status_protobuf(status);
}

std::string encode_export_traces_response(OtlpEncoding encoding, uint64_t rejected_spans, std::string_view message) {
  const bool partial = rejected_spans != 0 || !message.empty();
  if (encoding == OtlpEncoding::kProtobuf) {
    ProtobufWriter out;
    if (partial) {
      const auto mark = out.begin_message(kResponsePartialSuccess, message.size());
      if (rejected_spans != 0) out.varint(kPartialRejectedSpans, rejected_spans);
      if (!message.empty()) out.bytes(kPartialErrorMessage, message);
      out.end_message(mark);
    }
    return out.take();
  }
  JsonWriter json;
  json.begin_object();
  if (partial) {
    json.key("partialSuccess").begin_object();
    if (rejected_spans != 0) json.key("rejectedSpans").unsigned_string(rejected_spans);
    if (!message.empty()) json.key("errorMessage").string(message);
    json.end_object();
  }
  return json.end_object().take();
}

}  // namespace sextant::data
