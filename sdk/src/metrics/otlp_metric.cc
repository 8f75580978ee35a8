#include "metrics/otlp_metric.h"

#include <string_view>

#include "otlp/wire.h"

namespace sextant::metrics {
namespace {

using otlp::WireType;

/// Appends the fields of a message.
class Message {
 public:
  const std::string& bytes() const noexcept { return bytes_; }

  Message& varint(std::uint32_t field, std::uint64_t value) {
    tag(field, WireType::kVarint);
    return raw_varint(value);
  }
  /// sint32: small numbers of either sign are short.
  Message& zigzag(std::uint32_t field, std::int32_t value) {
    return varint(field, static_cast<std::uint32_t>(value) << 1 ^ static_cast<std::uint32_t>(value >> 31));
  }
  Message& fixed(std::uint32_t field, std::uint64_t value) {
    tag(field, WireType::kFixed64);
    return raw_fixed(value);
  }
  Message& real(std::uint32_t field, double value) { return fixed(field, as_bits(value)); }
  Message& blob(std::uint32_t field, std::string_view content) {
    tag(field, WireType::kBytes);
    raw_varint(content.size());
    bytes_.append(content);
    return *this;
  }
  Message& text(std::uint32_t field, std::string_view content) {
    if (content.empty()) return *this;
    blob(field, content);
    repair_utf8(bytes_.data() + bytes_.size() - content.size(), content.size());
    return *this;
  }
  /// Canonical attributes, whose field becomes this one.
  Message& attributes(std::uint32_t field, std::string_view canonical) {
    for (otlp::Reader reader(canonical); reader.next();) blob(field, reader.bytes());
    return *this;
  }
  Message& raw_fixed(std::uint64_t value) {
    char out[8];
    otlp::write_fixed64(out, value);
    bytes_.append(out, sizeof(out));
    return *this;
  }
  Message& raw_varint(std::uint64_t value) {
    char out[otlp::kVarintBytesMax];
    bytes_.append(out, static_cast<std::size_t>(otlp::write_varint(out, value) - out));
    return *this;
  }

 private:
  void tag(std::uint32_t field, WireType type) { raw_varint(otlp::tag(field, type)); }
  std::string bytes_;
};

// Exemplar { repeated KeyValue filtered_attributes = 7; fixed64 time_unix_nano = 2; double as_double = 3;
// sfixed64 as_int = 6; bytes span_id = 4; bytes trace_id = 5; }
Message encode(const Exemplar& exemplar) {
  Message out;
  out.fixed(2, static_cast<std::uint64_t>(exemplar.time_ns));
  out.fixed(exemplar.is_double ? 3 : 6, exemplar.bits);
  if (exemplar.trace_id.valid()) {
    const auto bytes = [](const auto& id) {
      return std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    };
    out.blob(4, bytes(exemplar.span_id));
    out.blob(5, bytes(exemplar.trace_id));
  }
  out.attributes(7, exemplar.attributes);
  return out;
}

void add_exemplars(Message& out, std::uint32_t field, const Point& point) {
  for (const Exemplar& exemplar : point.exemplars) out.blob(field, encode(exemplar).bytes());
}

void add_times(Message& out, const Collected& collected, const Point& point) {
  out.fixed(2, static_cast<std::uint64_t>(point.start_ns));
  out.fixed(3, static_cast<std::uint64_t>(collected.time_ns));
}

// NumberDataPoint { repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2, time_unix_nano = 3;
// double as_double = 4; sfixed64 as_int = 6; repeated Exemplar exemplars = 5; }
Message encode_number(const Collected& collected, const Point& point) {
  Message out;
  add_times(out, collected, point);
  if (collected.stream->instrument->is_double) {
    out.real(4, point.total.real);
  } else {
    out.fixed(6, static_cast<std::uint64_t>(point.total.integer));
  }
  add_exemplars(out, 5, point);
  out.attributes(7, point.attributes);
  return out;
}

// HistogramDataPoint { repeated KeyValue attributes = 9; fixed64 start_time_unix_nano = 2, time_unix_nano = 3, count =
// 4; optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated
// Exemplar exemplars = 8; optional double min = 11, max = 12; }
Message encode_explicit(const Collected& collected, const Point& point) {
  Message out;
  add_times(out, collected, point);
  out.fixed(4, point.total.count());
  out.real(5, point.total.real);
  Message counts;
  for (const std::uint64_t count : point.total.buckets) counts.raw_fixed(count);
  out.blob(6, counts.bytes());
  Message bounds;
  for (std::size_t i = 0; i < collected.stream->bound_count; ++i)
    bounds.raw_fixed(as_bits(collected.stream->bounds[i]));
  if (collected.stream->bound_count > 0) out.blob(7, bounds.bytes());
  add_exemplars(out, 8, point);
  out.attributes(9, point.attributes);
  if (!point.total.range.empty()) out.real(11, point.total.range.min).real(12, point.total.range.max);
  return out;
}

// ExponentialHistogramDataPoint { repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2,
// time_unix_nano = 3, count = 4; optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive =
// 8; repeated Exemplar exemplars = 11; optional double min = 12, max = 13; } Buckets { sint32 offset = 1; repeated
// uint64 bucket_counts = 2; }
Message encode_exponential(const Collected& collected, const Point& point) {
  const Exponential& histogram = point.total.exponential;
  Message out;
  out.attributes(1, point.attributes);
  add_times(out, collected, point);
  out.fixed(4, histogram.count());
  out.real(5, point.total.real);
  out.zigzag(6, histogram.scale);
  out.fixed(7, histogram.zero_count);
  if (!histogram.buckets.empty()) {
    Message counts;
    for (const std::uint64_t count : histogram.buckets) counts.raw_varint(count);
    Message buckets;
    buckets.zigzag(1, histogram.offset).blob(2, counts.bytes());
    out.blob(8, buckets.bytes());
  }
  add_exemplars(out, 11, point);
  if (!point.total.range.empty()) out.real(12, point.total.range.min).real(13, point.total.range.max);
  return out;
}

Message encode_point(const Collected& collected, const Point& point) {
  switch (collected.stream->op) {
    case Op::kExplicit:
      return encode_explicit(collected, point);
    case Op::kExponential:
      return encode_exponential(collected, point);
    default:
      return encode_number(collected, point);
  }
}

std::uint32_t data_field(Op op) noexcept {
  if (is_last(op)) return 5;
  if (op == Op::kExplicit) return 9;
  return op == Op::kExponential ? 10 : 7;
}

}  // namespace

// Metric { string name = 1, description = 2, unit = 3; Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9;
// ExponentialHistogram exponential_histogram = 10; }, each of which { repeated …DataPoint data_points = 1;
// AggregationTemporality aggregation_temporality = 2 (1: delta, 2: cumulative); bool is_monotonic = 3 (of Sum); },
// of which a Gauge has only the first.
std::string encode_metric(const Collected& collected, std::size_t begin, std::size_t end) {
  const Stream& stream = *collected.stream;
  Message data;
  for (std::size_t i = begin; i < end; ++i) data.blob(1, encode_point(collected, collected.points[i]).bytes());
  if (!is_last(stream.op)) data.varint(2, collected.delta ? 1 : 2);
  const bool is_sum = stream.op == Op::kSumInt || stream.op == Op::kSumDouble;
  if (is_sum && is_monotonic(stream.instrument->kind)) data.varint(3, 1);
  Message metric;
  metric.text(1, stream.name).text(2, stream.description).text(3, stream.instrument->unit);
  metric.blob(data_field(stream.op), data.bytes());
  return metric.bytes();
}

}  // namespace sextant::metrics
