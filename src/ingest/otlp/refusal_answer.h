// What a failed request is answered with, in terms of both protocols (OTLP 1.11, "Failures" of OTLP/gRPC and
// OTLP/HTTP).
#pragma once

#include "base/core/result.h"
#include "data/otlp/answers.h"

namespace sextant::ingest {

struct RefusalAnswer {
  int http_status = 500;
  data::RpcStatus status;  // with retry_after_seconds when, and only when, the client should try again
};

/// Clients decide by the status whether to send the same request again: 429 and 503, RESOURCE_EXHAUSTED with RetryInfo
/// and UNAVAILABLE mean yes, everything else means that the data is dropped.
RefusalAnswer answer_to(const Error& error);

}  // namespace sextant::ingest
