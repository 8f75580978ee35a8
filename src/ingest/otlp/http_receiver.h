// OTLP over HTTP/1.1 (4318): POST /v1/traces, protobuf or JSON.
#pragma once

#include <memory>
#include <vector>

#include "base/net/bearer_tokens.h"
#include "base/net/http_server.h"
#include "ingest/otlp/intake.h"

namespace sextant::ingest {

/// Immutable after construction.
class HttpReceiver final : public HttpHandler {
 public:
  HttpReceiver(std::shared_ptr<Intake> intake, BearerTokens tokens, uint64_t request_bytes_max)
      : intake_(std::move(intake)), tokens_(std::move(tokens)), request_bytes_max_(request_bytes_max) {}

  HeadDecision on_head(const HttpHead& head) override;
  void on_request(HttpRequest& request, HttpResponder responder) override;
  HttpAnswer on_refusal(const HttpHead& head, HttpRefusal refusal, std::string_view message) override;

 private:
  HttpAnswer refuse(const HttpHead& head, const Error& error, int status = 0);
  std::shared_ptr<Intake> intake_;
  const BearerTokens tokens_;
  const uint64_t request_bytes_max_;
};

}  // namespace sextant::ingest
