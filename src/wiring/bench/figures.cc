#include "wiring/bench/figures.h"

#include <zstd.h>

#include <charconv>
#include <memory>

#include "base/codec/json_writer.h"
#include "base/core/check.h"
#include "base/sys/child_process.h"

namespace sextant::wiring {
namespace {

constexpr int kCalibratorLevel = 1;
constexpr int kFloorLevel = 19;
constexpr int kFloorWindowLog = 27;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using ZstdContext = std::unique_ptr<ZSTD_CCtx, FreeContext>;

}  // namespace

std::string figure_line(const Figure& figure, const FigureContext& context) {
  JsonWriter json;
  json.begin_object().key("figure").string(figure.id).key("value").real(figure.value).key("unit").string(figure.unit);
  json.key("durability").string(context.durability).key("calibrator").real(context.calibrator_cpu_seconds);
  return json.end_object().take();
}

void print_figures(const Measured& measured) {
  for (const Figure& figure : measured.figures) fmt::print("{}\n", figure_line(figure, measured.context));
}

double calibrate(const PreparedLoad& load) {
  const ZstdContext context(ZSTD_createCCtx());
  std::string out;
  const uint64_t start = thread_cpu_nanos();
  for (const std::string& body : load.bodies) {
    out.resize(ZSTD_compressBound(body.size()));
    const size_t size =
        ZSTD_compressCCtx(context.get(), out.data(), out.size(), body.data(), body.size(), kCalibratorLevel);
    CHECK(!ZSTD_isError(size));
  }
  return static_cast<double>(thread_cpu_nanos() - start) * 1e-9;
}

uint64_t long_window_bytes(const PreparedLoad& load) {
  const ZstdContext context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kFloorLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, kFloorWindowLog);
  std::string piece(ZSTD_CStreamOutSize(), '\0');
  uint64_t bytes = 0;
  for (size_t i = 0; i < load.bodies.size(); ++i) {
    const ZSTD_EndDirective mode = i + 1 == load.bodies.size() ? ZSTD_e_end : ZSTD_e_continue;
    ZSTD_inBuffer in{load.bodies[i].data(), load.bodies[i].size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const size_t left = ZSTD_compressStream2(context.get(), &out, &in, mode);
      CHECK(!ZSTD_isError(left));
      bytes += out.pos;
      more = mode == ZSTD_e_end ? left != 0 : in.pos < in.size;
    }
  }
  return bytes;
}

std::string prometheus_text(const LoadResult& result, std::string_view corpus) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view help, double value) {
    text += fmt::format("# HELP sextant_bench_{0} {1}\n# TYPE sextant_bench_{0} gauge\n", name, help);
    text += fmt::format("sextant_bench_{}{{corpus=\"{}\"}} {}\n", name, corpus, value);
  };
  const double seconds = result.seconds > 0 ? result.seconds : 1;
  add("duration_seconds", "How long requests were sent.", result.seconds);
  add("requests", "Requests answered with success.", static_cast<double>(result.requests));
  add("requests_failed", "Requests refused for good, broken or not answered in time.",
      static_cast<double>(result.failures));
  add("answers_try_later", "Answers 429 and 503, each followed by another try.", static_cast<double>(result.refusals));
  add("spans", "Spans in the requests answered with success.", static_cast<double>(result.spans));
  add("wire_bytes", "Bytes of these requests.", static_cast<double>(result.wire_bytes));
  add("spans_per_second", "Spans over the duration.", static_cast<double>(result.spans) / seconds);
  text += "# HELP sextant_bench_ack_seconds Time from the first byte sent to the answer.\n";
  text += "# TYPE sextant_bench_ack_seconds gauge\n";
  for (const double quantile : {0.5, 0.9, 0.99}) {
    text += fmt::format("sextant_bench_ack_seconds{{corpus=\"{}\",quantile=\"{}\"}} {}\n", corpus, quantile,
                        result.ack_millis(quantile) / 1000);
  }
  return text;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  const uint64_t millis = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  constexpr uint64_t kCountMax = 1'000'000;  // keeps the product far from overflow
  if (error != std::errc{} || millis == 0 || count == 0 || count > kCountMax) {
    return fail(ErrorCode::kInvalidArgument, "\"{}\": a duration such as 300s, 5m, 1h or 250ms expected", text);
  }
  return std::chrono::milliseconds(count * millis);
}

}  // namespace sextant::wiring
