// Tests of the server's configuration: sections, precedence, errors with their place.
#include "wiring/config.h"

#include <gtest/gtest.h>

namespace sextant::wiring {
namespace {

std::optional<std::string> no_variables(std::string_view) {
  return std::nullopt;
}

TEST(Config, ReadsEverySection) {
  ConfigErrors errors;
  const Config config = read_config(R"(
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:5317
        tls: { cert_file: c.pem, key_file: k.pem, client_ca_file: ca.pem }
      http:
        max_request_body_size: 20MiB
storage:
  data_dir: /srv/sextant
  durability: relaxed
  retention: { age: 3d, bytes_max: 10GiB }
http:
  endpoint: 127.0.0.1:9000
  allowed_hosts: [sextant.internal]
auth:
  ingest_tokens:
    - { name: agents, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }
memory: { bytes_max: 256MiB }
log: { level: warn }
)",
                                    no_variables, errors);
  EXPECT_EQ(errors.to_text("f"), "");
  EXPECT_EQ(config.otlp_grpc.endpoint, "0.0.0.0:5317");
  EXPECT_EQ(config.otlp_grpc.tls.client_ca_file, "ca.pem");
  EXPECT_EQ(config.otlp_http.endpoint, "127.0.0.1:4318");
  EXPECT_EQ(config.request_bytes_max, 20ULL << 20);
  EXPECT_EQ(config.durability, "relaxed");
  EXPECT_EQ(config.retention_bytes_max, 10ULL << 30);
  EXPECT_EQ(config.ingest_tokens.at(0).name, "agents");
  EXPECT_EQ(config.memory_bytes_max, 256ULL << 20);
}

TEST(Config, AProtocolThatIsNotNamedIsOff) {
  ConfigErrors errors;
  const Config config = read_config("receivers: { otlp: { protocols: { http: } } }", no_variables, errors);
  EXPECT_TRUE(errors.empty());
  EXPECT_TRUE(config.otlp_http.on);
  EXPECT_FALSE(config.otlp_grpc.on);
}

TEST(Config, ErrorsNameTheirPlace) {
  ConfigErrors errors;
  (void)read_config("storage:\n  durability: fast\n  data_dirr: x\nauth:\n  ingest_tokens: [{name: a, sha256: zz}]\n",
                    no_variables, errors);
  const std::string text = errors.to_text("f");
  EXPECT_NE(text.find("f:2:15: storage.durability: 'fast' is not one of sync, relaxed, off"), std::string::npos)
      << text;
  EXPECT_NE(text.find("f:3:3: storage.data_dirr: unknown key; did you mean data_dir?"), std::string::npos) << text;
  EXPECT_NE(text.find("auth.ingest_tokens[0].sha256: 64 hexadecimal digits"), std::string::npos) << text;
}

TEST(Config, OverridesWinAndAreChecked) {
  ConfigOverrides overrides;
  overrides.listen = "127.0.0.1:0";
  overrides.data_dir = "/tmp/x";
  const auto final_config = load_config(overrides);
  ASSERT_TRUE(final_config.has_value());
  EXPECT_EQ((*final_config)->http.endpoint, "127.0.0.1:0");
  overrides.listen = "8420";
  EXPECT_FALSE(load_config(overrides).has_value());
  overrides.listen.reset();
  overrides.config_file = "does/not/exist.yaml";
  EXPECT_EQ(load_config(overrides).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace sextant::wiring
