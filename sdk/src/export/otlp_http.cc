// One export request over HTTP, and what its answer means.
#include "sextant/otlp_http.h"

#include <utility>

#include "base/gzip.h"
#include "export/retry_after.h"
#include "otlp/partial_success.h"
#include "sextant/version.h"

namespace sextant {
namespace exporting {
namespace {

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

/// What a receiver says of an error, fit for one line.
std::string first_line(std::string_view body) {
  constexpr std::size_t kMax = 200;
  std::string line(body.substr(0, std::min(body.find_first_of("\r\n"), kMax)));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

/// Thread-confined.
class OtlpHttp final : public Exporter {
 public:
  explicit OtlpHttp(OtlpHttpSettings settings) : settings_(std::move(settings)) {
    if (settings_.transport == nullptr) settings_.transport = plain_http();
    if (settings_.name.empty()) settings_.name = "otlp " + settings_.endpoint;
  }

  bool wants(Signal signal) const noexcept override {
    return signal == Signal::kTraces    ? settings_.traces
           : signal == Signal::kMetrics ? settings_.metrics
                                        : settings_.logs;
  }
  std::string name() const override { return settings_.name; }

  ExportResult send(const Batch& batch, const Deadline& deadline) override {
    std::string packed;
    if (settings_.compression == Compression::kGzip) packed = gzip(batch.body);
    HttpRequest request;
    request.url = url_of(settings_, batch.signal);
    request.headers = settings_.headers;
    request.headers.emplace_back("Content-Type", "application/x-protobuf");
    request.headers.emplace_back("User-Agent", kUserAgent);
    if (!packed.empty()) request.headers.emplace_back("Content-Encoding", "gzip");
    request.body = packed.empty() ? std::string_view(batch.body) : packed;
    const Result<HttpResponse> response = settings_.transport->send(request, deadline);
    if (!response) return {ExportCode::kRetry, response.error()};
    return judge(*response);
  }

 private:
  static ExportResult judge(const HttpResponse& response) {
    if (response.status / 100 == 2) {
      const otlp::PartialSuccess partial = otlp::read_partial_success(response.body);
      return {ExportCode::kTaken, partial.message, partial.rejected};
    }
    const std::string message = "answered " + std::to_string(response.status) + " " + first_line(response.body);
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
