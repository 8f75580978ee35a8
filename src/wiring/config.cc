#include "wiring/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/core/text.h"
#include "base/sys/files.h"

namespace sextant::wiring {
namespace {

/// Larger than any configuration a person writes; keeps a wrong path (a log, a disk) from being read whole.
constexpr uint64_t kConfigBytesMax = 4ULL << 20;
/// One request of the size promised (80 MiB), decoded, needs about this much; below it nothing large gets in.
constexpr uint64_t kMemoryBytesLeast = 64ULL << 20;

void read_tls(ConfigMap tls, TlsConfig& config) {
  if (!tls.present()) return;
  config.cert_file = tls.text("cert_file").value_or("");
  config.key_file = tls.text("key_file").value_or("");
  config.client_ca_file = tls.text("client_ca_file").value_or("");
  if (config.cert_file.empty()) tls.error("cert_file", "tls needs cert_file and key_file");
  if (config.cert_file.empty() != config.key_file.empty()) tls.error("key_file", "tls needs cert_file and key_file");
}

/// A protocol of the OTLP receiver: named means on, as in a Collector; `endpoint` as there.
void read_protocol(ConfigMap& protocols, std::string_view name, ListenConfig& listen) {
  listen.on = protocols.has(name);
  ConfigMap protocol = protocols.map(name);
  if (auto endpoint = protocol.text("endpoint")) listen.endpoint = *endpoint;
  read_tls(protocol.map("tls"), listen.tls);
}

void read_receivers(ConfigMap receivers, Config& config) {
  if (!receivers.present()) return;
  ConfigMap protocols = receivers.map("otlp").map("protocols");
  if (!protocols.present()) {
    receivers.error("otlp", "receivers.otlp.protocols must name grpc, http or both");
    return;
  }
  read_protocol(protocols, "grpc", config.otlp_grpc);
  read_protocol(protocols, "http", config.otlp_http);
  if (auto size = protocols.map("http").bytes("max_request_body_size")) config.request_bytes_max = *size;
}

void read_storage(ConfigMap storage, Config& config) {
  if (auto value = storage.text("data_dir")) config.data_dir = *value;
  if (auto value = storage.choice("durability", {"sync", "relaxed", "off"})) config.durability = *value;
  ConfigMap retention = storage.map("retention");
  if (auto value = retention.duration_nanos("age")) config.retention_age_nanos = *value;
  if (const auto value = retention.bytes("bytes_max")) config.retention_bytes_max = value;
}

std::vector<TokenConfig> read_tokens(ConfigMap& auth, std::string_view key) {
  std::vector<TokenConfig> tokens;
  for (ConfigMap& item : auth.maps(key)) {
    TokenConfig token{item.text("name").value_or(""), item.text("sha256").value_or("")};
    const auto raw = from_hex(token.sha256);
    if (token.name.empty()) item.error("name", "a token needs a name, so that logs can tell it apart");
    if (!raw || raw->size() != 32) {
      item.error("sha256", "64 hexadecimal digits are wanted: printf %s TOKEN | sha256sum");
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

Result<void> check_endpoint(std::string_view what, const ListenConfig& listen) {
  if (!listen.on) return {};
  const std::string& endpoint = listen.endpoint;
  const size_t colon = endpoint.rfind(':');
  uint16_t port = 0;
  bool good = colon != std::string::npos && colon > 0 && colon + 1 < endpoint.size();
  if (good) {
    const char* end = endpoint.data() + endpoint.size();
    const auto [stop, problem] = std::from_chars(endpoint.data() + colon + 1, end, port);
    good = problem == std::errc{} && stop == end;
  }
  if (good) return {};
  return fail(ErrorCode::kInvalidArgument, "{}: '{}' is not an address; write host:port, such as 127.0.0.1:4318", what,
              endpoint);
}

Result<void> check_tls(std::string_view what, const TlsConfig& tls) {
  for (const std::string& path : {tls.cert_file, tls.key_file, tls.client_ca_file}) {
    if (path.empty()) continue;
    auto file = posix_files().open(path, Files::Open::kRead);
    if (!file) return std::unexpected(std::move(file).error().with_context(what));
  }
  return {};
}

template <typename T>
void override_with(T& target, const std::optional<T>& value) {
  if (value) target = *value;
}

}  // namespace

Config read_config(std::string_view text, const VariableLookup& lookup, ConfigErrors& errors) {
  Config config;
  const ConfigDocument document = ConfigDocument::parse(text, lookup, errors);
  ConfigMap root = document.root(errors);
  read_receivers(root.map("receivers"), config);
  read_storage(root.map("storage"), config);
  ConfigMap http = root.map("http");
  if (auto value = http.text("endpoint")) config.http.endpoint = *value;
  read_tls(http.map("tls"), config.http.tls);
  config.allowed_hosts = http.texts("allowed_hosts");
  ConfigMap auth = root.map("auth");
  config.ingest_tokens = read_tokens(auth, "ingest_tokens");
  config.query_tokens = read_tokens(auth, "query_tokens");
  if (auto value = root.map("memory").bytes("bytes_max")) config.memory_bytes_max = *value;
  if (auto value = root.map("log").choice("level", {"debug", "info", "warn", "error"})) config.log_level = *value;
  root.finish();
  return config;
}

Result<FinalConfig> load_config(const ConfigOverrides& overrides) {
  Config config;
  if (overrides.config_file) {
    const std::string text = TRY(read_file(posix_files(), *overrides.config_file, kConfigBytesMax));
    ConfigErrors errors;
    config = read_config(text, environment, errors);
    if (!errors.empty()) return fail(ErrorCode::kInvalidArgument, "{}", errors.to_text(*overrides.config_file));
  }
  override_with(config.data_dir, overrides.data_dir);
  override_with(config.http.endpoint, overrides.listen);
  override_with(config.otlp_http.endpoint, overrides.otlp_http_listen);
  override_with(config.otlp_grpc.endpoint, overrides.otlp_grpc_listen);
  config.otlp_http.on = config.otlp_http.on || overrides.otlp_http_listen.has_value();
  config.otlp_grpc.on = config.otlp_grpc.on || overrides.otlp_grpc_listen.has_value();
  override_with(config.durability, overrides.durability);
  override_with(config.log_level, overrides.log_level);
  return finalize(std::move(config));
}

Result<FinalConfig> finalize(Config config) {
  TRY(check_endpoint("http.endpoint (--listen)", config.http));
  TRY(check_endpoint("receivers.otlp.protocols.http.endpoint (--otlp-http-listen)", config.otlp_http));
  TRY(check_endpoint("receivers.otlp.protocols.grpc.endpoint (--otlp-grpc-listen)", config.otlp_grpc));
  TRY(check_tls("http.tls", config.http.tls));
  TRY(check_tls("receivers.otlp.protocols.http.tls", config.otlp_http.tls));
  TRY(check_tls("receivers.otlp.protocols.grpc.tls", config.otlp_grpc.tls));
  if (config.data_dir.empty()) return fail(ErrorCode::kInvalidArgument, "storage.data_dir (--data-dir) is empty");
  if (config.memory_bytes_max < kMemoryBytesLeast) {
    return fail(ErrorCode::kInvalidArgument, "memory.bytes_max: {} bytes are too few, the least is {}",
                config.memory_bytes_max, kMemoryBytesLeast);
  }
  if (config.request_bytes_max == 0 || config.request_bytes_max > config.memory_bytes_max) {
    return fail(ErrorCode::kInvalidArgument,
                "receivers.otlp.protocols.http.max_request_body_size: must be above 0 and at most memory.bytes_max");
  }
  for (std::string_view level : {"debug", "info", "warn", "error"}) {
    if (config.log_level == level) return FinalConfig(std::move(config));
  }
  return fail(ErrorCode::kInvalidArgument, "log.level: '{}' is not one of debug, info, warn, error", config.log_level);
}

}  // namespace sextant::wiring
