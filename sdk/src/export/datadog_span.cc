#include "export/datadog_span.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "base/base64.h"
#include "base/json_text.h"
#include "base/msgpack.h"
#include "otlp/any_value.h"

namespace sextant::exporting {
namespace {

using otlp::AnyView;
using otlp::SpanView;

constexpr std::uint32_t kResourceAttributes = 1;
enum Kind { kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };
constexpr int kStatusOk = 1;
constexpr int kStatusError = 2;

/// Big-endian, of the eight bytes at that offset; bytes that are missing are zero.
std::uint64_t number_at(std::string_view id, std::size_t offset) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = offset; i < offset + 8; ++i)
    number = number << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0u);
  return number;
}

std::string hex(std::string_view bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

const char* kind_name(int kind) noexcept {
  static constexpr const char* kNames[] = {"unspecified", "internal", "server", "client", "producer", "consumer"};
  return kind >= 0 && kind <= kConsumer ? kNames[kind] : "unspecified";
}

/// The span's attributes by name, as texts.
class Attributes {
 public:
  explicit Attributes(const SpanView& span) : span_(span) {}
  /// Of the first of these that there is; empty where there is none.
  std::string get(std::initializer_list<std::string_view> keys) const {
    for (const std::string_view key : keys) {
      const std::string_view value = otlp::find_attribute(span_.bytes, SpanView::kAttributes, key);
      if (!value.empty()) return otlp::plain_text(value);
    }
    return {};
  }

 private:
  const SpanView& span_;
};

std::string joined(const std::string& first, const std::string& second) {
  return second.empty() ? first : first + " " + second;
}

std::string operation_of(const SpanView& span, const Attributes& attributes) {
  if (std::string own = attributes.get({"operation.name"}); !own.empty()) return own;
  const bool server = span.kind == kServer;
  const bool remote = server || span.kind == kClient;
  const std::string method = attributes.get({"http.request.method", "http.method"});
  if (!method.empty() && remote) return server ? "http.server.request" : "http.client.request";
  const std::string database = attributes.get({"db.system.name", "db.system"});
  if (!database.empty() && span.kind == kClient) return database + ".query";
  const std::string messaging = attributes.get({"messaging.system"});
  const std::string messaging_operation =
      attributes.get({"messaging.operation.type", "messaging.operation.name", "messaging.operation"});
  if (!messaging.empty() && !messaging_operation.empty()) return messaging + "." + messaging_operation;
  const std::string rpc = attributes.get({"rpc.system.name", "rpc.system"});
  if (!rpc.empty() && remote) return rpc + (server ? ".server.request" : ".client.request");
  const std::string model = attributes.get({"gen_ai.operation.name"});
  if (!model.empty()) return "gen_ai." + model;
  if (remote) return server ? "server.request" : "client.request";
  return kind_name(span.kind == 0 ? 1 : span.kind);
}

std::string resource_of(const SpanView& span, const Attributes& attributes) {
  if (std::string own = attributes.get({"resource.name"}); !own.empty()) return own;
  const std::string method = attributes.get({"http.request.method", "http.method"});
  const std::string route = attributes.get({"http.route", "url.template"});
  if (!method.empty() && !route.empty()) return joined(method, route);
  const std::string messaging =
      attributes.get({"messaging.operation.type", "messaging.operation.name", "messaging.operation"});
  const std::string destination = attributes.get({"messaging.destination.name", "messaging.destination"});
  if (!messaging.empty() && !destination.empty()) return joined(messaging, destination);
  const std::string rpc = attributes.get({"rpc.method"});
  if (!rpc.empty()) return joined(rpc, attributes.get({"rpc.service"}));
  if (std::string query = attributes.get({"db.query.text", "db.statement"}); !query.empty()) return query;
  return std::string(span.name);
}

std::string type_of(const SpanView& span, const Attributes& attributes) {
  if (std::string own = attributes.get({"span.type"}); !own.empty()) return own;
  if (span.kind == kServer) return "web";
  if (span.kind == kProducer || span.kind == kConsumer) return "queue";
  if (span.kind != kClient) return "custom";
  const std::string database = attributes.get({"db.system.name", "db.system"});
  if (database == "redis" || database == "memcached") return "cache";
  if (!database.empty()) return "db";
  return attributes.get({"http.request.method", "http.method"}).empty() ? "custom" : "http";
}

/// Numbers go where they can be reckoned with, everything else stands as text.
void add_attribute(DatadogSpan& out, std::string_view pair_bytes) {
  const otlp::KeyValueView pair = otlp::read_key_value(pair_bytes);
  const AnyView value = otlp::read_any(pair.value);
  const std::string key(pair.key);
  if (value.kind == AnyView::Kind::kInt) {
    out.metrics[key] = static_cast<double>(value.integer);
  } else if (value.kind == AnyView::Kind::kDouble && std::isfinite(value.real)) {
    out.metrics[key] = value.real;
  } else {
    out.meta[key] = otlp::plain_text(pair.value);
  }
}

/// What a resource says, and what Datadog calls by names of its own.
void add_resource(DatadogSpan& out, std::string_view resource) {
  otlp::for_each_field(resource, kResourceAttributes, [&](std::string_view pair) { add_attribute(out, pair); });
  const auto value = [&](std::string_view key) {
    const std::string_view found = otlp::find_attribute(resource, kResourceAttributes, key);
    return found.empty() ? std::string() : otlp::plain_text(found);
  };
  out.service = value("service.name");
  std::string environment = value("deployment.environment.name");
  if (environment.empty()) environment = value("deployment.environment");
  if (!environment.empty()) out.meta["env"] = std::move(environment);
  if (std::string version = value("service.version"); !version.empty()) out.meta["version"] = std::move(version);
}

void add_events(DatadogSpan& out, const SpanView& span) {
  std::string json;
  otlp::for_each_field(span.bytes, SpanView::kEvents, [&](std::string_view bytes) {
    const otlp::EventView event = otlp::read_event(bytes);
    json += json.empty() ? '[' : ',';
    json += "{\"time_unix_nano\":" + std::to_string(event.time_ns) + ",\"name\":";
    append_json_text(json, event.name);
    json += ",\"attributes\":";
    otlp::append_attributes_json(json, bytes, otlp::EventView::kAttributes);
    json += '}';
    if (event.name != "exception" || !out.error) return;
    const auto take = [&](const char* name, std::string_view key) {
      const std::string_view value = otlp::find_attribute(bytes, otlp::EventView::kAttributes, key);
      if (!value.empty()) out.meta[name] = otlp::plain_text(value);
    };
    take("error.type", "exception.type");
    take("error.message", "exception.message");
    take("error.stack", "exception.stacktrace");
  });
  if (!json.empty()) out.meta["events"] = json + "]";
}

void add_links(DatadogSpan& out, const SpanView& span) {
  std::string json;
  otlp::for_each_field(span.bytes, SpanView::kLinks, [&](std::string_view bytes) {
    const otlp::LinkView link = otlp::read_link(bytes);
    json += json.empty() ? '[' : ',';
    json += "{\"trace_id\":\"" + hex(link.trace_id) + "\",\"span_id\":\"" + hex(link.span_id) + "\"";
    if (!link.trace_state.empty()) {
      json += ",\"tracestate\":";
      append_json_text(json, link.trace_state);
    }
    json += ",\"attributes\":";
    otlp::append_attributes_json(json, bytes, otlp::LinkView::kAttributes);
    json += '}';
  });
  if (!json.empty()) out.meta["_dd.span_links"] = json + "]";
}

/// What is read off the whole trace, from the first of its spans.
void add_trace(DatadogSpan& out, const SpanView& span) {
  constexpr double kKeep = 1;  // decided by a sampler, to be kept
  out.metrics["_sampling_priority_v1"] = kKeep;
  if (number_at(span.trace_id, 0) != 0) out.meta["_dd.p.tid"] = hex(span.trace_id.substr(0, 8));
  out.meta["language"] = "cpp";
}

void add_status(DatadogSpan& out, const SpanView& span) {
  out.error = span.status == kStatusError;
  if (span.status == kStatusOk) out.meta["otel.status_code"] = "Ok";
  if (out.error) out.meta["otel.status_code"] = "Error";
}

}  // namespace

DatadogSpan to_datadog(const otlp::Place& place, const SpanView& span, ChunkPlace chunk_place) {
  DatadogSpan out;
  add_resource(out, place.resource);
  otlp::for_each_field(span.bytes, SpanView::kAttributes, [&](std::string_view pair) { add_attribute(out, pair); });
  const Attributes attributes(span);
  if (std::string own = attributes.get({"service.name"}); !own.empty()) out.service = std::move(own);
  out.name = operation_of(span, attributes);
  out.resource = resource_of(span, attributes);
  out.type = type_of(span, attributes);
  out.trace_id = number_at(span.trace_id, 8);
  out.span_id = number_at(span.span_id, 0);
  out.parent_id = number_at(span.parent_span_id, 0);
  constexpr auto kMax = static_cast<std::uint64_t>(INT64_MAX);
  out.start_ns = static_cast<std::int64_t>(std::min(span.start_ns, kMax));
  out.duration_ns =
      static_cast<std::int64_t>(span.end_ns > span.start_ns ? std::min(span.end_ns - span.start_ns, kMax) : 0);
  add_status(out, span);
  add_events(out, span);
  if (out.error && !span.status_message.empty()) out.meta["error.message"] = std::string(span.status_message);
  add_links(out, span);
  const otlp::ScopeView scope = otlp::read_scope(place.scope);
  if (!scope.name.empty()) out.meta["otel.scope.name"] = std::string(scope.name);
  if (!scope.version.empty()) out.meta["otel.scope.version"] = std::string(scope.version);
  if (!span.trace_state.empty()) out.meta["w3c.tracestate"] = std::string(span.trace_state);
  out.meta["span.kind"] = kind_name(span.kind == 0 ? 1 : span.kind);
  out.meta["otel.trace_id"] = hex(span.trace_id);
  if (std::string code = attributes.get({"http.response.status_code", "http.status_code"}); !code.empty())
    out.meta["http.status_code"] = std::move(code);
  if (chunk_place == ChunkPlace::kFirst) add_trace(out, span);
  return out;
}

void append_msgpack(std::string& out, const DatadogSpan& span) {
  constexpr std::size_t kFields = 12;
  const auto text = [&](std::string_view key, std::string_view value) {
    msgpack::append_text(out, key);
    msgpack::append_text(out, value);
  };
  const auto number = [&](std::string_view key, std::uint64_t value) {
    msgpack::append_text(out, key);
    msgpack::append_unsigned(out, value);
  };
  msgpack::append_map(out, kFields);
  text("service", span.service);
  text("name", span.name);
  text("resource", span.resource);
  text("type", span.type);
  number("trace_id", span.trace_id);
  number("span_id", span.span_id);
  number("parent_id", span.parent_id);
  number("error", span.error ? 1 : 0);
  msgpack::append_text(out, "start");
  msgpack::append_signed(out, span.start_ns);
  msgpack::append_text(out, "duration");
  msgpack::append_signed(out, span.duration_ns);
  msgpack::append_text(out, "meta");
  msgpack::append_map(out, span.meta.size());
  for (const auto& [key, value] : span.meta) text(key, value);
  msgpack::append_text(out, "metrics");
  msgpack::append_map(out, span.metrics.size());
  for (const auto& [key, value] : span.metrics) {
    msgpack::append_text(out, key);
    msgpack::append_double(out, value);
  }
}

}  // namespace sextant::exporting
