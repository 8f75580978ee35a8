// A blocking TLS connection to loopback for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sextant::testing {

struct TlsClientSettings {
  uint16_t port = 0;
  std::string ca_file = {};
  std::string certificate_file = {};
  std::string key_file = {};
  int version_max = 0;        // OpenSSL's number; 0: the newest
  std::string protocol = {};  // offered by ALPN; "": none
};

/// Thread-confined.
class TlsClient {
 public:
  explicit TlsClient(const TlsClientSettings& settings);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// False when the handshake failed or the server's certificate is not signed by the CA.
  bool connected() const;
  /// Sends, then receives until the server ends the connection or says the end of TLS. Sets `clean` to whether it did
  /// the latter.
  std::string exchange(std::string_view bytes, bool& clean);
  std::string chosen_protocol() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::testing
