#include "metrics/instrument.h"

#include <cmath>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/log.h"

namespace sextant::metrics {
namespace {

constexpr std::size_t kNameMax = 255;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Internally locked. Never destroyed.
struct Registry {
  std::mutex mutex;
  // By scope and name in lower case.
  std::map<std::pair<std::uint32_t, std::string>, std::vector<std::unique_ptr<Instrument>>> by_name;
  std::uint64_t count = 0;
};

Registry& registry() {
  static Registry& instance = *new Registry;
  return instance;
}

std::string describe(const InstrumentRequest& request) {
  std::string text(request.name);
  if (!request.scope->name.empty()) text += " of meter " + request.scope->name;
  return text;
}

bool same(const Instrument& known, const InstrumentRequest& request) {
  return known.kind == request.kind && known.is_double == request.is_double && known.unit == request.options.unit;
}

std::string identity(const char* kind, bool is_double, std::string_view unit) {
  std::string text(kind);
  text += is_double ? " of double" : " of int64";
  text.append(", unit '").append(unit).append("'");
  return text;
}

/// Two that differ stay two: their points go out side by side, which receivers may not be able to tell apart.
void warn_of_duplicate(const Instrument& known, const InstrumentRequest& request) {
  log_once_a_minute(LogLevel::kWarn, "an instrument was made twice in different ways: give one another name",
                    describe(request) + ": " + identity(name_of(known.kind), known.is_double, known.unit) + ", then " +
                        identity(name_of(request.kind), request.is_double, request.options.unit));
}

void warn_of_differences(const Instrument& known, const InstrumentRequest& request) {
  if (!request.options.description.empty() && request.options.description != known.description)
    log_once_a_minute(LogLevel::kWarn, "an instrument was made twice with different descriptions: the first one counts",
                      describe(request));
}

std::unique_ptr<Instrument> make(const InstrumentRequest& request, std::uint64_t number) {
  auto made = std::make_unique<Instrument>();
  const InstrumentOptions& options = request.options;
  made->scope = request.scope;
  made->kind = request.kind;
  made->is_double = request.is_double;
  made->prometheus_name = options.prometheus_name;
  made->seed = (number + 1) * 0x9e3779b97f4a7c15;
  made->name = std::string(request.name);
  made->unit = std::string(options.unit);
  made->description = std::string(options.description);
  made->created_ns = wall_ns();
  if (valid_bounds(options.bounds.data(), options.bounds.size())) {
    made->bounds.assign(options.bounds.begin(), options.bounds.end());
  } else {
    log_once_a_minute(LogLevel::kWarn,
                      "bucket bounds were left out: they must be finite, ascending, and no more than 1000",
                      describe(request));
  }
  const bool gauge = request.kind == InstrumentKind::kGauge || request.kind == InstrumentKind::kObservableGauge;
  if (!gauge) {
    made->lowest = is_monotonic(request.kind) ? 0 : std::numeric_limits<double>::lowest();
    made->highest = std::numeric_limits<double>::max();
    if (is_monotonic(request.kind)) made->lowest_int = 0;
  }
  return made;
}

}  // namespace

const char* name_of(InstrumentKind kind) noexcept {
  static constexpr const char* kNames[] = {"counter",         "up-down counter",    "histogram",
                                           "gauge",           "observable counter", "observable up-down counter",
                                           "observable gauge"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool valid_instrument_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kNameMax || !is_letter(name.front())) return false;
  for (const char c : name) {
    const bool other = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '/';
    if (!is_letter(c) && !other) return false;
  }
  return true;
}

bool valid_bounds(const double* bounds, std::size_t count) noexcept {
  if (count > kBoundsMax) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) return false;
  }
  return true;
}

std::mutex& instruments_mutex() noexcept {
  return registry().mutex;
}

const Instrument* intern_instrument(const InstrumentRequest& request) {
  if (!valid_instrument_name(request.name)) {
    log_once_a_minute(LogLevel::kWarn,
                      "an instrument does nothing, since its name is none: a letter, then up to 254 letters, digits, "
                      "'_', '.', '-' and '/'",
                      request.name.substr(0, kNameMax));
    return nullptr;
  }
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  auto& known = all.by_name[{request.scope->index, lower_case(request.name)}];
  for (const auto& instrument : known) {
    if (!same(*instrument, request)) continue;
    warn_of_differences(*instrument, request);
    return instrument.get();
  }
  if (all.count >= kInstrumentsMax) {
    log_once_a_minute(LogLevel::kWarn,
                      "an instrument does nothing, since there are 16384 already: make names in code, not from data");
    return nullptr;
  }
  if (!known.empty()) warn_of_duplicate(*known.front(), request);
  known.push_back(make(request, all.count++));
  return known.back().get();
}

}  // namespace sextant::metrics
