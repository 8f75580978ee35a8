#include "metrics/exemplar.h"

#include <sched.h>

#include <algorithm>

#include "base/clock.h"
#include "metrics/stream.h"
#include "sextant/context.h"

namespace sextant::metrics {
namespace {

constexpr std::uint64_t kSeenMask = 0xffffffff;

/// The series' cells; made at the first exemplar.
ExemplarStore& store_of(Series& series) {
  ExemplarStore* store = series.exemplars.load(std::memory_order_acquire);
  if (store != nullptr) return *store;
  const std::size_t cells = series.op == Op::kExplicit      ? series.buckets
                            : series.op == Op::kExponential ? std::min<std::size_t>(kExponentialCells, series.buckets)
                                                            : kSumCells;
  auto made = std::make_unique<ExemplarStore>(cells);
  if (series.exemplars.compare_exchange_strong(store, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *store;
}

/// How many were offered by this thread since this epoch began, with this one.
std::uint64_t count_offer(Word& word, std::uint64_t epoch) noexcept {
  const std::uint64_t before = word.load(std::memory_order_relaxed);
  const bool same = before >> 32 == (epoch & kSeenMask);
  const std::uint64_t seen = same ? std::min(before & kSeenMask, kSeenMask - 1) + 1 : 1;
  word.store(epoch << 32 | seen, std::memory_order_relaxed);
  return seen;
}

std::string left_out(const Series& series, const Measured& measured) {
  const KeyFilter& filter = series.stream->filter;
  if (filter.keeps_all()) return {};
  return filtered(measured.canonical != nullptr ? *measured.canonical : canonical(measured.attributes), filter,
                  Part::kFilteredOut);
}

}  // namespace

void ExemplarStore::put(std::size_t cell, std::uint64_t epoch, const Exemplar& exemplar) {
  Cell& into = cells_[cell];
  if (into.locked.exchange(true, std::memory_order_acquire)) return;
  into.exemplar = exemplar;
  into.epoch.store(epoch, std::memory_order_relaxed);
  into.locked.store(false, std::memory_order_release);
}

std::vector<Exemplar> ExemplarStore::since(std::uint64_t epoch) const {
  std::vector<Exemplar> all;
  for (const Cell& cell : cells_) {
    while (cell.locked.exchange(true, std::memory_order_acquire)) sched_yield();
    if (cell.epoch.load(std::memory_order_relaxed) > epoch) all.push_back(cell.exemplar);
    cell.locked.store(false, std::memory_order_release);
  }
  return all;
}

/// Simple reservoirs follow algorithm R (Vitter, 1985), each thread with a count of its own. A bucket takes its first
/// of an epoch, and later ones the more rarely the more were offered.
void offer_exemplar(Series& series, Word* slot, std::uint32_t bucket, std::uint64_t bits, bool is_double,
                    const Measured& measured, std::uint64_t random) noexcept {
  const SpanContext& span = current_context().span();
  const bool sampled = span.valid() && span.sampled();
  if (series.exemplars_taken == Exemplars::kInSampledSpans && !sampled) return;
  ExemplarStore& store = store_of(series);
  const std::uint64_t epoch = collection_epoch.load(std::memory_order_relaxed);
  const std::uint64_t seen = count_offer(slot[kSeenWord], epoch);
  const std::uint64_t drawn = (random >> 32) * seen >> 32;  // evenly of [0, seen)
  std::size_t cell = bucket;
  if (series.op != Op::kExplicit) {
    cell = seen <= store.size() ? static_cast<std::size_t>(seen - 1) : static_cast<std::size_t>(drawn);
    if (cell >= store.size()) return;
  } else if (!store.empty_in(cell, epoch) && drawn != 0) {
    return;
  }
  Exemplar taken;
  taken.time_ns = wall_of(monotonic_ns());
  taken.bits = bits;
  taken.is_double = is_double;
  if (span.valid()) {
    taken.trace_id = span.trace_id;
    taken.span_id = span.span_id;
  }
  taken.attributes = left_out(series, measured);
  store.put(cell, epoch, taken);
}

}  // namespace sextant::metrics
