#include "ingest/otlp/grpc_receiver.h"

#include "ingest/otlp/refusal_answer.h"

namespace sextant::ingest {
namespace {

constexpr std::string_view kExportTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::string_view kCollectorPackage = "/opentelemetry.proto.collector.";

GrpcStatus to_status(const Error& error) {
  const data::RpcStatus status = answer_to(error).status;
  return {.code = static_cast<int32_t>(status.code),
          .message = status.message,
          .details = data::encode_rpc_status(data::OtlpEncoding::kProtobuf, status)};
}

/// "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" → "metrics"; "" for services of others.
std::string_view signal_of(std::string_view method) {
  if (!method.starts_with(kCollectorPackage)) return {};
  method.remove_prefix(kCollectorPackage.size());
  return method.substr(0, method.find('.'));
}

/// The coding of a message that came in one which gRPC's library does not know, by its first bytes; "" for OTLP. No
/// OTLP request begins so: its only field is number 1.
std::string_view foreign_coding(std::string_view message) {
  if (message.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (message.starts_with(std::string_view("\xff\x06\x00\x00sNaPpY", 10))) return "snappy";
  return {};
}

std::vector<Coding> codings_of(GrpcEncoding encoding) {
  switch (encoding) {
    case GrpcEncoding::kGzip:
      return {Coding::kGzip};
    case GrpcEncoding::kDeflate:
      return {Coding::kDeflate};
    case GrpcEncoding::kIdentity:
      break;
  }
  return {};
}

}  // namespace

std::optional<GrpcStatus> GrpcReceiver::on_call(const GrpcCallHead& head) {
  if (head.method != kExportTraces) {
    const std::string_view signal = signal_of(head.method);
    const bool other_signal = !signal.empty() && signal != "trace";
    return refuse(Error(ErrorCode::kUnsupported,
                        other_signal ? fmt::format("{} are not received by this version; traces are, by {}", signal,
                                                   kExportTraces.substr(1))
                                     : fmt::format("unknown method; OTLP traces go to {}", kExportTraces.substr(1))));
  }
  if (tokens_.allows(head.metadata.get("authorization"))) return std::nullopt;
  return refuse(
      Error(ErrorCode::kUnauthenticated, "a token is needed: send the metadata \"authorization: Bearer TOKEN\""));
}

void GrpcReceiver::on_request(GrpcRequest& request, GrpcResponder responder) {
  if (const auto coding = foreign_coding(request.message);
      request.encoding == GrpcEncoding::kIdentity && !coding.empty()) {
    return responder.fail(refuse(
        Error(ErrorCode::kUnsupported, fmt::format("messages compressed with {} are not taken over gRPC; gzip and "
                                                   "deflate are",
                                                   coding))));
  }
  const IntakeRequest bytes{.protocol = Protocol::kGrpc,
                            .encoding = data::OtlpEncoding::kProtobuf,
                            .codings = codings_of(request.encoding),
                            .body = request.message};
  intake_->take(bytes, [responder = std::move(responder)](Result<Accepted> taken) mutable {
    if (!taken) return responder.fail(to_status(taken.error()));
    responder.answer(
        data::encode_export_traces_response(data::OtlpEncoding::kProtobuf, taken->rejected_spans, taken->reason));
  });
}

GrpcStatus GrpcReceiver::on_memory_full(const GrpcCallHead&) {
  return refuse(Error(ErrorCode::kResourceExhausted, "no memory for the message now; try again later"));
}

GrpcStatus GrpcReceiver::refuse(const Error& error) {
  intake_->refused(Protocol::kGrpc, error.code(), error.message());
  return to_status(error);
}

}  // namespace sextant::ingest
