#include "metrics/stream.h"

#include <algorithm>
#include <limits>

#include "base/log.h"

namespace sextant::metrics {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_wildcard(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool selects(const MetricView& view, const Instrument& instrument) {
  const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
  return (view.instrument_name.empty() || matches_pattern(view.instrument_name, instrument.name)) &&
         (!view.instrument_kind || *view.instrument_kind == instrument.kind) &&
         fits(view.instrument_unit, instrument.unit) && fits(view.meter_name, instrument.scope->name) &&
         fits(view.meter_version, instrument.scope->version) &&
         fits(view.meter_schema_url, instrument.scope->schema_url);
}

bool is_gauge(InstrumentKind kind) noexcept {
  return kind == InstrumentKind::kGauge || kind == InstrumentKind::kObservableGauge;
}

bool allows(Aggregation aggregation, InstrumentKind kind) noexcept {
  switch (aggregation) {
    case Aggregation::kDefault:
    case Aggregation::kDrop:
      return true;
    case Aggregation::kSum:
      return !is_gauge(kind);
    case Aggregation::kLastValue:
      return is_gauge(kind);
    case Aggregation::kExplicitHistogram:
    case Aggregation::kExponentialHistogram:
      return kind == InstrumentKind::kCounter || kind == InstrumentKind::kHistogram;
  }
  return false;
}

Aggregation resolve(const Instrument& instrument, const MetricOptions& options, const MetricView& view) {
  Aggregation wanted = view.aggregation;
  if (!allows(wanted, instrument.kind)) {
    log_once_a_minute(LogLevel::kWarn, "a view's aggregation does not fit an instrument, which keeps its own",
                      instrument.name + " is a " + name_of(instrument.kind));
    wanted = Aggregation::kDefault;
  }
  if (wanted != Aggregation::kDefault) return wanted;
  if (is_gauge(instrument.kind)) return Aggregation::kLastValue;
  if (instrument.kind != InstrumentKind::kHistogram) return Aggregation::kSum;
  return view.bounds.empty() ? options.histogram_aggregation : Aggregation::kExplicitHistogram;
}

Op op_of(Aggregation aggregation, const Instrument& instrument) noexcept {
  const bool real = instrument.is_double;
  switch (aggregation) {
    case Aggregation::kExplicitHistogram:
      return Op::kExplicit;
    case Aggregation::kExponentialHistogram:
      return Op::kExponential;
    case Aggregation::kLastValue:
      return real ? Op::kLastDouble : Op::kLastInt;
    default:
      return real ? Op::kSumDouble : Op::kSumInt;
  }
}

void set_bounds(Stream& stream, const std::vector<double>& bounds) {
  constexpr std::size_t kPadding = 8;
  stream.bounds = bounds;
  stream.bound_count = bounds.size();
  stream.buckets = static_cast<std::uint32_t>(bounds.size() + 1);
  stream.bounds.resize((bounds.size() + kPadding - 1) / kPadding * kPadding, std::numeric_limits<double>::infinity());
}

std::unique_ptr<Stream> make_stream(const Instrument& instrument, const MetricOptions& options,
                                    const MetricView& view) {
  const Aggregation aggregation = resolve(instrument, options, view);
  if (aggregation == Aggregation::kDrop) return nullptr;
  auto stream = std::make_unique<Stream>();
  stream->instrument = &instrument;
  stream->name = view.name.empty() ? instrument.name : view.name;
  stream->description = view.description.empty() ? instrument.description : view.description;
  stream->op = op_of(aggregation, instrument);
  stream->range_recorded = view.record_min_max && is_histogram(stream->op);
  const bool own_filter = view.include_attributes || !view.exclude_attributes.empty();
  std::optional<std::vector<std::string>> include_for_all;
  if (!options.include_attributes.empty()) include_for_all = options.include_attributes;
  stream->filter = own_filter ? KeyFilter(view.include_attributes, view.exclude_attributes)
                              : KeyFilter(include_for_all, options.exclude_attributes);
  stream->limit = view.cardinality_limit != 0 ? view.cardinality_limit : options.cardinality_limit;
  if (stream->op == Op::kExplicit) {
    set_bounds(*stream, !view.bounds.empty()         ? view.bounds
                        : !instrument.bounds.empty() ? instrument.bounds
                                                     : default_bounds());
  } else if (stream->op == Op::kExponential) {
    stream->buckets = view.max_buckets;
    stream->scale_max = view.max_scale;
  }
  stream->exemplars = options.exemplar_filter == ExemplarFilter::kAlwaysOn     ? Exemplars::kAlways
                      : options.exemplar_filter == ExemplarFilter::kTraceBased ? Exemplars::kInSampledSpans
                                                                               : Exemplars::kNever;
  return stream;
}

std::string problem_of(const MetricView& view) {
  if (!view.name.empty() && !valid_instrument_name(view.name))
    return "its name '" + view.name + "' is none: a letter, then up to 254 letters, digits, '_', '.', '-' and '/'";
  if (!view.name.empty() && (view.instrument_name.empty() || has_wildcard(view.instrument_name)))
    return "it gives a name, '" + view.name +
           "', so it must select one instrument: set instrument_name, without '*' and '?'";
  if (!valid_bounds(view.bounds.data(), view.bounds.size()))
    return "its bounds must be finite, ascending, and no more than " + std::to_string(kBoundsMax);
  if (view.max_buckets < 2 || view.max_buckets > kExponentialBucketsMax)
    return "max_buckets is " + std::to_string(view.max_buckets) + " and must be between 2 and " +
           std::to_string(kExponentialBucketsMax);
  if (view.max_scale < kExponentialScaleMin || view.max_scale > kExponentialScaleMax)
    return "max_scale is " + std::to_string(view.max_scale) + " and must be between " +
           std::to_string(kExponentialScaleMin) + " and " + std::to_string(kExponentialScaleMax);
  return {};
}

}  // namespace

const std::vector<double>& default_bounds() {
  static const std::vector<double>& kBounds =
      *new std::vector<double>{0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000};
  return kBounds;
}

const std::string& overflow_attributes() {
  static const std::string& kAttributes = *new std::string(canonical({{"otel.metric.overflow", true}}));
  return kAttributes;
}

Result<bool> check_options(const MetricOptions& options) {
  for (std::size_t i = 0; i < options.views.size(); ++i) {
    const std::string problem = problem_of(options.views[i]);
    if (problem.empty()) continue;
    const std::string& selected = options.views[i].instrument_name;
    return Error{"metrics: view " + std::to_string(i + 1) + (selected.empty() ? "" : " (of '" + selected + "')") +
                 ": " + problem};
  }
  if (options.interval.count() <= 0) return Error{"metrics: interval must be above 0 ms"};
  if (options.timeout.count() <= 0) return Error{"metrics: timeout must be above 0 ms"};
  if (options.cardinality_limit == 0) return Error{"metrics: cardinality_limit must be at least 1"};
  if (options.batch_points_max == 0) return Error{"metrics: batch_points_max must be at least 1"};
  if (options.histogram_aggregation != Aggregation::kExplicitHistogram &&
      options.histogram_aggregation != Aggregation::kExponentialHistogram)
    return Error{"metrics: histogram_aggregation must be kExplicitHistogram or kExponentialHistogram"};
  return true;
}

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // the last one passed, and where in the text its match ends
  std::size_t star_in = 0;
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_in = in;
    } else if (at < pattern.size() && (pattern[at] == '?' || lower(pattern[at]) == lower(text[in]))) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++star_in;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

std::vector<std::unique_ptr<Stream>> make_streams(const Instrument& instrument, const MetricOptions& options) {
  std::vector<std::unique_ptr<Stream>> made;
  bool selected = false;
  for (const MetricView& view : options.views) {
    if (!selects(view, instrument)) continue;
    selected = true;
    auto stream = make_stream(instrument, options, view);
    if (stream == nullptr) continue;
    const auto same_name = [&](const auto& other) { return other->name == stream->name; };
    if (std::any_of(made.begin(), made.end(), same_name))
      log_once_a_minute(LogLevel::kWarn, "two views make streams of the same name: give one another name",
                        stream->name);
    made.push_back(std::move(stream));
  }
  if (!selected) made.push_back(make_stream(instrument, options, MetricView{}));
  return made;
}

}  // namespace sextant::metrics
