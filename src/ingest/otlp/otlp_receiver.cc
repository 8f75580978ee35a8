#include "ingest/otlp/otlp_receiver.h"

#include <thread>

#include "base/net/grpc_server.h"
#include "base/net/http_server.h"
#include "ingest/otlp/grpc_receiver.h"
#include "ingest/otlp/http_receiver.h"

namespace sextant::ingest {

/// Handlers are declared before the servers that call them.
struct OtlpReceiver::Impl {
  void show_stats();

  Metrics& metrics;
  std::shared_ptr<Intake> intake;
  std::unique_ptr<HttpReceiver> http_handler;
  std::unique_ptr<GrpcReceiver> grpc_handler;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<GrpcServer> grpc;
  std::vector<Metric> watched;
};

Result<std::unique_ptr<OtlpReceiver>> OtlpReceiver::start(const OtlpReceiverSettings& settings,
                                                          data::Consumer& consumer,
                                                          const ReceiverEnvironment& environment) {
  const auto& [ledger, metrics, log, clock] = environment;
  auto tokens = TRY(BearerTokens::make(settings.tokens));
  auto intake = std::make_shared<Intake>(consumer, ledger, metrics, log, clock, settings.request_bytes_max);
  auto impl = std::make_unique<Impl>(metrics, std::move(intake));
  if (!settings.http_address.empty()) {
    impl->http_handler = std::make_unique<HttpReceiver>(impl->intake, tokens, settings.request_bytes_max);
    impl->http = TRY_CONTEXT(HttpServer::start({.address = settings.http_address,
                                                .tls = settings.http_tls,
                                                .threads = settings.threads,
                                                .sweep_interval_ms = settings.sweep_interval_ms},
                                               *impl->http_handler, ledger, clock),
                             "OTLP over HTTP");
  }
  auto receiver = std::unique_ptr<OtlpReceiver>(new OtlpReceiver(std::move(impl)));
  if (!settings.grpc_address.empty()) {
    Impl& parts = *receiver->impl_;
    parts.grpc_handler = std::make_unique<GrpcReceiver>(parts.intake, std::move(tokens));
    parts.grpc = TRY_CONTEXT(GrpcServer::start({.address = settings.grpc_address,
                                                .tls = settings.grpc_tls,
                                                .threads = settings.threads,
                                                .message_bytes_max = settings.request_bytes_max,
                                                .sweep_interval_ms = settings.sweep_interval_ms},
                                               *parts.grpc_handler, ledger, clock),
                             "OTLP over gRPC");
  }
  receiver->impl_->show_stats();
  return receiver;
}

/// The servers count by themselves; /metrics asks them.
void OtlpReceiver::Impl::show_stats() {
  const auto watch = [this](Metric metric, auto& server, auto read) {
    if (!server) return;
    metrics.watch_gauge(metric, [&of = *server, read] { return static_cast<double>(read(of.stats())); });
    watched.push_back(metric);
  };
  watch(Metric::kReceiverHttpConnections, http, [](const auto& stats) { return stats.connections_open; });
  watch(Metric::kReceiverHttpSlow, http, [](const auto& stats) { return stats.deadlines_missed; });
  watch(Metric::kReceiverGrpcSlow, grpc, [](const auto& stats) { return stats.deadlines_missed; });
  const auto refused = [](const auto& stats) { return stats.connections_refused + stats.accept_failures; };
  watch(Metric::kReceiverHttpRefused, http, refused);
  watch(Metric::kReceiverGrpcRefused, grpc, refused);
}

OtlpReceiver::OtlpReceiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

OtlpReceiver::~OtlpReceiver() {
  stop(std::chrono::milliseconds(0));
  for (const Metric metric : impl_->watched) impl_->metrics.forget_gauge(metric);
}

std::string OtlpReceiver::http_address() const {
  return impl_->http ? impl_->http->address() : std::string();
}
std::string OtlpReceiver::grpc_address() const {
  return impl_->grpc ? impl_->grpc->address() : std::string();
}

ReceiverCounts OtlpReceiver::counts() const {
  return impl_->intake->counts();
}
std::vector<Refusal> OtlpReceiver::recent_refusals() const {
  return impl_->intake->recent_refusals();
}

void OtlpReceiver::stop(std::chrono::milliseconds deadline) {
  // At the same time: each waits for its clients.
  std::jthread http;
  if (impl_->http) http = std::jthread([&] { impl_->http->stop(deadline); });
  if (impl_->grpc) impl_->grpc->stop(deadline);
}

}  // namespace sextant::ingest
