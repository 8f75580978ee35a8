// HTTP with TLS, in the component sextant::http (libcurl):
//
//   OtlpHttpSettings settings;
//   settings.endpoint = "https://collector.example.com";
//   settings.transport = sextant::tls_http();
//   options.exporters.push_back(sextant::otlp_http(settings));
#pragma once

#include <cstdint>
#include <string>

#include "sextant/transport.h"

namespace sextant {

enum class PeerCheck : std::uint8_t {
  kFull,  // its certificate is signed by an authority that is trusted, in date, and for this host
  kNone   // anybody may answer: for tries on a developer's machine
};

struct TlsHttpSettings {
  std::string ca_file;                  // authorities that are trusted, PEM; empty: the system's
  std::string client_certificate_file;  // PEM; empty: none is shown
  std::string client_key_file;          // PEM; empty: the key stands in the certificate's file
  std::string client_key_password;
  PeerCheck peer_check = PeerCheck::kFull;
};

/// HTTP/1.1 with or without TLS (1.2 or newer), connections kept. Proxies as the variables http_proxy, https_proxy,
/// all_proxy and no_proxy say. Redirects are answers like any others. Files are read when a connection is made, so that
/// renewed certificates count from the next one on.
HttpTransportPtr tls_http(TlsHttpSettings settings = {});

}  // namespace sextant
