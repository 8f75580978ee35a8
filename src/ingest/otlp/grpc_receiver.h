// OTLP over gRPC (4317): TraceService/Export.
#pragma once

#include <memory>

#include "base/net/bearer_tokens.h"
#include "base/net/grpc_server.h"
#include "ingest/otlp/intake.h"

namespace sextant::ingest {

/// Immutable after construction.
class GrpcReceiver final : public GrpcHandler {
 public:
  GrpcReceiver(std::shared_ptr<Intake> intake, BearerTokens tokens)
      : intake_(std::move(intake)), tokens_(std::move(tokens)) {}

  std::optional<GrpcStatus> on_call(const GrpcCallHead& head) override;
  void on_request(GrpcRequest& request, GrpcResponder responder) override;
  GrpcStatus on_memory_full(const GrpcCallHead& head) override;

 private:
  GrpcStatus refuse(const Error& error);
  std::shared_ptr<Intake> intake_;
  const BearerTokens tokens_;
};

}  // namespace sextant::ingest
