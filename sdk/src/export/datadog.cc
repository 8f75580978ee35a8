// Batches to Datadog's trace agent: spans grouped by trace, one request each.
#include "sextant/datadog.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/msgpack.h"
#include "export/answer.h"
#include "export/datadog_span.h"
#include "export/retry_after.h"
#include "net/url.h"
#include "otlp/items.h"
#include "sextant/version.h"

namespace sextant {
namespace exporting {
namespace {

/// A span with where it stands. Lifetime: views into the batch.
struct PlacedSpan {
  otlp::Place place;
  otlp::SpanView span;
};
using Chunks = std::vector<std::vector<PlacedSpan>>;  // one for each trace, in the order of their first spans

Result<Chunks> group_by_trace(std::string_view request) {
  Chunks chunks;
  std::unordered_map<std::string_view, std::size_t> chunk_of;
  bool whole = true;
  const bool read = otlp::for_each_item(request, [&](const otlp::Place& place, std::string_view item) {
    PlacedSpan placed{place, {}};
    whole = otlp::read_span(item, placed.span) && whole;
    const auto [entry, is_new] = chunk_of.emplace(placed.span.trace_id, chunks.size());
    if (is_new) chunks.emplace_back();
    chunks[entry->second].push_back(placed);
  });
  if (!read || !whole) return Error{"the batch is no OTLP request in protobuf"};
  return chunks;
}

std::string packed(const Chunks& chunks) {
  std::string body;
  msgpack::append_list(body, chunks.size());
  for (const auto& chunk : chunks) {
    msgpack::append_list(body, chunk.size());
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const ChunkPlace place = i == 0 ? ChunkPlace::kFirst : ChunkPlace::kLater;
      append_msgpack(body, to_datadog(chunk[i].place, chunk[i].span, place));
    }
  }
  return body;
}

std::string with_scheme(std::string agent) {
  while (!agent.empty() && agent.back() == '/') agent.pop_back();
  return agent.find("://") == std::string::npos ? "http://" + agent : agent;
}

/// Thread-confined.
class Datadog final : public Exporter {
 public:
  explicit Datadog(DatadogSettings settings) : settings_(std::move(settings)) {
    settings_.agent = with_scheme(settings_.agent);
    if (settings_.transport == nullptr) settings_.transport = plain_http();
    if (settings_.name.empty()) settings_.name = "datadog " + net::without_secrets(settings_.agent);
  }

  bool wants(Signal signal) const noexcept override { return signal == Signal::kTraces; }
  std::string name() const override { return settings_.name; }

  ExportResult send(const Batch& batch, const Deadline& deadline) override {
    const Result<Chunks> chunks = group_by_trace(batch.body);
    if (!chunks) return {ExportCode::kRefused, chunks.error()};
    const std::string body = packed(*chunks);
    HttpRequest request;
    request.method = "PUT";
    request.url = settings_.agent + "/v0.4/traces";
    request.headers = settings_.headers;
    request.headers.emplace_back("Content-Type", "application/msgpack");
    request.headers.emplace_back("X-Datadog-Trace-Count", std::to_string(chunks->size()));
    request.headers.emplace_back("Datadog-Meta-Lang", "cpp");
    request.headers.emplace_back("Datadog-Meta-Lang-Version", std::to_string(__cplusplus));
    request.headers.emplace_back("Datadog-Meta-Tracer-Version", kVersion);
    // Without it the agent answers 200 for what it throws away.
    request.headers.emplace_back("Datadog-Send-Real-Http-Status", "true");
    request.headers.emplace_back("User-Agent", kUserAgent);
    request.body = body;
    const Result<HttpResponse> response = settings_.transport->send(request, deadline);
    if (!response) return {ExportCode::kRetry, response.error()};
    return judge(*response);
  }

 private:
  ExportResult judge(const HttpResponse& response) const {
    if (response.status / 100 == 2) return {};
    const int status = response.status;
    const std::string message =
        without_values("answered " + std::to_string(status) + " " + reason_of(response), settings_.headers);
    if (status != 429 && status != 502 && status != 503 && status != 504) return {ExportCode::kRefused, message};
    return {ExportCode::kRetry, message, 0,
            retry_after(response.header("retry-after"), std::chrono::system_clock::now())};
  }

  DatadogSettings settings_;
};

}  // namespace
}  // namespace exporting

ExporterPtr datadog(DatadogSettings settings) {
  return std::make_shared<exporting::Datadog>(std::move(settings));
}

OtlpHttpSettings datadog_otlp(std::string agent) {
  OtlpHttpSettings settings;
  settings.endpoint = exporting::with_scheme(std::move(agent));
  settings.name = "datadog otlp " + net::without_secrets(settings.endpoint);
  return settings;
}

}  // namespace sextant
