// sdk.inject, sdk.extract: what it costs to write a context into HTTP headers, and to read it from them.
#include "bench/propagation.h"

#include "bench/allocations.h"
#include "bench/figures.h"
#include "sextant/sextant.h"

namespace sextant::bench {
namespace {

constexpr int kRounds = 41;
constexpr int kCalls = 20'000;

SpanContext example() {
  SpanContext span;
  parse_hex("4bf92f3577b34da6a3ce929d0e0e4736", span.trace_id);
  parse_hex("00f067aa0ba902b7", span.span_id);
  span.flags = trace_flags::kSampled;
  return span;
}

/// As a request has them.
HttpHeaders request_headers() {
  return {{"Host", "127.0.0.1:8080"},     {"User-Agent", "bench"}, {"Accept", "*/*"},
          {"Content-Type", "text/plain"}, {"Content-Length", "2"}, {"Connection", "keep-alive"}};
}

void keep(const void* value) {
  asm volatile("" : : "r"(value) : "memory");
}

/// Headers into which the same context is written again and again, as in a client that uses its request again.
void inject_figures() {
  const Context context = Context().with_span(example());
  HttpHeaders headers = request_headers();
  HeaderWriter writer(headers);
  inject(context, writer);
  const std::uint64_t before = allocations();
  const double ns = ns_per_call(1, kRounds, kCalls, [&](int, int) { inject(context, writer); });
  print("sdk.inject", ns, "ns");
  print("sdk.inject.allocs", static_cast<double>(allocations() - before) / (kRounds * kCalls), "allocations");
}

void extract_figures() {
  HttpHeaders headers = request_headers();
  HeaderWriter writer(headers);
  inject(Context().with_span(example()), writer);
  const HeaderReader reader(headers);
  const auto once = [&](int, int) {
    const Context context = extract(reader);
    keep(&context);
  };
  const std::uint64_t before = allocations();
  print("sdk.extract", ns_per_call(1, kRounds, kCalls, once), "ns");
  print("sdk.extract.allocs", static_cast<double>(allocations() - before) / (kRounds * kCalls), "allocations");
  headers.emplace_back("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  print("sdk.extract.tracestate", ns_per_call(1, kRounds, kCalls, once), "ns");
  headers.emplace_back("baggage", "user.id=alice,tenant=acme;internal,region=eu%20west");
  print("sdk.extract.baggage", ns_per_call(1, kRounds, kCalls, once), "ns");
}

}  // namespace

void run_propagation() {
  inject_figures();
  extract_figures();
}

}  // namespace sextant::bench
