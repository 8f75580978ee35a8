// The server put together: each statement is one stage, in order of dependency; stopping is the exact reverse. Whoever
// wants to know what Sextant consists of reads serve() from top to bottom.
#include "wiring/serve.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "base/codec/json_writer.h"
#include "base/core/ledger.h"
#include "base/net/bearer_tokens.h"
#include "base/net/http_server.h"
#include "base/self/log.h"
#include "base/self/metrics.h"
#include "base/sys/clock.h"
#include "base/sys/memory.h"
#include "base/sys/process.h"
#include "ingest/otlp/otlp_receiver.h"
#include "persist/store/store.h"
#include "serve/api/api.h"
#include "serve/webui/web_page.h"
#include "wiring/server_facts.h"

namespace sextant::wiring {
namespace {

/// How long requests that were begun may take to finish when the server is told to stop.
constexpr std::chrono::milliseconds kStopDeadline{10'000};
/// Share of the memory (one in so many) that neither what comes in nor what the store keeps can use up, so that
/// questions are answered then too.
constexpr uint64_t kQuestionsShare = 8;

LogLevel log_level_of(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

persist::Durability durability_of(std::string_view name) {
  if (name == "relaxed") return persist::Durability::kRelaxed;
  if (name == "off") return persist::Durability::kOff;
  return persist::Durability::kSync;
}

TlsSettings tls_settings(const TlsConfig& config) {
  return {.certificate_file = config.cert_file, .key_file = config.key_file, .client_ca_file = config.client_ca_file};
}

std::vector<TokenSettings> token_settings(const std::vector<TokenConfig>& tokens) {
  std::vector<TokenSettings> settings;
  for (const TokenConfig& token : tokens) settings.push_back({token.name, token.sha256});
  return settings;
}

persist::StoreSettings store_settings(const Config& config) {
  persist::StoreSettings settings;
  settings.data_dir = config.data_dir;
  settings.durability = durability_of(config.durability);
  settings.retention_age_nanos = config.retention_age_nanos;
  settings.retention_bytes_max = config.retention_bytes_max;
  return settings;
}

ingest::OtlpReceiverSettings receiver_settings(const Config& config) {
  ingest::OtlpReceiverSettings settings;
  settings.http_address = config.otlp_http.on ? config.otlp_http.endpoint : "";
  settings.grpc_address = config.otlp_grpc.on ? config.otlp_grpc.endpoint : "";
  settings.http_tls = tls_settings(config.otlp_http.tls);
  settings.grpc_tls = tls_settings(config.otlp_grpc.tls);
  settings.tokens = token_settings(config.ingest_tokens);
  settings.request_bytes_max = config.request_bytes_max;
  return settings;
}

Result<serve::ApiSettings> api_settings(const Config& config) {
  serve::ApiSettings settings;
  settings.allowed_hosts = config.allowed_hosts;
  auto tokens = std::make_shared<BearerTokens>(TRY(BearerTokens::make(token_settings(config.query_tokens))));
  if (tokens->required()) {
    settings.authorize = [tokens](std::string_view authorization) { return tokens->allows(authorization); };
  }
  return settings;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]");
}

/// A listener that others can reach and that asks for no token deserves a word.
void warn_if_open(Log& log, std::string_view what, const std::string& address, bool guarded) {
  if (address.empty() || is_loopback(address) || guarded) return;
  log.warn("anyone who reaches this address may use it; set auth or client certificates, or bind to 127.0.0.1",
           {{"listener", what}, {"address", address}});
}

void warn_about_open_listeners(Log& log, const Config& config, const serve::ServerAddresses& listening) {
  const bool ingest_guarded = !config.ingest_tokens.empty();
  warn_if_open(log, "http", listening.http, !config.query_tokens.empty() || !config.http.tls.client_ca_file.empty());
  warn_if_open(log, "otlp_http", listening.otlp_http, ingest_guarded || !config.otlp_http.tls.client_ca_file.empty());
  warn_if_open(log, "otlp_grpc", listening.otlp_grpc, ingest_guarded || !config.otlp_grpc.tls.client_ca_file.empty());
}

serve::ReceivedCounts received_counts(const ingest::OtlpReceiver& receiver) {
  const ingest::ReceiverCounts counts = receiver.counts();
  return {counts.requests_accepted, counts.requests_refused, counts.spans_accepted, counts.spans_refused};
}

std::vector<serve::RecentRefusal> recent_refusals(const ingest::OtlpReceiver& receiver) {
  std::vector<serve::RecentRefusal> list;
  for (const ingest::Refusal& refusal : receiver.recent_refusals()) {
    list.push_back({refusal.time, std::string(to_string(refusal.protocol)), refusal.message});
  }
  return list;
}

void print_ready_line(const serve::ServerAddresses& listening) {
  JsonWriter json;
  json.begin_object().key("http").string(listening.http);
  if (!listening.otlp_http.empty()) json.key("otlp_http").string(listening.otlp_http);
  if (!listening.otlp_grpc.empty()) json.key("otlp_grpc").string(listening.otlp_grpc);
  json.end_object();
  fmt::print("ready {}\n", json.text());
  std::fflush(stdout);
}

}  // namespace

Result<void> serve(const FinalConfig& final_config, std::string_view version) {
  const Config& config = *final_config;

  // What everything else uses: the time, the account of memory, the own metrics and log.
  use_huge_pages();
  const SystemClock clock;
  MemoryLedger ledger(config.memory_bytes_max);
  MemoryLedger ingest_ledger(config.memory_bytes_max - config.memory_bytes_max / kQuestionsShare, &ledger);
  Metrics metrics;
  Log log(clock, metrics, log_level_of(config.log_level));
  metrics.gauge(Metric::kBuildInfo, {version}).set(1);
  metrics.gauge(Metric::kStartTime).set(static_cast<double>(clock.unix_nanos()) * 1e-9);
  metrics.watch_gauge(Metric::kLedgerUsedBytes, [&ledger] { return static_cast<double>(ledger.used_bytes()); });
  metrics.gauge(Metric::kLedgerLimitBytes).set(static_cast<double>(ledger.limit_bytes()));
  log.info("starting", {{"version", version},
                        {"data_dir", config.data_dir},
                        {"durability", config.durability},
                        {"memory_bytes_max", config.memory_bytes_max},
                        {"files_max", raise_file_limit()}});

  // The store first: it replays its log, and from here on batches are taken and questions answered.
  auto store =
      TRY(persist::Store::open(store_settings(config), posix_files(), clock, {ingest_ledger, ledger}, metrics, log));

  // The receivers hand what they decode to the store.
  auto receiver =
      TRY(ingest::OtlpReceiver::start(receiver_settings(config), *store, {ingest_ledger, metrics, log, clock}));
  // The API answers from the store, and tells of the server as a whole.
  WiredFacts facts;
  facts.version_text = version;
  facts.started_at = clock.unix_nanos();
  facts.durability_text = config.durability;
  facts.data_dir = config.data_dir;
  facts.find_store_problem = [&store] { return store->status().problem; };
  facts.count_received = [&receiver] { return received_counts(*receiver); };
  facts.list_refusals = [&receiver] { return recent_refusals(*receiver); };
  facts.listening.lock()->otlp_http = receiver->http_address();
  facts.listening.lock()->otlp_grpc = receiver->grpc_address();
  const serve::WebPage page;
  serve::Api api(TRY(api_settings(config)),
                 {*store, *store, *store, clock, ledger, ingest_ledger, metrics, facts, page});

  // The page and the API open last: who reaches them finds everything there.
  auto server = TRY(
      HttpServer::start({.address = config.http.endpoint, .tls = tls_settings(config.http.tls)}, api, ledger, clock));
  facts.listening.lock()->http = server->address();
  const serve::ServerAddresses listening = facts.addresses();
  warn_about_open_listeners(log, config, listening);
  log.info("ready", {{"http", listening.http}, {"otlp_http", listening.otlp_http}, {"otlp_grpc", listening.otlp_grpc}});
  print_ready_line(listening);

  const int signal = wait_for_stop_signal();
  log.info("stopping", {{"signal", signal}});

  // From here on nothing new comes in; what was taken is answered.
  receiver->stop(kStopDeadline);
  server->stop(kStopDeadline);
  auto closed = store->flush_and_close();
  log.info("stopped", {{"spans_accepted", receiver->counts().spans_accepted}, {"sequence", store->sequence()}});
  return closed;
}

}  // namespace sextant::wiring
