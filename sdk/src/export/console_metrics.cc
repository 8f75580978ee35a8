// Metric points as lines.
#include <cmath>
#include <vector>

#include "base/json_text.h"
#include "export/console_text.h"
#include "otlp/items.h"

namespace sextant::exporting {
namespace {

using otlp::Reader;
using otlp::WireType;

constexpr std::size_t kBucketsShownMax = 64;

void append_real(std::string& out, double value) {
  if (std::isfinite(value)) return append_number(out, value);
  out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

double real_of(std::uint64_t bits) noexcept {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Of a repeated field of eight-byte numbers, packed or not.
void read_numbers(const Reader& at, std::vector<std::uint64_t>& out) {
  if (at.type() == WireType::kFixed64) out.push_back(at.number());
  if (at.type() != WireType::kBytes) return;
  otlp::NumberReader numbers(at.bytes(), WireType::kFixed64);
  while (numbers.next()) out.push_back(numbers.number());
}

void append_named(std::string& out, const char* name, double value) {
  out.append(" ").append(name).append("=");
  append_real(out, value);
}

// NumberDataPoint: as_double = 4, as_int = 6, attributes = 7.
void append_number_point(std::string& out, std::string_view point) {
  out += ' ';
  Reader fields(point);
  while (fields.next()) {
    if (fields.field() == 4) append_real(out, fields.real());
    if (fields.field() == 6) out += std::to_string(static_cast<std::int64_t>(fields.number()));
  }
  append_attributes_text(out, point, 7);
}

void append_buckets(std::string& out, const std::vector<std::uint64_t>& counts,
                    const std::vector<std::uint64_t>& bounds) {
  if (counts.empty()) return;
  out += " buckets=[";
  for (std::size_t i = 0; i < counts.size() && i < kBucketsShownMax; ++i) {
    if (i > 0) out += ", ";
    if (i < bounds.size()) {
      out += "<=";
      append_real(out, real_of(bounds[i]));
    } else {
      out += "more";
    }
    out += ": " + std::to_string(counts[i]);
  }
  out += counts.size() > kBucketsShownMax ? ", ...]" : "]";
}

// HistogramDataPoint: count = 4, sum = 5, bucket_counts = 6, explicit_bounds = 7, attributes = 9, min = 11, max = 12.
void append_histogram_point(std::string& out, std::string_view point) {
  std::vector<std::uint64_t> counts;
  std::vector<std::uint64_t> bounds;
  Reader fields(point);
  while (fields.next()) {
    if (fields.field() == 4) out += " count=" + std::to_string(fields.number());
    if (fields.field() == 5) append_named(out, "sum", fields.real());
    if (fields.field() == 6) read_numbers(fields, counts);
    if (fields.field() == 7) read_numbers(fields, bounds);
    if (fields.field() == 11) append_named(out, "min", fields.real());
    if (fields.field() == 12) append_named(out, "max", fields.real());
  }
  append_buckets(out, counts, bounds);
  append_attributes_text(out, point, 9);
}

// ExponentialHistogramDataPoint: attributes = 1, count = 4, sum = 5, scale = 6 (zigzag), zero_count = 7, min = 12, max
// = 13.
void append_exponential_point(std::string& out, std::string_view point) {
  Reader fields(point);
  while (fields.next()) {
    if (fields.field() == 4) out += " count=" + std::to_string(fields.number());
    if (fields.field() == 5) append_named(out, "sum", fields.real());
    if (fields.field() == 6) {
      const auto folded = static_cast<std::uint32_t>(fields.number());
      out += " scale=" + std::to_string(static_cast<std::int32_t>(folded >> 1 ^ (~(folded & 1) + 1)));
    }
    if (fields.field() == 7) out += " zeros=" + std::to_string(fields.number());
    if (fields.field() == 12) append_named(out, "min", fields.real());
    if (fields.field() == 13) append_named(out, "max", fields.real());
  }
  append_attributes_text(out, point, 1);
}

// SummaryDataPoint: count = 4, sum = 5, quantile_values = 6 { double quantile = 1; double value = 2 }, attributes = 7.
void append_summary_point(std::string& out, std::string_view point) {
  Reader fields(point);
  while (fields.next()) {
    if (fields.field() == 4) out += " count=" + std::to_string(fields.number());
    if (fields.field() == 5) append_named(out, "sum", fields.real());
    if (fields.field() != 6) continue;
    double quantile = 0;
    double value = 0;
    Reader pair(fields.bytes());
    while (pair.next()) (pair.field() == 1 ? quantile : value) = pair.real();
    out += " q";
    append_real(out, quantile);
    out += '=';
    append_real(out, value);
  }
  append_attributes_text(out, point, 7);
}

/// One of Metric's kinds, whose points are field 1.
struct Shape {
  std::uint32_t field;
  const char* name;
  void (*append_point)(std::string& out, std::string_view point);
};
constexpr Shape kShapes[] = {{5, "gauge", append_number_point},
                             {7, "sum", append_number_point},
                             {9, "histogram", append_histogram_point},
                             {10, "exponential histogram", append_exponential_point},
                             {11, "summary", append_summary_point}};

// Metric: name = 1, unit = 3.
void append_metric(std::string& out, std::string_view metric) {
  std::string_view name;
  std::string_view unit;
  Reader fields(metric);
  while (fields.next()) {
    if (fields.field() == 1) name = fields.bytes();
    if (fields.field() == 3) unit = fields.bytes();
  }
  for (const Shape& shape : kShapes) {
    otlp::for_each_field(metric, shape.field, [&](std::string_view data) {
      otlp::for_each_field(data, 1, [&](std::string_view point) {
        out += "metric ";
        append_shown(out, name);
        out.append("  ").append(shape.name);
        shape.append_point(out, point);
        if (!unit.empty()) out += "  in ";
        append_shown(out, unit);
        out += '\n';
      });
    });
  }
}

}  // namespace

bool append_metrics_text(std::string& out, std::string_view request) {
  return otlp::for_each_item(request, [&](const otlp::Place&, std::string_view item) { append_metric(out, item); });
}

}  // namespace sextant::exporting
