// Spans as tests like to look at them: started under an SDK that keeps them, and decoded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sextant/in_memory.h"
#include "sextant/sdk.h"
#include "tests/decoded.h"

namespace sextant::conventions {

struct SeenSpan {
  std::string name;
  std::string trace_id;  // hexadecimal digits
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

/// Without the quotes that tests/decoded.h puts around texts.
inline std::string plain(const std::string& value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

inline SeenSpan seen(const tests::DecodedSpan& span) {
  SeenSpan made{span.name,   span.trace_id,       span.span_id,  span.parent_id, span.kind,
                span.status, span.status_message, span.start_ns, span.end_ns,    {},
                {}};
  for (const auto& [key, value] : span.attributes) made.attributes[key] = plain(value);
  for (const tests::DecodedEvent& event : span.events) made.events.push_back(event.name);
  return made;
}

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
      for (const tests::DecodedSpan& span : tests::decode_traces(batch.body).spans) spans.push_back(seen(span));
    }
    return spans;
  }

 private:
  std::shared_ptr<InMemoryExporter> exporter_;
  std::unique_ptr<Sdk> sdk_;
};

}  // namespace sextant::conventions
