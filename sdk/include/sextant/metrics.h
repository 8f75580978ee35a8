// Metrics: how often, how much, how long.
//
//   sextant::Meter meter = sextant::meter("planner");
//   auto calls = meter.counter("planner.calls", {"{call}", "Calls of the planner."});
//   calls.add(1, {{"model", "gpt-4o"}, {"outcome", "ok"}});
//   auto ok = calls.bind({{"model", "gpt-4o"}, {"outcome", "ok"}});   // attributes are looked up once
//   ok.add(1);                                                        // a few nanoseconds
//
// Instruments are handles: copies are cheap, any thread may use them. They may be made before the SDK starts and kept
// for ever; they do nothing where no SDK runs. Each thread counts in memory of its own, which is added up when somebody
// collects: recording takes no lock and shares no line of memory with other threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sextant/value.h"

namespace sextant {

enum class InstrumentKind : std::uint8_t {
  kCounter,
  kUpDownCounter,
  kHistogram,
  kGauge,
  kObservableCounter,
  kObservableUpDownCounter,
  kObservableGauge
};

/// What Prometheus calls an instrument.
enum class PrometheusName : std::uint8_t {
  kTranslated,  // by OpenTelemetry's rules: the unit and, for counters, `_total` are appended where they are missing
  kExact        // as it stands, apart from characters that Prometheus does not take
};

/// Views: what is given must live until the call returns.
struct InstrumentOptions {
  InstrumentOptions() noexcept = default;
  InstrumentOptions(std::string_view unit_code, std::string_view text = {}, View<double> bucket_bounds = {},
                    PrometheusName name = PrometheusName::kTranslated) noexcept
      : unit(unit_code), description(text), bounds(bucket_bounds), prometheus_name(name) {}

  std::string_view unit;  // UCUM: `s`, `By`, `{request}`
  std::string_view description;
  View<double> bounds;  // advice for histograms: upper bounds of buckets, ascending; a view's win over them
  PrometheusName prometheus_name = PrometheusName::kTranslated;
};

namespace detail {
struct ScopeInfo;
struct Instrument;
struct Bound;
/// Which start of an SDK this is; 0: none runs.
extern std::atomic<std::uint32_t> metrics_generation;

inline bool metrics_on() noexcept {
  return metrics_generation.load(std::memory_order_relaxed) != 0;
}
void record(const Instrument& instrument, std::int64_t value, Attributes attributes) noexcept;
void record(const Instrument& instrument, double value, Attributes attributes) noexcept;
void record(Bound& bound, std::int64_t value) noexcept;
void record(Bound& bound, double value) noexcept;
Bound* bind(const Instrument* instrument, Attributes attributes) noexcept;
void keep(Bound* bound) noexcept;
void release(Bound* bound) noexcept;
bool enabled(const Instrument* instrument) noexcept;

template <class T>
inline constexpr bool kMeasured = std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>;

/// What all synchronous instruments are.
template <class T>
class Handle {
  static_assert(kMeasured<T>, "instruments measure std::int64_t or double");

 public:
  Handle() noexcept = default;
  /// Whether a measurement would be kept: to save the making of costly ones.
  bool enabled() const noexcept { return metrics_on() && detail::enabled(instrument_); }

 protected:
  explicit Handle(const Instrument* instrument) noexcept : instrument_(instrument) {}
  void record(T value, Attributes attributes) const noexcept {
    if (metrics_on() && instrument_ != nullptr) detail::record(*instrument_, value, attributes);
  }
  const Instrument* instrument_ = nullptr;
};

/// An instrument with its attributes: what is costly about them has been done.
template <class T>
class BoundHandle {
 public:
  BoundHandle() noexcept = default;
  BoundHandle(const BoundHandle& other) noexcept : bound_(other.bound_) { keep(bound_); }
  BoundHandle(BoundHandle&& other) noexcept : bound_(std::exchange(other.bound_, nullptr)) {}
  BoundHandle& operator=(BoundHandle other) noexcept {
    std::swap(bound_, other.bound_);
    return *this;
  }
  ~BoundHandle() { release(bound_); }

 protected:
  explicit BoundHandle(Bound* bound) noexcept : bound_(bound) {}
  void record(T value) const noexcept {
    if (metrics_on() && bound_ != nullptr) detail::record(*bound_, value);
  }

 private:
  Bound* bound_ = nullptr;
};
}  // namespace detail

class Meter;

template <class T = std::int64_t>
class BoundCounter : public detail::BoundHandle<T> {
 public:
  BoundCounter() noexcept = default;
  void add(T value) const noexcept { this->record(value); }

 private:
  template <class>
  friend class Counter;
  using detail::BoundHandle<T>::BoundHandle;
};

/// A sum that only grows. Negative values and NaN are refused, and counted in Stats.
template <class T = std::int64_t>
class Counter : public detail::Handle<T> {
 public:
  Counter() noexcept = default;
  void add(T value, Attributes attributes = {}) const noexcept { this->record(value, attributes); }
  BoundCounter<T> bind(Attributes attributes) const noexcept {
    return BoundCounter<T>(detail::bind(this->instrument_, attributes));
  }

 private:
  friend class Meter;
  using detail::Handle<T>::Handle;
};

template <class T = std::int64_t>
class BoundUpDownCounter : public detail::BoundHandle<T> {
 public:
  BoundUpDownCounter() noexcept = default;
  void add(T value) const noexcept { this->record(value); }

 private:
  template <class>
  friend class UpDownCounter;
  using detail::BoundHandle<T>::BoundHandle;
};

/// A sum that grows and shrinks: how many there are at present.
template <class T = std::int64_t>
class UpDownCounter : public detail::Handle<T> {
 public:
  UpDownCounter() noexcept = default;
  void add(T value, Attributes attributes = {}) const noexcept { this->record(value, attributes); }
  BoundUpDownCounter<T> bind(Attributes attributes) const noexcept {
    return BoundUpDownCounter<T>(detail::bind(this->instrument_, attributes));
  }

 private:
  friend class Meter;
  using detail::Handle<T>::Handle;
};

template <class T = double>
class BoundHistogram : public detail::BoundHandle<T> {
 public:
  BoundHistogram() noexcept = default;
  void record(T value) const noexcept { detail::BoundHandle<T>::record(value); }

 private:
  template <class>
  friend class Histogram;
  using detail::BoundHandle<T>::BoundHandle;
};

/// How values are distributed. Negative ones, infinities and NaN are refused, and counted in Stats.
template <class T = double>
class Histogram : public detail::Handle<T> {
 public:
  Histogram() noexcept = default;
  void record(T value, Attributes attributes = {}) const noexcept { detail::Handle<T>::record(value, attributes); }
  BoundHistogram<T> bind(Attributes attributes) const noexcept {
    return BoundHistogram<T>(detail::bind(this->instrument_, attributes));
  }

 private:
  friend class Meter;
  using detail::Handle<T>::Handle;
};

template <class T = double>
class BoundGauge : public detail::BoundHandle<T> {
 public:
  BoundGauge() noexcept = default;
  void set(T value) const noexcept { this->record(value); }

 private:
  template <class>
  friend class Gauge;
  using detail::BoundHandle<T>::BoundHandle;
};

/// A value that is told when it changes; the last one counts.
template <class T = double>
class Gauge : public detail::Handle<T> {
 public:
  Gauge() noexcept = default;
  void set(T value, Attributes attributes = {}) const noexcept { this->record(value, attributes); }
  BoundGauge<T> bind(Attributes attributes) const noexcept {
    return BoundGauge<T>(detail::bind(this->instrument_, attributes));
  }

 private:
  friend class Meter;
  using detail::Handle<T>::Handle;
};

/// Takes what a callback observes. Valid during the call.
template <class T>
class Observer {
  static_assert(detail::kMeasured<T>, "instruments measure std::int64_t or double");

 public:
  virtual ~Observer() = default;
  /// The value at present: of a counter the whole sum, not what came since last time. Once for each set of attributes.
  virtual void observe(T value, Attributes attributes = {}) noexcept = 0;
};
/// Called once for each collection of each reader, on the thread that collects; must be quick. May not start or stop
/// the SDK.
template <class T>
using ObserverCallback = std::function<void(Observer<T>& observer)>;

/// A callback is asked for as long as this lives. When its end, or remove(), returns, the callback is not running,
/// unless it is the callback itself that ends it.
class [[nodiscard]] Observable {
 public:
  Observable() noexcept = default;
  Observable(Observable&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Observable& operator=(Observable&& other) noexcept {
    if (this != &other) {
      remove();
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  ~Observable() { remove(); }
  void remove() noexcept;
  /// Lets the callback live as long as the process.
  void keep() noexcept { id_ = 0; }

 private:
  friend class Meter;
  explicit Observable(std::uint64_t id) noexcept : id_(id) {}
  std::uint64_t id_ = 0;
};

/// Makes instruments. A name begins with a letter and has up to 255 letters, digits, '_', '.', '-' and '/'; an
/// instrument whose name is none does nothing, and the SDK says so. The same name (in either case), kind, unit and type
/// are the same instrument.
class Meter {
 public:
  /// A meter of the scope without a name.
  Meter() noexcept = default;

  template <class T = std::int64_t>
  Counter<T> counter(std::string_view name, const InstrumentOptions& options = {}) const {
    return Counter<T>(make<T>(InstrumentKind::kCounter, name, options));
  }
  template <class T = std::int64_t>
  UpDownCounter<T> up_down_counter(std::string_view name, const InstrumentOptions& options = {}) const {
    return UpDownCounter<T>(make<T>(InstrumentKind::kUpDownCounter, name, options));
  }
  template <class T = double>
  Histogram<T> histogram(std::string_view name, const InstrumentOptions& options = {}) const {
    return Histogram<T>(make<T>(InstrumentKind::kHistogram, name, options));
  }
  template <class T = double>
  Gauge<T> gauge(std::string_view name, const InstrumentOptions& options = {}) const {
    return Gauge<T>(make<T>(InstrumentKind::kGauge, name, options));
  }
  template <class T = std::int64_t>
  Observable observable_counter(std::string_view name, const InstrumentOptions& options,
                                ObserverCallback<T> callback) const {
    return observe(make<T>(InstrumentKind::kObservableCounter, name, options), std::move(callback));
  }
  template <class T = std::int64_t>
  Observable observable_up_down_counter(std::string_view name, const InstrumentOptions& options,
                                        ObserverCallback<T> callback) const {
    return observe(make<T>(InstrumentKind::kObservableUpDownCounter, name, options), std::move(callback));
  }
  template <class T = double>
  Observable observable_gauge(std::string_view name, const InstrumentOptions& options,
                              ObserverCallback<T> callback) const {
    return observe(make<T>(InstrumentKind::kObservableGauge, name, options), std::move(callback));
  }

 private:
  friend Meter meter(std::string_view, std::string_view, std::string_view, Attributes);
  enum class Number : std::uint8_t { kInt, kDouble };
  template <class T>
  const detail::Instrument* make(InstrumentKind kind, std::string_view name, const InstrumentOptions& options) const {
    static_assert(detail::kMeasured<T>, "instruments measure std::int64_t or double");
    return make(kind, std::is_same_v<T, double> ? Number::kDouble : Number::kInt, name, options);
  }
  const detail::Instrument* make(InstrumentKind kind, Number number, std::string_view name,
                                 const InstrumentOptions& options) const;
  static Observable observe(const detail::Instrument* instrument, ObserverCallback<std::int64_t> callback);
  static Observable observe(const detail::Instrument* instrument, ObserverCallback<double> callback);

  const detail::ScopeInfo* scope_ = nullptr;
};

/// The meter of a library or a part of a program (OpenTelemetry's instrumentation scope). Scopes live as long as the
/// process: names are those of code, not of data.
Meter meter(std::string_view name, std::string_view version = {}, std::string_view schema_url = {},
            Attributes attributes = {});

}  // namespace sextant
