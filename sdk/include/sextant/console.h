// Telemetry for people to read: while a program is being written, or where there is no receiver yet.
//
//   trace 4bf92f3577b34da6a3ce929d0e0e4736  2 spans
//   └─ plan  12.3 ms  {"task.kind":"search"}
//      └─ chat gpt-4o  10.1 ms  client  error: timed out  {"gen_ai.request.model":"gpt-4o"}
//           exception  +9.8 ms  {"exception.type":"Timeout"}
//   metric http.requests  sum 5  {"method":"GET"}
//   log 2026-11-29T12:00:00.000000000Z  INFO  started  {"port":8080}
#pragma once

#include <cstdint>
#include <iosfwd>

#include "sextant/exporter.h"

namespace sextant {

enum class ConsoleTarget : std::uint8_t { kStdout, kStderr };

struct ConsoleSettings {
  ConsoleTarget target = ConsoleTarget::kStdout;
  /// Instead, where not null. Outlives the exporter, is written to by its thread alone, and must not throw.
  std::ostream* stream = nullptr;
  bool traces = true;  // which signals it shows
  bool metrics = true;
  bool logs = true;
};

/// A line for each span, metric point and log record, with lines below for a span's events and links; spans of one
/// batch stand below their parents. Control characters in names and texts are escaped.
ExporterPtr console(ConsoleSettings settings = {});

}  // namespace sextant
