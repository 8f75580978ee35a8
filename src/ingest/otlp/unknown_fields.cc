#include "ingest/otlp/unknown_fields.h"

#include <string>

#include "base/codec/json_reader.h"
#include "base/core/text.h"
#include "ingest/otlp/limits.h"

namespace sextant::ingest {
namespace {

/// Longer names are cut in messages.
constexpr size_t kNameCharactersMax = 40;

/// Of whatever nests below a field that nobody knows.
constexpr int kDepthMax = 1000;

/// The signal that a field carries; "" for fields of none.
std::string_view signal_of(std::string_view field) {
  if (field == "resourceMetrics" || field == "resource_metrics") return "metrics";
  if (field == "resourceLogs" || field == "resource_logs") return "logs";
  if (field == "resourceProfiles" || field == "resource_profiles") return "profiles";
  return {};
}

}  // namespace

Result<void> check_fields(std::string_view json) {
  JsonReader reader(json, kDepthMax);
  std::string_view name;
  std::string shown;
  uint32_t unknown = 0;
  for (reader.begin_object(); reader.next_member(name); reader.skip()) {
    if (name == "resourceSpans" || name == "resource_spans") return {};
    if (const auto signal = signal_of(name); !signal.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "these are {} (field \"{}\"); /v1/traces takes traces, in the field \"resourceSpans\"", signal, name);
    }
    if (++unknown > kUnknownFieldsShown) continue;
    shown += fmt::format("{}\"{}\"", shown.empty() ? "" : ", ", utf8_prefix(name, kNameCharactersMax));
  }
  if (unknown == 0) return {};
  return fail(ErrorCode::kInvalidArgument,
              "unknown field{} {}{}: an OTLP trace request is an object with the field \"resourceSpans\", for example "
              "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[]}}]}}]}}",
              unknown > 1 ? "s" : "", shown, unknown > kUnknownFieldsShown ? ", …" : "");
}

}  // namespace sextant::ingest
