// One export request over HTTP, and what its answer means.
#include "sextant/otlp_http.h"

#include <utility>

#include "base/gzip.h"
#include "export/answer.h"
#include "export/retry_after.h"
#include "net/url.h"
#include "otlp/json.h"
#include "otlp/partial_success.h"
#include "sextant/version.h"

namespace sextant {
namespace exporting {
namespace {

/// OTLP 1.11, "OTLP/HTTP Request": larger ones are not sent, before compression.
constexpr std::size_t kRequestBytesMax = std::size_t{64} << 20;

std::string url_of(const OtlpHttpSettings& settings, Signal signal) {
  const std::string& own = signal == Signal::kTraces    ? settings.traces_url
                           : signal == Signal::kMetrics ? settings.metrics_url
                                                        : settings.logs_url;
  if (!own.empty()) return own;
  std::string base = settings.endpoint;
  while (!base.empty() && base.back() == '/') base.pop_back();
  return base + (signal == Signal::kTraces ? "/v1/traces" : signal == Signal::kMetrics ? "/v1/metrics" : "/v1/logs");
}

bool retryable(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// Thread-confined.
class OtlpHttp final : public Exporter {
 public:
  explicit OtlpHttp(OtlpHttpSettings settings) : settings_(std::move(settings)) {
    if (settings_.transport == nullptr) settings_.transport = plain_http();
    if (settings_.name.empty()) settings_.name = "otlp " + net::without_secrets(settings_.endpoint);
  }

  bool wants(Signal signal) const noexcept override {
    return signal == Signal::kTraces    ? settings_.traces
           : signal == Signal::kMetrics ? settings_.metrics
                                        : settings_.logs;
  }
  std::string name() const override { return settings_.name; }

  ExportResult send(const Batch& batch, const Deadline& deadline) override {
    const bool json = settings_.encoding == OtlpEncoding::kJson;
    Result<std::string> text = json ? otlp::to_json(batch.signal, batch.body) : Result<std::string>(std::string());
    if (!text) return {ExportCode::kRefused, text.error()};
    HttpRequest request;
    request.body = json ? std::string_view(*text) : batch.body;
    if (request.body.size() > kRequestBytesMax) {
      return {ExportCode::kRefused,
              "the request has " + std::to_string(request.body.size()) +
                  " bytes, more than the 64 MiB that OTLP allows: smaller batches are to be made"};
    }
    const std::string packed = settings_.compression == Compression::kGzip ? gzip(request.body) : std::string();
    request.url = url_of(settings_, batch.signal);
    request.headers = settings_.headers;
    request.headers.emplace_back("Content-Type", json ? "application/json" : "application/x-protobuf");
    request.headers.emplace_back("User-Agent", kUserAgent);
    if (!packed.empty()) {
      request.headers.emplace_back("Content-Encoding", "gzip");
      request.body = packed;
    }
    const Result<HttpResponse> response = settings_.transport->send(request, deadline);
    if (!response) return {ExportCode::kRetry, response.error()};
    return judge(*response);
  }

 private:
  ExportResult judge(const HttpResponse& response) const {
    if (response.cut) {
      return {ExportCode::kRefused, "answered " + std::to_string(response.status) +
                                        " with more than 4 MiB, which nobody reads: what it took is not known"};
    }
    if (response.status / 100 == 2) {
      const otlp::PartialSuccess partial = says_json(response) ? otlp::read_partial_success_json(response.body)
                                                               : otlp::read_partial_success(response.body);
      return {ExportCode::kTaken, without_values(one_line(partial.message), settings_.headers), partial.rejected};
    }
    const std::string message =
        without_values("answered " + std::to_string(response.status) + " " + reason_of(response), settings_.headers);
    if (!retryable(response.status)) return {ExportCode::kRefused, message};
    return {ExportCode::kRetry, message, 0,
            retry_after(response.header("retry-after"), std::chrono::system_clock::now())};
  }

  OtlpHttpSettings settings_;
};

}  // namespace
}  // namespace exporting

ExporterPtr otlp_http(OtlpHttpSettings settings) {
  return std::make_shared<exporting::OtlpHttp>(std::move(settings));
}

}  // namespace sextant
