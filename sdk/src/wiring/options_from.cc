#include "wiring/options_from.h"

#include <algorithm>
#include <utility>

#include "sextant/remote_sampler.h"
#include "wiring/core_makers.h"
#include "wiring/otlp_target.h"
#include "wiring/scalars.h"
#include "wiring/signal_options.h"

namespace sextant::wiring {
namespace {

constexpr const char* kSamplingPath = "/sampling";
constexpr Milliseconds kFileInterval{5'000};

/// An address without a path is that of a Jaeger agent or collector.
std::string sampling_url(const Endpoint& endpoint) {
  std::string url = endpoint.url("http");
  const std::size_t path = url.find('/', url.find("://") + 3);
  if (path == std::string::npos) return url + kSamplingPath;
  return path + 1 == url.size() ? url.substr(0, path) + kSamplingPath : url;
}

SamplerPtr make_remote(const Settings& settings, const Makers& makers, std::vector<std::string>& notes) {
  const SamplerSettings& wanted = settings.sampler;
  RemoteSamplerSettings remote;
  remote.service_name = settings.service_name;
  remote.interval = wanted.interval;
  remote.initial = trace_id_ratio(wanted.ratio);
  if (wanted.kind == SamplerSettings::Kind::kFile) {
    remote.file = wanted.remote;
    remote.interval = std::min(remote.interval, kFileInterval);
    return remote_sampler(std::move(remote));
  }
  const Result<Endpoint> endpoint = parse_endpoint(wanted.remote);
  if (!endpoint) return remote.initial;
  remote.url = sampling_url(*endpoint);
  if (endpoint->scheme == "https") {
    if (makers.https) remote.transport = makers.https(TlsFiles{});
    if (remote.transport == nullptr) {
      notes.push_back("sampling strategies are to come from " + endpoint->host +
                      " by TLS, which this program does not have: the initial share stays; link sextant::http and hand "
                      "its maker over");
      return remote.initial;
    }
  }
  return remote_sampler(std::move(remote));
}

}  // namespace

SamplerPtr make_sampler(const Settings& settings, const Makers& makers, std::vector<std::string>& notes) {
  using Kind = SamplerSettings::Kind;
  const SamplerSettings& wanted = settings.sampler;
  SamplerPtr root;
  switch (wanted.kind) {
    case Kind::kAlwaysOn:
      root = always_on();
      break;
    case Kind::kAlwaysOff:
      root = always_off();
      break;
    case Kind::kRatio:
      root = trace_id_ratio(wanted.ratio);
      break;
    case Kind::kRemote:
    case Kind::kFile:
      root = make_remote(settings, makers, notes);
      break;
  }
  return wanted.follows_parent ? parent_based(std::move(root)) : root;
}

std::optional<ScrapeAddress> scrape_address(const Settings& settings) {
  const auto& kinds = settings.metrics.exporters;
  const bool wanted = std::find(kinds.begin(), kinds.end(), ExporterKind::kPrometheus) != kinds.end();
  if (settings.disabled || !settings.metrics.on || !wanted) return std::nullopt;
  ScrapeAddress address;
  if (settings.metric_settings.prometheus_host) address.host = *settings.metric_settings.prometheus_host;
  if (settings.metric_settings.prometheus_port) address.port = *settings.metric_settings.prometheus_port;
  return address;
}

BuiltOptions options_from(const Settings& settings, const Makers& makers) {
  BuiltOptions built;
  Options& options = built.options;
  options.service_name = settings.service_name;
  options.service_version = settings.service_version;
  options.deployment_environment = settings.deployment_environment;
  options.resource = settings.resource;
  options.traces = settings.traces.on && !settings.disabled;
  options.span_limits = settings.span_limits;
  options.span_queue = settings.span_queue;
  options.span_timeout = settings.span_timeout;
  if (settings.diagnostic_level) {
    set_diagnostic_level(*settings.diagnostic_level);
  } else if (settings.verbose) {
    set_diagnostic_level(LogLevel::kInfo);
  }
  options.metrics = metric_options(settings);
  options.logs = log_options(settings);
  if (settings.disabled) {
    options.metrics.on = false;
    options.logs.enabled = false;
    return built;
  }
  options.propagators = propagators_from(settings, built.notes);
  options.health_port = settings.health_port;
  if (const auto scrape = scrape_address(settings)) {
    options.metrics_port = scrape->port;
    if (scrape->host != "localhost") options.listen_address = scrape->host;
  }
  const SamplerSettings& sampler = settings.sampler;
  // Why null for what is the default anyway: the SDK then decides without a call.
  const bool is_default = sampler.follows_parent && sampler.kind == SamplerSettings::Kind::kAlwaysOn;
  if (!is_default) options.sampler = make_sampler(settings, makers, built.notes);
  options.exporters = make_exporters(settings, with_core_makers(makers), options.export_settings.timeout, built.notes);
  return built;
}

}  // namespace sextant::wiring
