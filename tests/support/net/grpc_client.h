// A gRPC client for tests that sends bytes as they are.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sextant::testing {

struct GrpcAnswer {
  int code = -1;
  std::string message;  // of the status
  std::string details;  // grpc-status-details-bin
  std::string body;
};

struct GrpcClientSettings {
  std::string address;
  std::string ca_file = {};  // not "": TLS
  std::string certificate_file = {};
  std::string key_file = {};
};

struct GrpcCallSettings {
  enum class Compression { kNone, kGzip, kDeflate };
  Compression compression = Compression::kNone;
  std::vector<std::pair<std::string, std::string>> metadata = {};
  int deadline_ms = 300'000;  // then the server hangs
};

/// Internally locked.
class GrpcClient {
 public:
  explicit GrpcClient(const GrpcClientSettings& settings);
  ~GrpcClient();

  /// One unary call; returns when it has ended.
  GrpcAnswer call(const std::string& method, const std::string& body, const GrpcCallSettings& settings = {});
  /// Opens a call, sends no message, and waits for its end.
  GrpcAnswer call_without_message(const std::string& method);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::testing
