// What the tests of logs share: an SDK whose records are kept, and a reader of them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "otlp/wire.h"
#include "sextant/in_memory.h"
#include "sextant/sextant.h"

namespace sextant::logs {

/// A LogRecord as it went to the exporters.
struct Received {
  std::string scope;
  std::uint64_t time_ns = 0;
  std::uint64_t observed_ns = 0;
  std::uint64_t severity = 0;
  std::string severity_text;
  std::string body;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::uint64_t dropped_attributes = 0;
  std::uint64_t flags = 0;
  std::string trace_id;  // bytes
  std::string span_id;
  std::string event_name;

  std::string attribute(const std::string& key) const {
    for (const auto& [name, value] : attributes) {
      if (name == key) return value;
    }
    return "(none)";
  }
};

/// An AnyValue as text.
inline std::string read_value(std::string_view bytes) {
  otlp::Reader value(bytes);
  if (!value.next()) return "(empty)";
  switch (value.field()) {
    case 1:
      return std::string(value.bytes());
    case 2:
      return value.number() != 0 ? "true" : "false";
    case 3:
      return std::to_string(static_cast<std::int64_t>(value.number()));
    case 4:
      return std::to_string(value.real());
    default:
      return "(field " + std::to_string(value.field()) + ", " + std::to_string(value.bytes().size()) + " bytes)";
  }
}

inline std::pair<std::string, std::string> read_pair(std::string_view bytes) {
  std::pair<std::string, std::string> read;
  otlp::Reader pair(bytes);
  while (pair.next())
    (pair.field() == 1 ? read.first : read.second) =
        pair.field() == 1 ? std::string(pair.bytes()) : read_value(pair.bytes());
  return read;
}

inline Received read_record(std::string_view bytes) {
  Received read;
  otlp::Reader fields(bytes);
  while (fields.next()) {
    const std::string text(fields.bytes());
    switch (fields.field()) {
      case 1:
        read.time_ns = fields.number();
        break;
      case 2:
        read.severity = fields.number();
        break;
      case 3:
        read.severity_text = text;
        break;
      case 5:
        read.body = read_value(fields.bytes());
        break;
      case 6:
        read.attributes.push_back(read_pair(fields.bytes()));
        break;
      case 7:
        read.dropped_attributes = fields.number();
        break;
      case 8:
        read.flags = fields.number();
        break;
      case 9:
        read.trace_id = text;
        break;
      case 10:
        read.span_id = text;
        break;
      case 11:
        read.observed_ns = fields.number();
        break;
      case 12:
        read.event_name = text;
        break;
      default:
        ADD_FAILURE() << "field " << fields.field() << " is none of LogRecord";
    }
  }
  EXPECT_FALSE(fields.failed());
  return read;
}

inline std::string scope_name(std::string_view scope) {
  otlp::Reader fields(scope);
  return fields.next() && fields.field() == 1 ? std::string(fields.bytes()) : std::string();
}

/// All records of an ExportLogsServiceRequest.
inline void read_request(std::string_view body, std::vector<Received>& out) {
  otlp::Reader request(body);
  ASSERT_TRUE(request.next());
  otlp::Reader resource(request.bytes());
  while (resource.next()) {
    if (resource.field() != 2) continue;
    std::string name;
    otlp::Reader scope(resource.bytes());
    while (scope.next()) {
      if (scope.field() == 1) name = scope_name(scope.bytes());
      if (scope.field() != 2) continue;
      out.push_back(read_record(scope.bytes()));
      out.back().scope = name;
    }
  }
}

/// Lines that a function was given. Internally locked.
class Lines {
 public:
  LogOutput output(LogOutput like = {}) {
    like.target = LogTarget::kFunction;
    like.function = [this](Severity, std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      all_.emplace_back(line);
    };
    return like;
  }
  std::vector<std::string> all() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return all_;
  }
  std::string last() const { return all().empty() ? "(no line)" : all().back(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// Runs an SDK and reads what its exporter got.
class Running {
 public:
  explicit Running(LogOptions logs = {}) {
    Options options;
    options.service_name = "test";
    options.logs = std::move(logs);
    options.exporters.push_back(memory);
    auto started = Sdk::start(std::move(options));
    EXPECT_TRUE(started.ok()) << (started ? "" : started.error());
    if (started) sdk = std::move(*started);
  }
  std::vector<Received> records() {
    EXPECT_TRUE(sdk.flush().complete);
    std::vector<Received> all;
    for (const Batch& batch : memory->take()) {
      if (batch.signal == Signal::kLogs) read_request(batch.body, all);
    }
    return all;
  }
  Received record() {
    const std::vector<Received> all = records();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Received{} : all.front();
  }

  std::shared_ptr<InMemoryExporter> memory = std::make_shared<InMemoryExporter>();
  Sdk sdk;
};

}  // namespace sextant::logs
