#include "export/console_text.h"

#include <algorithm>
#include <cstdio>

#include "base/json_text.h"
#include "base/utf8.h"
#include "otlp/any_value.h"

namespace sextant::exporting {

void append_shown(std::string& out, std::string_view text) {
  const bool plain =
      std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (!plain) return append_json_text(out, text);
  out.append(text);
  repair_utf8(out.data() + (out.size() - text.size()), text.size());
}

void append_duration(std::string& out, std::uint64_t ns) {
  static constexpr struct {
    double ns;
    const char* name;
  } kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
  const auto value = static_cast<double>(ns);
  for (const auto& unit : kUnits) {
    if (value < unit.ns && unit.ns > 1) continue;
    char text[48];
    const double shown = value / unit.ns;
    std::snprintf(text, sizeof(text), shown < 1'000 ? "%.3g %s" : "%.0f %s", shown, unit.name);
    out += text;
    return;
  }
}

void append_attributes_text(std::string& out, std::string_view message, std::uint32_t field) {
  std::string json;
  otlp::append_attributes_json(json, message, field);
  if (json != "{}") out.append("  ").append(json);
}

}  // namespace sextant::exporting
