// Where the OTLP of one signal goes, by the rules of OpenTelemetry's "OTLP Exporter Configuration", and one more: an
// address with port 4317 and no protocol beside it is one of OTLP over gRPC, since that is what the port is for.
#pragma once

#include <string>

#include "sextant/exporter.h"
#include "wiring/settings.h"

namespace sextant::wiring {

inline constexpr Milliseconds kOtlpTimeout{10'000};
inline constexpr std::uint16_t kGrpcPort = 4317;
inline constexpr std::uint16_t kHttpPort = 4318;

struct OtlpTarget {
  OtlpProtocol protocol = OtlpProtocol::kHttpProtobuf;
  std::string url;      // of HTTP: the whole one of this signal
  std::string address;  // host:port
  std::string scheme;   // http or https
  std::uint16_t port = 0;
  std::string host;
  HttpHeaders headers;
  Milliseconds timeout = kOtlpTimeout;
  Compression compression = Compression::kNone;
  TlsFiles tls_files;

  bool tls() const noexcept { return scheme == "https"; }
  /// Whether one exporter can send to both.
  bool same_receiver(const OtlpTarget& other) const noexcept;
  /// Without secrets.
  std::string name() const { return scheme + "://" + address; }
};

OtlpTarget target_of(const Settings& settings, Signal signal);
/// Of one of the signal's further receivers.
OtlpTarget target_of(const Settings& settings, Signal signal, const OtlpPart& part);
/// The same host's HTTP port, for programs that have no gRPC.
OtlpTarget over_http_instead(const OtlpTarget& target, Signal signal);

}  // namespace sextant::wiring
