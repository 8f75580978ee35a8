// What the tests of metrics share: a running store, and collections and requests in a form that is easily looked at.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/otlp_metric.h"
#include "metrics/prometheus_name.h"
#include "metrics/reader.h"
#include "metrics/store.h"
#include "otlp/items.h"
#include "otlp/wire.h"
#include "sextant/diagnostics.h"

namespace sextant::metrics {

/// Attributes as `{a=1,b=x}`.
inline std::string text_of(std::string_view canonical, std::uint32_t field = kAttributesField) {
  std::string text;
  for (otlp::Reader reader(canonical); reader.next();) {
    if (reader.field() != field) continue;
    const otlp::KeyValueView pair = otlp::read_key_value(reader.bytes());
    text += (text.empty() ? "" : ",") + std::string(pair.key) + "=" + value_as_text(pair.value);
  }
  return "{" + text + "}";
}

/// A point as it went over the wire. Numbers that were not there are empty.
struct WirePoint {
  std::string attributes;
  std::uint64_t start = 0;
  std::uint64_t time = 0;
  std::optional<std::int64_t> as_int;
  std::optional<double> as_double;
  std::optional<double> sum, min, max;
  std::uint64_t count = 0;
  std::vector<std::uint64_t> buckets;
  std::vector<double> bounds;
  int scale = 0;
  std::uint64_t zero_count = 0;
  int offset = 0;
  std::vector<std::string> exemplars;  // encoded
};

struct WireMetric {
  std::string scope;
  std::string name, description, unit;
  std::uint32_t data = 0;  // the field of its kind: 5 gauge, 7 sum, 9 histogram, 10 exponential histogram
  std::uint64_t temporality = 0;
  bool monotonic = false;
  std::vector<WirePoint> points;

  const WirePoint* point(const std::string& attributes) const {
    for (const WirePoint& one : points) {
      if (one.attributes == attributes) return &one;
    }
    return nullptr;
  }
};

inline int from_zigzag(std::uint64_t value) {
  return static_cast<int>(static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1));
}

inline std::vector<std::uint64_t> fixed_list(std::string_view packed) {
  std::vector<std::uint64_t> all;
  for (std::size_t at = 0; at + 8 <= packed.size(); at += 8) all.push_back(load_8(packed.data() + at));
  return all;
}

inline std::vector<std::uint64_t> varint_list(std::string_view packed) {
  std::vector<std::uint64_t> all;
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (const char c : packed) {
    const auto byte = static_cast<unsigned char>(c);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    all.push_back(value);
    value = 0;
    shift = 0;
  }
  return all;
}

inline WirePoint decode_number(std::string_view bytes) {
  WirePoint point;
  point.attributes = text_of(bytes, 7);
  for (otlp::Reader reader(bytes); reader.next();) {
    if (reader.field() == 2) point.start = reader.number();
    if (reader.field() == 3) point.time = reader.number();
    if (reader.field() == 4) point.as_double = reader.real();
    if (reader.field() == 5) point.exemplars.emplace_back(reader.bytes());
    if (reader.field() == 6) point.as_int = static_cast<std::int64_t>(reader.number());
  }
  return point;
}

inline WirePoint decode_explicit(std::string_view bytes) {
  WirePoint point;
  point.attributes = text_of(bytes, 9);
  for (otlp::Reader reader(bytes); reader.next();) {
    if (reader.field() == 2) point.start = reader.number();
    if (reader.field() == 3) point.time = reader.number();
    if (reader.field() == 4) point.count = reader.number();
    if (reader.field() == 5) point.sum = reader.real();
    if (reader.field() == 6) point.buckets = fixed_list(reader.bytes());
    if (reader.field() == 7) {
      for (const std::uint64_t bits : fixed_list(reader.bytes())) point.bounds.push_back(as_double(bits));
    }
    if (reader.field() == 8) point.exemplars.emplace_back(reader.bytes());
    if (reader.field() == 11) point.min = reader.real();
    if (reader.field() == 12) point.max = reader.real();
  }
  return point;
}

inline WirePoint decode_exponential(std::string_view bytes) {
  WirePoint point;
  point.attributes = text_of(bytes, 1);
  for (otlp::Reader reader(bytes); reader.next();) {
    if (reader.field() == 2) point.start = reader.number();
    if (reader.field() == 3) point.time = reader.number();
    if (reader.field() == 4) point.count = reader.number();
    if (reader.field() == 5) point.sum = reader.real();
    if (reader.field() == 6) point.scale = from_zigzag(reader.number());
    if (reader.field() == 7) point.zero_count = reader.number();
    if (reader.field() == 11) point.exemplars.emplace_back(reader.bytes());
    if (reader.field() == 12) point.min = reader.real();
    if (reader.field() == 13) point.max = reader.real();
    if (reader.field() != 8) continue;
    for (otlp::Reader buckets(reader.bytes()); buckets.next();) {
      if (buckets.field() == 1) point.offset = from_zigzag(buckets.number());
      if (buckets.field() == 2) point.buckets = varint_list(buckets.bytes());
    }
  }
  return point;
}

inline WireMetric decode_metric(std::string_view bytes) {
  WireMetric metric;
  for (otlp::Reader reader(bytes); reader.next();) {
    if (reader.field() == 1) metric.name = reader.bytes();
    if (reader.field() == 2) metric.description = reader.bytes();
    if (reader.field() == 3) metric.unit = reader.bytes();
    if (reader.field() < 5) continue;
    metric.data = reader.field();
    for (otlp::Reader data(reader.bytes()); data.next();) {
      if (data.field() == 2) metric.temporality = data.number();
      if (data.field() == 3) metric.monotonic = data.number() != 0;
      if (data.field() != 1) continue;
      metric.points.push_back(metric.data == 9    ? decode_explicit(data.bytes())
                              : metric.data == 10 ? decode_exponential(data.bytes())
                                                  : decode_number(data.bytes()));
    }
  }
  return metric;
}

/// All metrics of an ExportMetricsServiceRequest.
inline std::vector<WireMetric> decode_request(std::string_view body) {
  std::vector<WireMetric> all;
  for (otlp::Reader request(body); request.next();) {
    for (otlp::Reader resource(request.bytes()); resource.next();) {
      if (resource.field() != 2) continue;
      std::string scope;
      for (otlp::Reader group(resource.bytes()); group.next();) {
        if (group.field() == 1) {
          for (otlp::Reader names(group.bytes()); names.next();) {
            if (names.field() == 1) scope = names.bytes();
          }
        }
        if (group.field() != 2) continue;
        all.push_back(decode_metric(group.bytes()));
        all.back().scope = scope;
      }
    }
  }
  return all;
}

/// What a reader collects, by stream name, as it would go over the wire.
inline std::map<std::string, WireMetric> collect(Reader& reader) {
  std::map<std::string, WireMetric> all;
  for (const Collected& collected : reader.collect()) {
    const WireMetric metric = decode_metric(encode_metric(collected, 0, collected.points.size()));
    EXPECT_EQ(all.count(metric.name), 0u) << metric.name;
    all[metric.name] = metric;
  }
  return all;
}

/// Metrics that are on for the length of a test.
class Running {
 public:
  explicit Running(const MetricOptions& options = {}, std::string resource = {}) {
    install(options, std::move(resource));
  }
  ~Running() { uninstall(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

/// Collects what the SDK says about itself.
class Said {
 public:
  Said() {
    set_diagnostic_handler([this](LogLevel, std::string_view text) { all_ += std::string(text) + '\n'; });
  }
  ~Said() { set_diagnostic_handler(nullptr); }
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;
  const std::string& text() const { return all_; }

 private:
  std::string all_;
};

inline std::unique_ptr<Reader> attached(Temporality temporality = Temporality::kCumulative) {
  auto reader = std::make_unique<Reader>(temporality);
  reader->attach();
  return reader;
}

}  // namespace sextant::metrics
