// TLS of one listener, as settings: files in PEM form.
#pragma once

#include <string>

namespace sextant {

/// Empty: plain text. TLS 1.2 is the oldest version spoken.
struct TlsSettings {
  std::string certificate_file = {};  // the chain, leaf first
  std::string key_file = {};
  std::string client_ca_file = {};  // not "": clients must show a certificate signed by one of these

  bool enabled() const { return !certificate_file.empty(); }
};

}  // namespace sextant
