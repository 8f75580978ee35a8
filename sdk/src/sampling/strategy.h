// What one service samples: a rule for everything, rules for operations, and caps.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sampling/limiter.h"
#include "sextant/span_context.h"

namespace sextant::sampling {

/// As it stands in a file or an answer.
struct RuleText {
  enum class Kind : std::uint8_t { kShare, kRate };
  Kind kind = Kind::kShare;
  double param = 0;                                  // share from 0 to 1, or traces a second
  std::optional<double> max_traces_per_second = {};  // of what is kept
};

struct OperationText {
  std::string operation;
  RuleText rule;
};

struct StrategyText {
  RuleText rule;
  std::vector<OperationText> operations;
  double lower_bound = 0;                  // traces a second that each operation has at least, whatever its share
  std::optional<double> upper_bound = {};  // and at most
};

/// Immutable but for its buckets. Any thread, several at once.
class Strategy {
 public:
  explicit Strategy(const StrategyText& text);
  bool decide(const TraceId& trace_id, std::string_view operation) noexcept;
  std::string describe() const;

 private:
  class Rule {
   public:
    explicit Rule(const RuleText& text);
    bool keeps(std::uint64_t random) const noexcept { return random >= rejected_; }
    bool rated() const noexcept { return rated_; }
    Limiter* rate() noexcept { return rate_ ? &*rate_ : nullptr; }

   private:
    std::uint64_t rejected_ = 0;  // of 2^56 ids, as trace_id_ratio() counts them
    bool rated_ = false;          // by rate alone
    std::optional<Limiter> rate_;
  };
  /// The buckets of one operation.
  struct Bounds {
    std::atomic<std::uint64_t> hash{0};  // 0: free
    std::atomic<std::int64_t> lower{0};
    std::atomic<std::int64_t> upper{0};
  };
  struct Named {
    std::uint64_t hash = 0;  // 0: free
    std::uint32_t rule = 0;
    std::string name;
  };

  void add_operation(const OperationText& operation);
  Rule* find(std::uint64_t hash, std::string_view operation) noexcept;
  Bounds* bounds_of(std::uint64_t hash) noexcept;
  bool within_bounds(bool kept, std::uint64_t hash, std::int64_t now_ns) noexcept;

  StrategyText text_;
  Rule rule_;
  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<Named> table_;  // open addressing, at most half full; empty: no operation has a rule
  std::optional<Limiter> cap_;
  std::optional<Limiter> lower_;
  std::optional<Limiter> upper_;
  std::unique_ptr<Bounds[]> bounds_;  // kBoundsMax, where there are bounds
};

}  // namespace sextant::sampling
