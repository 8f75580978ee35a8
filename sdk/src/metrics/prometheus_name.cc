#include "metrics/prometheus_name.h"

#include <algorithm>

#include "metrics/attribute_set.h"
#include "otlp/any_value.h"
#include "otlp/items.h"
#include "otlp/wire.h"

namespace sextant::metrics {
namespace {

struct Unit {
  std::string_view code;
  std::string_view word;
};
constexpr Unit kUnits[] = {
    {"d", "days"},          {"h", "hours"},        {"min", "minutes"},   {"s", "seconds"},      {"ms", "milliseconds"},
    {"us", "microseconds"}, {"ns", "nanoseconds"}, {"By", "bytes"},      {"KiBy", "kibibytes"}, {"MiBy", "mebibytes"},
    {"GiBy", "gibibytes"},  {"TiBy", "tibibytes"}, {"KBy", "kilobytes"}, {"kBy", "kilobytes"},  {"MBy", "megabytes"},
    {"GBy", "gigabytes"},   {"TBy", "terabytes"},  {"bit", "bits"},      {"m", "meters"},       {"V", "volts"},
    {"A", "amperes"},       {"J", "joules"},       {"W", "watts"},       {"g", "grams"},        {"Cel", "celsius"},
    {"Hz", "hertz"},        {"%", "percent"},
};
constexpr Unit kPerUnits[] = {{"s", "second"}, {"m", "minute"}, {"min", "minute"}, {"h", "hour"},
                              {"d", "day"},    {"w", "week"},   {"mo", "month"},   {"y", "year"}};

template <std::size_t kSize>
std::string_view word_for(const Unit (&units)[kSize], std::string_view code) noexcept {
  for (const Unit& unit : units) {
    if (unit.code == code) return unit.word;
  }
  return code;
}

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

/// What is no name character becomes '_', of several in a row one; a digit at the beginning gets one before it.
std::string clean_name(std::string_view name) {
  std::string clean;
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') clean = "_";
  for (const char c : name) {
    const char as = is_name_character(c) ? c : '_';
    if (as != '_' || clean.empty() || clean.back() != '_') clean += as;
  }
  return clean;
}

std::string clean_label(std::string_view key) {
  std::string clean;
  if (!key.empty() && key.front() >= '0' && key.front() <= '9') clean = "key_";
  for (const char c : key) clean += is_name_character(c) && c != ':' ? c : '_';
  return clean;
}

std::string without_braces(std::string_view unit) {
  std::string plain;
  int depth = 0;
  for (const char c : unit) {
    if (c == '{') ++depth;
    if (depth == 0) plain += c;
    if (c == '}' && depth > 0) --depth;
  }
  return plain;
}

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Whether the name says the unit already: as its last word, before `_total` or not.
bool says(std::string_view name, const std::string& unit) {
  return name == unit || ends_with(name, "_" + unit);
}

void trim_underscores(std::string& text) {
  while (!text.empty() && text.back() == '_') text.pop_back();
  text.erase(0, std::min(text.find_first_not_of('_'), text.size()));
}

}  // namespace

std::string prometheus_unit(std::string_view unit, bool of_gauge) {
  const std::string plain = without_braces(unit);
  if (plain == "1") return of_gauge && unit == "1" ? "ratio" : "";
  const std::size_t slash = plain.find('/');
  std::string out = clean_name(word_for(kUnits, std::string_view(plain).substr(0, slash)));
  trim_underscores(out);
  if (slash == std::string::npos) return out;
  std::string per = clean_name(word_for(kPerUnits, std::string_view(plain).substr(slash + 1)));
  trim_underscores(per);
  if (per.empty()) return out;
  return out.empty() ? "per_" + per : out + "_per_" + per;
}

std::string prometheus_name(const Stream& stream, PrometheusNames names) {
  constexpr std::string_view kTotal = "_total";
  std::string name = clean_name(stream.name);
  if (stream.instrument->prometheus_name == PrometheusName::kExact || names == PrometheusNames::kWithoutSuffixes)
    return name;
  const bool counts =
      (stream.op == Op::kSumInt || stream.op == Op::kSumDouble) && is_monotonic(stream.instrument->kind);
  if (counts && ends_with(name, kTotal)) name.resize(name.size() - kTotal.size());
  const std::string unit = prometheus_unit(stream.instrument->unit, is_last(stream.op));
  if (!unit.empty() && !says(name, unit)) name += (ends_with(name, "_") ? "" : "_") + unit;
  if (counts) name += ends_with(name, "_") ? "total" : "_total";
  return name;
}

void add_labels(Labels& labels, std::string_view message, std::uint32_t field, std::string_view prefix) {
  for (otlp::Reader reader(message); reader.next();) {
    if (reader.field() != field) continue;
    const otlp::KeyValueView pair = otlp::read_key_value(reader.bytes());
    std::string name = std::string(prefix) + clean_label(pair.key);
    if (prefix.empty() && (name == "le" || name == "quantile")) name += '_';  // which histograms and summaries own
    const auto same = [&](const auto& label) { return label.first == name; };
    const auto found = std::find_if(labels.begin(), labels.end(), same);
    if (found != labels.end()) {
      found->second += ";" + value_as_text(pair.value);
    } else {
      labels.emplace_back(std::move(name), value_as_text(pair.value));
    }
  }
}

std::string value_as_text(std::string_view any_value) {
  return otlp::read_any(any_value).kind == otlp::AnyView::Kind::kEmpty ? std::string() : otlp::plain_text(any_value);
}

}  // namespace sextant::metrics
