// What a gRPC status means to an exporter.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "sextant/exporter.h"

namespace sextant::grpc_client {

/// The pause of a google.rpc.RetryInfo among the details of a google.rpc.Status; nothing where there is none. At most
/// an hour.
std::optional<std::chrono::milliseconds> retry_info(std::string_view status_details);

/// Of a call that failed; the message has no more than one line.
ExportResult judge(const ::grpc::Status& status);

}  // namespace sextant::grpc_client
