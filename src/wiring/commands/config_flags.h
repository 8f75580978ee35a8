// The flags that serve and check-config share. They stay as they are once released.
#pragma once

#include <CLI/CLI.hpp>

#include "wiring/config.h"

namespace sextant::wiring {

/// Each flag is also a SEXTANT_… variable; the flag wins over the variable, the variable over the file.
inline void add_config_flags(CLI::App& command, ConfigOverrides& overrides) {
  command.add_option("--config", overrides.config_file, "Configuration file (YAML)")->envname("SEXTANT_CONFIG");
  command.add_option("--data-dir", overrides.data_dir, "Where data is kept (default: data)")
      ->envname("SEXTANT_DATA_DIR");
  command.add_option("--listen", overrides.listen, "Page and APIs (default: 127.0.0.1:8420)")
      ->envname("SEXTANT_LISTEN");
  command.add_option("--otlp-grpc-listen", overrides.otlp_grpc_listen, "OTLP over gRPC (default: 127.0.0.1:4317)")
      ->envname("SEXTANT_OTLP_GRPC_LISTEN");
  command.add_option("--otlp-http-listen", overrides.otlp_http_listen, "OTLP over HTTP (default: 127.0.0.1:4318)")
      ->envname("SEXTANT_OTLP_HTTP_LISTEN");
  command.add_option("--durability", overrides.durability, "sync, relaxed or off (default: sync)")
      ->envname("SEXTANT_DURABILITY")
      ->check(CLI::IsMember({"sync", "relaxed", "off"}));
  command.add_option("--log-level", overrides.log_level, "debug, info, warn or error (default: info)")
      ->envname("SEXTANT_LOG_LEVEL");
}

}  // namespace sextant::wiring
