// What a user may say to `sextant serve`: an OpenTelemetry Collector file (`receivers`) with Sextant's own sections
// (`storage auth http memory log`). Read from a file, overridden by SEXTANT_… variables, overridden by flags; then
// finalized once. Components never see a Config, only the settings made from the final one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config/config_tree.h"
#include "base/core/result.h"

namespace sextant::wiring {

/// TLS of one listener. Empty: plain text.
struct TlsConfig {
  std::string cert_file;       // PEM, leaf first
  std::string key_file;        // PEM
  std::string client_ca_file;  // PEM; set: clients must show a certificate signed by one of these

  bool enabled() const { return !cert_file.empty(); }
};

/// An address to listen on. `on` false: the listener is switched off.
struct ListenConfig {
  bool on = true;
  std::string endpoint;  // host:port; port 0 takes a free one
  TlsConfig tls;
};

/// A bearer token. Only its SHA-256 is written in the file, so that the file betrays none.
struct TokenConfig {
  std::string name;    // for logs and metrics
  std::string sha256;  // 64 hexadecimal digits
};

struct Config {
  ListenConfig http{.endpoint = "127.0.0.1:8420", .tls = {}};
  ListenConfig otlp_http{.endpoint = "127.0.0.1:4318", .tls = {}};
  ListenConfig otlp_grpc{.endpoint = "127.0.0.1:4317", .tls = {}};

  std::string data_dir = "data";
  std::string durability = "sync";
  uint64_t retention_age_nanos = 14ULL * 24 * 3600 * 1'000'000'000;
  std::optional<uint64_t> retention_bytes_max;  // unset: 80 % of the disk

  uint64_t memory_bytes_max = 512ULL << 20;
  uint64_t request_bytes_max = 80ULL << 20;

  std::vector<TokenConfig> ingest_tokens;  // empty: anyone who reaches the receivers may write
  std::vector<TokenConfig> query_tokens;   // empty: anyone who reaches the page may read
  std::vector<std::string> allowed_hosts;  // names besides loopback and the bound address that 8420 answers to
  std::string log_level = "info";
};

/// What a flag or a variable said; what is unset leaves the file's word.
struct ConfigOverrides {
  std::optional<std::string> config_file;
  std::optional<std::string> data_dir;
  std::optional<std::string> listen;
  std::optional<std::string> otlp_grpc_listen;
  std::optional<std::string> otlp_http_listen;
  std::optional<std::string> durability;
  std::optional<std::string> log_level;
};

/// A Config that was checked as a whole. Immutable.
class FinalConfig {
 public:
  const Config& operator*() const { return config_; }
  const Config* operator->() const { return &config_; }

 private:
  friend Result<FinalConfig> finalize(Config config);
  explicit FinalConfig(Config config) : config_(std::move(config)) {}
  Config config_;
};

/// Reads the file's text. Every error of it goes to `errors`, with line and column.
Config read_config(std::string_view text, const VariableLookup& lookup, ConfigErrors& errors);

/// Reads the file named in `overrides` (when there is one), applies the overrides, finalizes.
Result<FinalConfig> load_config(const ConfigOverrides& overrides);

/// Checks what can only be checked on the whole: addresses, files that belong together, sizes that fit.
Result<FinalConfig> finalize(Config config);

}  // namespace sextant::wiring
