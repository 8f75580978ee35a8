// Several formats as one, by name, and the one that a process uses.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "propagation/counts.h"
#include "propagation/text.h"
#include "sextant/propagation.h"

namespace sextant {
namespace propagation {

Counters counters;

namespace {

class Composite final : public Propagator {
 public:
  explicit Composite(std::vector<PropagatorPtr> parts) : parts_(std::move(parts)) {
    parts_.erase(std::remove(parts_.begin(), parts_.end(), nullptr), parts_.end());
  }
  void inject(const Context& context, FieldWriter& into) const override {
    for (const PropagatorPtr& part : parts_) part->inject(context, into);
  }
  void extract(const FieldReader& fields, Context& context) const override {
    for (const PropagatorPtr& part : parts_) part->extract(fields, context);
  }
  std::vector<std::string> fields() const override {
    std::vector<std::string> all;
    for (const PropagatorPtr& part : parts_) {
      for (std::string& field : part->fields()) {
        if (std::find(all.begin(), all.end(), field) == all.end()) all.push_back(std::move(field));
      }
    }
    return all;
  }

 private:
  std::vector<PropagatorPtr> parts_;
};

PropagatorPtr make(std::string_view name) {
  if (name == "tracecontext") return trace_context();
  if (name == "baggage") return w3c_baggage();
  if (name == "b3") return b3(B3Encoding::kSingle);
  if (name == "b3multi") return b3(B3Encoding::kMulti);
  if (name == "jaeger") return jaeger();
  return nullptr;
}

/// Propagators that were the default: another thread may be using one. Never destroyed.
struct Kept {
  std::mutex mutex;
  std::vector<PropagatorPtr> propagators;
};

Kept& kept() {
  static Kept& instance = *new Kept;
  return instance;
}

const Propagator& standard() noexcept {
  static const Propagator& instance = *new Composite({trace_context(), w3c_baggage()});
  return instance;
}

std::atomic<const Propagator*> current{nullptr};

}  // namespace
}  // namespace propagation

PropagatorPtr composite(std::vector<PropagatorPtr> propagators) {
  return std::make_shared<const propagation::Composite>(std::move(propagators));
}

Result<PropagatorPtr> propagators_by_name(std::string_view names) {
  std::vector<PropagatorPtr> parts;
  std::vector<std::string_view> seen;
  bool none = false;
  while (!names.empty()) {
    const std::string_view name = propagation::trimmed(propagation::take_until(names, ','));
    if (name.empty() || std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    if (name == "none") {
      none = true;
      continue;
    }
    PropagatorPtr part = propagation::make(name);
    if (part == nullptr) {
      return Error{"there is no propagator '" + std::string(name) +
                   "': there are tracecontext, baggage, b3, b3multi, jaeger and none"};
    }
    parts.push_back(std::move(part));
  }
  if (none && !parts.empty())
    return Error{"the propagator 'none' stands with others: it means that nothing is propagated, and stands alone"};
  return composite(std::move(parts));
}

void set_default_propagator(PropagatorPtr propagator) {
  const Propagator* chosen = propagator.get();
  propagation::Kept& all = propagation::kept();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (chosen != nullptr &&
      std::find(all.propagators.begin(), all.propagators.end(), propagator) == all.propagators.end())
    all.propagators.push_back(std::move(propagator));
  propagation::current.store(chosen, std::memory_order_release);
}

const Propagator& default_propagator() noexcept {
  const Propagator* chosen = propagation::current.load(std::memory_order_acquire);
  return chosen != nullptr ? *chosen : propagation::standard();
}

PropagationCounts propagation_counts() noexcept {
  const propagation::Counters& all = propagation::counters;
  return {all.malformed_contexts.load(std::memory_order_relaxed),
          all.malformed_trace_states.load(std::memory_order_relaxed),
          all.truncated_trace_states.load(std::memory_order_relaxed),
          all.dropped_baggage.load(std::memory_order_relaxed)};
}

}  // namespace sextant
