// What a benchmark prints: one JSON line a figure, and the text that is pushed to a Prometheus Pushgateway.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "wiring/bench/load.h"

namespace sextant::wiring {

/// One figure. `id` is one of the table of figures ("ingest.shape.cpu_hot"), `unit` says per what.
struct Figure {
  std::string id;
  double value = 0;
  std::string unit;
};

/// What every line carries, so that figures of different machines and modes are not confused.
struct FigureContext {
  std::string durability;
  double calibrator_cpu_seconds = 0;  // `zstd -1` over the same wire bytes
};

/// What one benchmark found.
struct Measured {
  std::vector<Figure> figures;
  FigureContext context;
  bool good = true;  // false: a request failed, or an answer was wrong; standard error says which
};

/// One line each on standard output.
void print_figures(const Measured& measured);

/// {"figure": …, "value": …, "unit": …, "durability": …, "calibrator": …}
std::string figure_line(const Figure& figure, const FigureContext& context);

/// CPU-seconds that zstd at level 1 takes for these bytes, body by body, on this thread.
double calibrate(const PreparedLoad& load);
/// Bytes that zstd at level 19 with a window of 128 MiB leaves of all bodies together. Takes minutes for a large load.
uint64_t long_window_bytes(const PreparedLoad& load);

/// The result of a load run in Prometheus' text format.
std::string prometheus_text(const LoadResult& result, std::string_view corpus);

/// "300s", "5m", "1h", "250ms"; more than nothing. Errors: kInvalidArgument.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace sextant::wiring
