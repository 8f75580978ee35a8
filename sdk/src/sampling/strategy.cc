#include "sampling/strategy.h"

#include <cstdio>
#include <cstring>

#include "base/clock.h"

namespace sextant::sampling {
namespace {

constexpr double kIds = 72057594037927936.0;  // 2^56, what the random part of a trace id can be
constexpr std::size_t kBoundsMax = 4'096;     // operations that have buckets of their own; a power of two
constexpr std::size_t kProbesMax = 16;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

/// Never 0.
std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t hash = text.size();
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::memcpy(&word, text.data() + at, 8);
    hash = mixed(hash, word);
  }
  word = 0;
  if (at < text.size()) std::memcpy(&word, text.data() + at, text.size() - at);
  hash = mixed(mixed(hash, word), 0);
  return hash != 0 ? hash : 1;
}

/// The last seven bytes, as a number (W3C Trace Context, level 2).
std::uint64_t random_part(const TraceId& id) noexcept {
  std::uint64_t random = 0;
  for (std::size_t i = 9; i < 16; ++i) random = random << 8 | id.bytes[i];
  return random;
}

/// To a few milliseconds, which is enough for a rate, at a fifth of the cost.
std::int64_t coarse_now_ns() noexcept {
  return read_clock_ns(CLOCK_MONOTONIC_COARSE);
}

std::string shown(const RuleText& rule) {
  char text[96];
  std::snprintf(text, sizeof(text), rule.kind == RuleText::Kind::kShare ? "%.6f" : "%g/s", rule.param);
  std::string out = text;
  if (rule.max_traces_per_second) {
    std::snprintf(text, sizeof(text), ", at most %g/s", *rule.max_traces_per_second);
    out += text;
  }
  return out;
}

}  // namespace

Strategy::Rule::Rule(const RuleText& text) : rated_(text.kind == RuleText::Kind::kRate) {
  if (!rated_) rejected_ = static_cast<std::uint64_t>((1 - text.param) * kIds);
  if (rated_) rate_.emplace(text.param);
  if (!rated_ && text.max_traces_per_second) rate_.emplace(*text.max_traces_per_second);
}

Strategy::Strategy(const StrategyText& text) : text_(text), rule_({text.rule.kind, text.rule.param, std::nullopt}) {
  if (text.rule.max_traces_per_second) cap_.emplace(*text.rule.max_traces_per_second);
  if (text.lower_bound > 0) lower_.emplace(text.lower_bound);
  if (text.upper_bound) upper_.emplace(*text.upper_bound);
  if (lower_ || upper_) bounds_ = std::make_unique<Bounds[]>(kBoundsMax);
  if (text.operations.empty()) return;
  std::size_t size = 8;
  while (size < 2 * text.operations.size()) size *= 2;
  table_.resize(size);
  for (const OperationText& operation : text.operations) add_operation(operation);
}

/// The first rule of an operation counts.
void Strategy::add_operation(const OperationText& operation) {
  const std::uint64_t hash = hash_of(operation.operation);
  if (find(hash, operation.operation) != nullptr) return;
  std::size_t at = hash & (table_.size() - 1);
  while (table_[at].hash != 0) at = (at + 1) & (table_.size() - 1);
  table_[at] = {hash, static_cast<std::uint32_t>(rules_.size()), operation.operation};
  rules_.push_back(std::make_unique<Rule>(operation.rule));
}

Strategy::Rule* Strategy::find(std::uint64_t hash, std::string_view operation) noexcept {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash & mask; table_[at].hash != 0; at = (at + 1) & mask) {
    if (table_[at].hash == hash && table_[at].name == operation) return rules_[table_[at].rule].get();
  }
  return nullptr;
}

/// Null where too many operations have buckets: for these, bounds are not kept. Operations whose names collide in all
/// 64 bits share their buckets.
Strategy::Bounds* Strategy::bounds_of(std::uint64_t hash) noexcept {
  for (std::size_t probe = 0; probe < kProbesMax; ++probe) {
    Bounds& bounds = bounds_[(hash + probe) & (kBoundsMax - 1)];
    std::uint64_t seen = bounds.hash.load(std::memory_order_relaxed);
    if (seen == hash) return &bounds;
    if (seen != 0) continue;
    if (bounds.hash.compare_exchange_strong(seen, hash, std::memory_order_relaxed) || seen == hash) return &bounds;
  }
  return nullptr;
}

bool Strategy::within_bounds(bool kept, std::uint64_t hash, std::int64_t now_ns) noexcept {
  Bounds* bounds = bounds_of(hash);
  if (bounds == nullptr) return kept;
  // Why asked also where the trace is kept already: what its share keeps counts towards the least.
  if (lower_ && lower_->take(bounds->lower, now_ns)) kept = true;
  return kept && (!upper_ || upper_->take(bounds->upper, now_ns));
}

bool Strategy::decide(const TraceId& trace_id, std::string_view operation) noexcept {
  const bool named = !table_.empty() || bounds_ != nullptr;
  const std::uint64_t hash = named ? hash_of(operation) : 0;
  Rule* rule = table_.empty() ? nullptr : find(hash, operation);
  if (rule == nullptr) rule = &rule_;
  bool kept = rule->rated() || rule->keeps(random_part(trace_id));
  if (!kept && !lower_) return false;
  if (rule->rate() == nullptr && bounds_ == nullptr && !cap_) return kept;
  const std::int64_t now = coarse_now_ns();
  if (kept && rule->rate() != nullptr) kept = rule->rate()->take(now);
  if (bounds_ != nullptr) kept = within_bounds(kept, hash, now);
  return kept && (!cap_ || cap_->take(now));
}

std::string Strategy::describe() const {
  std::string out = shown(text_.rule);
  for (const OperationText& operation : text_.operations)
    out.append("; ").append(operation.operation).append(": ").append(shown(operation.rule));
  return out;
}

}  // namespace sextant::sampling
