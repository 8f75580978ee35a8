// Prometheus text 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0
// (https://prometheus.io/docs/specs/om/open_metrics_spec).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "metrics/prometheus_name.h"
#include "metrics/reader.h"
#include "metrics/store.h"
#include "sextant/prometheus.h"

namespace sextant {
namespace metrics {
namespace {

constexpr std::uint32_t kExponentialBucketsWritten = 20;
constexpr std::size_t kExemplarLabelsMax = 128;  // characters of names and values, as OpenMetrics demands

/// What stands under one name.
struct Family {
  std::string name;
  const char* type = "unknown";
  std::vector<const Collected*> parts;
};

bool is_counter(const Stream& stream) noexcept {
  return (stream.op == Op::kSumInt || stream.op == Op::kSumDouble) && is_monotonic(stream.instrument->kind);
}

std::string number(double value, bool with_point = false) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  std::string out(text, end);
  if (with_point && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && quotes)) out += '\\';
    out += c;
  }
  return out;
}

std::string label_list(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"" + escaped(value, true) + '"';
  }
  return out;
}

std::string in_braces(const std::string& labels, const std::string& more = {}) {
  if (labels.empty() && more.empty()) return {};
  return "{" + labels + (labels.empty() || more.empty() ? "" : ",") + more + "}";
}

/// Upper bounds with the measurements in each bucket; the last bound is infinite.
struct Buckets {
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
};

Buckets buckets_of(const Stream& stream, const Total& total) {
  Buckets out;
  if (stream.op == Op::kExplicit) {
    out.bounds.assign(stream.bounds.begin(), stream.bounds.begin() + static_cast<std::ptrdiff_t>(stream.bound_count));
    out.counts = total.buckets;
    out.counts.resize(stream.bound_count + 1);
  } else {
    Exponential few = total.exponential;
    few.fit(kExponentialBucketsWritten);
    out.bounds.push_back(0);
    out.counts.push_back(few.zero_count);
    for (std::size_t i = 0; i < few.buckets.size(); ++i) {
      const double bound = exponential_upper_bound(few.offset + static_cast<std::int32_t>(i), few.scale);
      if (std::isinf(bound)) break;  // what is in there belongs to the last one
      out.bounds.push_back(bound);
      out.counts.push_back(few.buckets[i]);
    }
    std::uint64_t written = 0;
    for (const std::uint64_t count : out.counts) written += count;
    out.counts.push_back(few.count() - written);
  }
  out.bounds.push_back(std::numeric_limits<double>::infinity());
  return out;
}

/// Thread-confined. Writes one exposition.
class Writer {
 public:
  Writer(PrometheusFormat format, const PrometheusOptions& options)
      : open_metrics_(format == PrometheusFormat::kOpenMetrics), options_(options) {}

  void target_info(std::string_view resource) {
    Labels labels;
    add_labels(labels, resource, 1);
    const char* family = open_metrics_ ? "target" : "target_info";
    out_ += std::string("# TYPE ") + family + (open_metrics_ ? " info\n" : " gauge\n");
    out_ += std::string("# HELP ") + family + " Target metadata\n";
    out_ += "target_info" + in_braces(label_list(labels)) + " 1\n";
  }

  void family(const Family& family) {
    header(family);
    written_.clear();
    for (const Collected* part : family.parts) {
      for (const Point& point : part->points) write(family, *part, point);
    }
  }

  std::string finish() {
    if (open_metrics_) out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  bool is_unknown(const Family& family) const {
    return open_metrics_ && family.type == std::string_view("counter") && without_total(family.name) == family.name;
  }
  static std::string without_total(const std::string& name) {
    constexpr std::size_t kSize = 6;
    const bool total = name.size() > kSize && name.compare(name.size() - kSize, kSize, "_total") == 0;
    return total ? name.substr(0, name.size() - kSize) : name;
  }

  void header(const Family& family) {
    const bool counter = family.type == std::string_view("counter");
    const std::string name = open_metrics_ && counter ? without_total(family.name) : family.name;
    out_ += "# TYPE " + name + ' ' + (is_unknown(family) ? "unknown" : family.type) + '\n';
    const Stream& stream = *family.parts.front()->stream;
    const std::string unit = prometheus_unit(stream.instrument->unit, is_last(stream.op));
    const bool told = name.size() > unit.size() + 1 &&
                      name.compare(name.size() - unit.size() - 1, std::string::npos, "_" + unit) == 0;
    if (open_metrics_ && !unit.empty() && told) out_ += "# UNIT " + name + ' ' + unit + '\n';
    if (!stream.description.empty()) out_ += "# HELP " + name + ' ' + escaped(stream.description, open_metrics_) + '\n';
  }

  void write(const Family& family, const Collected& part, const Point& point) {
    const std::string labels = labels_of(part, point);
    if (!written_.insert(labels).second) {
      log_once_a_minute(LogLevel::kWarn, "two metrics have the same Prometheus name and labels: one is left out",
                        family.name);
      return;
    }
    const Stream& stream = *part.stream;
    if (is_histogram(stream.op)) return histogram(family, stream, point, labels);
    out_ += family.name + in_braces(labels) + ' ';
    out_ += stream.instrument->is_double ? number(point.total.real) : std::to_string(point.total.integer);
    if (open_metrics_ && is_counter(stream) && !is_unknown(family) && !point.exemplars.empty())
      exemplar(point.exemplars.front());
    out_ += '\n';
  }

  void histogram(const Family& family, const Stream& stream, const Point& point, const std::string& labels) {
    const Buckets buckets = buckets_of(stream, point.total);
    std::uint64_t below = 0;
    double lower = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < buckets.bounds.size(); ++i) {
      const double upper = buckets.bounds[i];
      below += buckets.counts[i];
      out_ += family.name + "_bucket" + in_braces(labels, "le=\"" + number(upper, open_metrics_) + '"') + ' ' +
              std::to_string(below);
      if (open_metrics_) exemplar_within(point, lower, upper);
      out_ += '\n';
      lower = upper;
    }
    out_ += family.name + "_sum" + in_braces(labels) + ' ' + number(point.total.real) + '\n';
    out_ += family.name + "_count" + in_braces(labels) + ' ' + std::to_string(below) + '\n';
  }

  std::string labels_of(const Collected& part, const Point& point) const {
    Labels labels;
    const detail::ScopeInfo& scope = *part.stream->instrument->scope;
    if (options_.scope_labels && !scope.name.empty()) {
      labels.emplace_back("otel_scope_name", scope.name);
      if (!scope.version.empty()) labels.emplace_back("otel_scope_version", scope.version);
      if (!scope.schema_url.empty()) labels.emplace_back("otel_scope_schema_url", scope.schema_url);
      add_labels(labels, scope.encoded, 3, "otel_scope_");
    }
    add_labels(labels, point.attributes, kAttributesField);
    return label_list(labels);
  }

  void exemplar_within(const Point& point, double lower, double upper) {
    const Exemplar* newest = nullptr;
    for (const Exemplar& one : point.exemplars) {
      const double value = value_of(one);
      if (value > lower && value <= upper && (newest == nullptr || one.time_ns > newest->time_ns)) newest = &one;
    }
    if (newest != nullptr) exemplar(*newest);
  }

  static double value_of(const Exemplar& exemplar) noexcept {
    return exemplar.is_double ? as_double(exemplar.bits)
                              : static_cast<double>(static_cast<std::int64_t>(exemplar.bits));
  }

  void exemplar(const Exemplar& one) {
    Labels labels;
    if (one.trace_id.valid()) labels = {{"trace_id", one.trace_id.hex()}, {"span_id", one.span_id.hex()}};
    Labels more = labels;
    add_labels(more, one.attributes, kAttributesField);
    std::size_t characters = 0;
    for (const auto& [name, value] : more) characters += name.size() + value.size();
    char time[32];
    std::snprintf(time, sizeof(time), "%.3f", static_cast<double>(one.time_ns) * 1e-9);
    out_ += " # {" + label_list(characters <= kExemplarLabelsMax ? more : labels) + "} " + number(value_of(one)) + ' ' +
            time;
  }

  const bool open_metrics_;
  const PrometheusOptions options_;
  std::set<std::string> written_;  // labels within the family
  std::string out_;
};

const char* type_of(const Stream& stream) noexcept {
  if (is_histogram(stream.op)) return "histogram";
  return is_counter(stream) ? "counter" : "gauge";
}

/// By name; what has the name of another type is left out.
std::map<std::string, Family> families_of(const std::vector<Collected>& all, PrometheusNames names) {
  std::map<std::string, Family> families;
  for (const Collected& collected : all) {
    const std::string name = prometheus_name(*collected.stream, names);
    Family& family = families[name];
    if (family.parts.empty()) {
      family.name = name;
      family.type = type_of(*collected.stream);
    } else if (family.type != std::string_view(type_of(*collected.stream))) {
      log_once_a_minute(LogLevel::kWarn,
                        "two metrics of different types have the same Prometheus name: one is left out", name);
      continue;
    }
    family.parts.push_back(&collected);
  }
  return families;
}

std::string resource_of_running() {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  return all.store != nullptr ? all.store->resource : std::string();
}

/// The weight of a media type in an Accept header, 0 where it is not in there.
double weight_of(std::string_view accept, std::string_view type) {
  for (std::size_t begin = 0; begin < accept.size();) {
    const std::size_t end = std::min(accept.find(',', begin), accept.size());
    std::string_view entry = accept.substr(begin, end - begin);
    begin = end + 1;
    entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
    const std::string_view named = entry.substr(0, entry.find_first_of("; "));
    if (named != type) continue;
    const std::size_t weight = entry.find("q=");
    return weight == std::string_view::npos ? 1.0 : std::strtod(std::string(entry.substr(weight + 2)).c_str(), nullptr);
  }
  return 0;
}

}  // namespace
}  // namespace metrics

std::string prometheus_text(PrometheusFormat format, const PrometheusOptions& options) {
  metrics::Writer writer(format, options);
  metrics::Reader reader(Temporality::kCumulative);
  const std::vector<metrics::Collected> collected = reader.collect();
  const std::string resource = metrics::resource_of_running();
  if (options.target_info && !resource.empty()) writer.target_info(resource);
  for (const auto& [name, family] : metrics::families_of(collected, options.names)) writer.family(family);
  return writer.finish();
}

const char* prometheus_content_type(PrometheusFormat format) noexcept {
  return format == PrometheusFormat::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                  : "text/plain; version=0.0.4; charset=utf-8";
}

PrometheusFormat prometheus_format_for(const std::string& accept) noexcept {
  const double open_metrics = metrics::weight_of(accept, "application/openmetrics-text");
  const bool preferred = open_metrics > 0 && open_metrics >= metrics::weight_of(accept, "text/plain");
  return preferred ? PrometheusFormat::kOpenMetrics : PrometheusFormat::kText;
}

}  // namespace sextant
