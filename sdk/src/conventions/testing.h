// Spans as tests like to look at them: started under an SDK that keeps them, and decoded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "otlp/wire.h"
#include "sextant/in_memory.h"
#include "sextant/sdk.h"

namespace sextant::conventions {

struct SeenSpan {
  std::string name;
  std::string trace_id;  // raw bytes
  std::string span_id;
  std::string parent_id;
  std::uint64_t kind = 0;
  std::uint64_t status = 0;  // 2: error
  std::string message;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::map<std::string, std::string> attributes;  // numbers in digits
  std::vector<std::string> events;
};

namespace detail {
inline std::string value_text(std::string_view bytes) {
  otlp::Reader value(bytes);
  if (!value.next()) return {};
  return value.type() == otlp::WireType::kBytes ? std::string(value.bytes()) : std::to_string(value.number());
}

inline SeenSpan read_span(std::string_view bytes) {
  SeenSpan span;
  otlp::Reader in(bytes);
  while (in.next()) {
    const std::string text(in.bytes());
    switch (in.field()) {
      case 1:
        span.trace_id = text;
        break;
      case 2:
        span.span_id = text;
        break;
      case 4:
        span.parent_id = text;
        break;
      case 5:
        span.name = text;
        break;
      case 6:
        span.kind = in.number();
        break;
      case 7:
        span.start = in.number();
        break;
      case 8:
        span.end = in.number();
        break;
      case 9: {
        otlp::Reader pair(in.bytes());
        std::string key;
        std::string value;
        while (pair.next())
          (pair.field() == 1 ? key : value) = pair.field() == 1 ? std::string(pair.bytes()) : value_text(pair.bytes());
        span.attributes[key] = value;
        break;
      }
      case 11: {
        otlp::Reader event(in.bytes());
        while (event.next()) {
          if (event.field() == 2) span.events.emplace_back(event.bytes());
        }
        break;
      }
      case 15: {
        otlp::Reader status(in.bytes());
        while (status.next()) {
          if (status.field() == 2) span.message = std::string(status.bytes());
          if (status.field() == 3) span.status = status.number();
        }
        break;
      }
      default:
        break;
    }
  }
  return span;
}
}  // namespace detail

/// Thread-confined. An SDK runs for as long as this lives.
class SpanWatch {
 public:
  SpanWatch() : exporter_(std::make_shared<InMemoryExporter>()) {
    Options options;
    options.exporters.push_back(exporter_);
    sdk_ = std::make_unique<Sdk>(std::move(Sdk::start(std::move(options)).value()));
  }
  /// Those that have ended since the last call.
  std::vector<SeenSpan> take() {
    sdk_->flush();
    std::vector<SeenSpan> spans;
    for (const Batch& batch : exporter_->take()) {
      for_each(batch.body, 1, [&](std::string_view resource) {
        for_each(resource, 2, [&](std::string_view scope) {
          for_each(scope, 2, [&](std::string_view span) { spans.push_back(detail::read_span(span)); });
        });
      });
    }
    return spans;
  }

 private:
  template <class Visit>
  static void for_each(std::string_view bytes, std::uint32_t field, Visit visit) {
    otlp::Reader in(bytes);
    while (in.next()) {
      if (in.field() == field) visit(in.bytes());
    }
  }
  std::shared_ptr<InMemoryExporter> exporter_;
  std::unique_ptr<Sdk> sdk_;
};

}  // namespace sextant::conventions
