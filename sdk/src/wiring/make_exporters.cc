// Settings into exporters: signals that go to the same receiver share one.
#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "sextant/otlp_http.h"
#include "wiring/exporter_wraps.h"
#include "wiring/options_from.h"
#include "wiring/otlp_target.h"
#include "wiring/scalars.h"

namespace sextant::wiring {
namespace {

constexpr Signal kSignals[] = {Signal::kTraces, Signal::kMetrics, Signal::kLogs};

struct Receiver {
  OtlpTarget target;  // of the first signal that goes there
  std::string urls[3];
  bool takes[3] = {};
};

struct Made {
  ExporterPtr exporter;
  Milliseconds timeout;
};

/// Thread-confined.
class ExporterMaker {
 public:
  ExporterMaker(const Settings& settings, const Makers& makers, std::vector<std::string>& notes)
      : settings_(settings), makers_(makers), notes_(notes) {}

  std::vector<Made> make() {
    for (const Signal signal : kSignals) {
      if (!exports(signal, ExporterKind::kOtlp)) continue;
      add_target(signal, usable(target_of(settings_, signal), signal));
      for (const OtlpPart& part : of(signal).further_otlp)
        add_target(signal, usable(target_of(settings_, signal, part), signal));
    }
    for (const Receiver& receiver : receivers_) add(make_otlp(receiver), receiver.target.timeout);
    if (exports_any(ExporterKind::kConsole)) add(make_console(), kOtlpTimeout);
    if (exports(Signal::kTraces, ExporterKind::kDatadog)) add(make_datadog(), timeout_of_others());
    if (settings_.llm.enabled && settings_.traces.on) make_llm();
    return std::move(made_);
  }

 private:
  const SignalSettings& of(Signal signal) const {
    return signal == Signal::kTraces    ? settings_.traces
           : signal == Signal::kMetrics ? settings_.metrics
                                        : settings_.logs;
  }
  bool exports(Signal signal, ExporterKind kind) const {
    const SignalSettings& own = of(signal);
    return own.on && std::find(own.exporters.begin(), own.exporters.end(), kind) != own.exporters.end();
  }
  bool exports_any(ExporterKind kind) const {
    return std::any_of(std::begin(kSignals), std::end(kSignals), [&](Signal s) { return exports(s, kind); });
  }
  Milliseconds timeout_of_others() const { return settings_.otlp.timeout.value_or(kOtlpTimeout); }

  void add(ExporterPtr exporter, Milliseconds timeout) {
    if (exporter != nullptr) made_.push_back({std::move(exporter), timeout});
  }
  /// Once, however many signals it concerns.
  void note(std::string sentence) {
    if (std::find(notes_.begin(), notes_.end(), sentence) == notes_.end()) notes_.push_back(std::move(sentence));
  }

  OtlpTarget usable(OtlpTarget target, Signal signal) {
    if (target.protocol != OtlpProtocol::kGrpc || makers_.otlp_grpc || target.port != kGrpcPort) return target;
    OtlpTarget instead = over_http_instead(target, signal);
    note(target.name() + " takes OTLP over gRPC, which this program does not have: OTLP over HTTP is sent to " +
         instead.name() + " instead; link sextant::grpc, or configure the HTTP address");
    return instead;
  }

  void add_target(Signal signal, OtlpTarget target) {
    auto receiver = std::find_if(receivers_.begin(), receivers_.end(), [&](const Receiver& known) {
      return known.target.same_receiver(target) && !known.takes[static_cast<std::size_t>(signal)];
    });
    if (receiver == receivers_.end()) receiver = receivers_.insert(receivers_.end(), Receiver{target, {}, {}});
    receiver->urls[static_cast<std::size_t>(signal)] = target.url;
    receiver->takes[static_cast<std::size_t>(signal)] = true;
  }

  ExporterPtr make_otlp(const Receiver& receiver) {
    return receiver.target.protocol == OtlpProtocol::kGrpc ? make_grpc(receiver) : make_http(receiver);
  }

  ExporterPtr make_grpc(const Receiver& receiver) {
    const OtlpTarget& to = receiver.target;
    if (!makers_.otlp_grpc) {
      note(to.name() + " takes OTLP over gRPC, which this program does not have: nothing is sent there; link " +
           "sextant::grpc, or use the protocol http/protobuf");
      return nullptr;
    }
    return makers_.otlp_grpc({to.address, to.tls(), to.tls_files, to.headers, to.compression, receiver.takes[0],
                              receiver.takes[1], receiver.takes[2]});
  }

  ExporterPtr make_http(const Receiver& receiver) {
    const OtlpTarget& to = receiver.target;
    OtlpHttpSettings http;
    if (!set_transport(http, to)) return nullptr;
    http.endpoint = to.name();
    http.traces_url = receiver.urls[0];
    http.metrics_url = receiver.urls[1];
    http.logs_url = receiver.urls[2];
    http.headers = to.headers;
    http.compression = to.compression;
    http.encoding = to.protocol == OtlpProtocol::kHttpJson ? OtlpEncoding::kJson : OtlpEncoding::kProtobuf;
    http.traces = receiver.takes[0];
    http.metrics = receiver.takes[1];
    http.logs = receiver.takes[2];
    return otlp_http(std::move(http));
  }

  bool set_transport(OtlpHttpSettings& http, const OtlpTarget& to) {
    if (!to.tls()) return true;
    if (makers_.https) http.transport = makers_.https(to.tls_files);
    if (http.transport != nullptr) return true;
    note(to.name() + " needs TLS, which this program does not have: nothing is sent there; link sextant::http and " +
         "hand its maker over");
    return false;
  }

  ExporterPtr make_console() {
    if (makers_.console) {
      return makers_.console(exports(Signal::kTraces, ExporterKind::kConsole),
                             exports(Signal::kMetrics, ExporterKind::kConsole),
                             exports(Signal::kLogs, ExporterKind::kConsole));
    }
    note("the exporter 'console' is asked for, which this program has no maker for: nothing is printed");
    return nullptr;
  }

  ExporterPtr make_datadog() {
    if (makers_.datadog) return makers_.datadog(settings_.datadog_endpoint);
    note("the exporter 'datadog' is asked for, which this program has no maker for: nothing is sent to " +
         settings_.datadog_endpoint + "; the agent's OTLP receiver takes the exporter 'otlp'");
    return nullptr;
  }

  /// Langfuse takes OTLP over HTTP below /api/public/otel, with the key pair as Basic authorization.
  void make_llm() {
    OtlpPart part;
    std::string base = settings_.llm.endpoint.empty() ? "https://cloud.langfuse.com" : settings_.llm.endpoint;
    while (!base.empty() && base.back() == '/') base.pop_back();
    part.endpoint = base + "/api/public/otel/v1/traces";
    part.protocol = OtlpProtocol::kHttpProtobuf;
    part.timeout = timeout_of_others();
    part.headers =
        HttpHeaders{{"Authorization", "Basic " + base64(settings_.llm.public_key + ":" + settings_.llm.secret_key)}};
    Settings own;
    own.traces.otlp = std::move(part);
    Receiver receiver{target_of(own, Signal::kTraces), {}, {true, false, false}};
    receiver.urls[0] = receiver.target.url;
    add(make_http(receiver), receiver.target.timeout);
  }

  const Settings& settings_;
  const Makers& makers_;
  std::vector<std::string>& notes_;
  std::vector<Receiver> receivers_;
  std::vector<Made> made_;
};

}  // namespace

std::vector<ExporterPtr> make_exporters(const Settings& settings, const Makers& makers, Milliseconds& timeout,
                                        std::vector<std::string>& notes) {
  std::vector<Made> made = ExporterMaker(settings, makers, notes).make();
  timeout = made.empty() ? kOtlpTimeout : Milliseconds(0);
  for (const Made& one : made) timeout = std::max(timeout, one.timeout);
  std::vector<ExporterPtr> exporters;
  for (Made& one : made) {
    if (settings.verbose) one.exporter = with_log(std::move(one.exporter));
    if (one.timeout < timeout) one.exporter = with_timeout(std::move(one.exporter), one.timeout);
    exporters.push_back(std::move(one.exporter));
  }
  return exporters;
}

}  // namespace sextant::wiring
