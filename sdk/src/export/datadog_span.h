// One span as Datadog's trace agent takes it (API v0.4): the mapping, and its MessagePack.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "otlp/items.h"

namespace sextant::exporting {

/// What a span says of its place in the list of its trace.
enum class ChunkPlace : std::uint8_t {
  kFirst,  // carries what holds for the whole trace
  kLater
};

/// A value.
struct DatadogSpan {
  std::string service;
  std::string name;            // of the operation: few different ones
  std::string resource;        // on what
  std::string type;            // web, http, db, cache, queue, custom
  std::uint64_t trace_id = 0;  // the lower half
  std::uint64_t span_id = 0;
  std::uint64_t parent_id = 0;
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
  bool error = false;
  std::map<std::string, std::string, std::less<>> meta;
  std::map<std::string, double, std::less<>> metrics;
};

DatadogSpan to_datadog(const otlp::Place& place, const otlp::SpanView& span, ChunkPlace chunk_place);
void append_msgpack(std::string& out, const DatadogSpan& span);

}  // namespace sextant::exporting
