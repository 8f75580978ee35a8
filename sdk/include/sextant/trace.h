// Spans: what was done, when, and within what.
//
//   sextant::Tracer tracer = sextant::tracer("planner");
//   auto span = tracer.start("plan", {{"task.kind", "search"}});
//   sextant::Scope scope(span);               // spans started below become its children
//   span.set("task.steps", 7);
//   ...                                       // the span ends when it goes out of scope, or by span.end()
//
// A Span may be used by several threads at once, and may end on another thread than it started on. The thread that
// started it pays next to nothing for that; the first use from another one costs some microseconds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string_view>

#include "sextant/context.h"
#include "sextant/span_context.h"
#include "sextant/value.h"

namespace sextant {

/// Wall clock, to the nanosecond.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

/// Numbers as OTLP has them.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };
enum class StatusCode : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

/// Another span that this one has to do with. A view as all attributes are: a Link in a variable needs its attributes
/// in one.
struct Link {
  SpanContext span;
  Attributes attributes;
};

namespace detail {
struct ScopeInfo;
/// Whether an SDK runs in this process; all calls do nothing where none does.
extern std::atomic<bool> tracing_on;
}  // namespace detail

class Span {
 public:
  /// Records nothing. What Tracer::start returns where no SDK runs.
  Span() noexcept = default;
  Span(Span&& other) noexcept;
  Span& operator=(Span&& other) noexcept;
  ~Span() {
    if (record_ != nullptr && !borrowed_) end();
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  /// Valid for spans that are not sampled too: their children must know.
  const SpanContext& context() const noexcept { return context_; }
  /// Whether what is set is kept. False after the end.
  bool recording() const noexcept;

  /// The last value set for a key counts.
  Span& set(std::string_view key, const Value& value) noexcept {
    if (record_ != nullptr) set_recorded({key, value});
    return *this;
  }
  Span& set(Attributes attributes) noexcept;
  Span& add_event(std::string_view name, Attributes attributes = {}, Time time = {}) noexcept;
  Span& add_link(const SpanContext& span, Attributes attributes = {}) noexcept;
  /// kOk is final; kError comes with a message, which other codes ignore.
  Span& set_status(StatusCode code, std::string_view message = {}) noexcept;
  /// Adds an event `exception` by OpenTelemetry's convention and sets the status to kError.
  Span& record_error(const std::exception& error) noexcept;
  Span& record_error(std::string_view type, std::string_view message, Attributes attributes = {}) noexcept;
  Span& update_name(std::string_view name) noexcept;
  /// Further calls do nothing.
  void end(Time time = {}) noexcept;

 private:
  friend class Context;
  friend class Scope;
  friend class Tracer;
  friend Span current_span() noexcept;
  void set_recorded(const Attribute& attribute) noexcept;

  SpanContext context_;
  detail::SpanRecord* record_ = nullptr;
  std::uint64_t generation_ = 0;
  bool borrowed_ = false;  // a second handle: going out of scope does not end the span
};

/// How a span begins. Views: what is given must live until start() returns.
class SpanOptions {
 public:
  SpanOptions& kind(SpanKind kind) noexcept { return kind_ = kind, *this; }
  SpanOptions& attributes(Attributes attributes) noexcept { return attributes_ = attributes, *this; }
  SpanOptions& links(View<Link> links) noexcept { return links_ = links, *this; }
  /// Instead of the current context.
  SpanOptions& parent(const Context& parent) noexcept { return parent_ = &parent, *this; }
  /// Begins a trace of its own, whatever is current.
  SpanOptions& root() noexcept { return root_ = true, *this; }
  SpanOptions& start_time(Time time) noexcept { return start_time_ = time, *this; }

 private:
  friend class Tracer;
  SpanKind kind_ = SpanKind::kInternal;
  bool root_ = false;
  const Context* parent_ = nullptr;
  Attributes attributes_;
  View<Link> links_;
  Time start_time_{};
};

/// A handle; copies are cheap, any thread. May be made before the SDK starts, and kept for ever.
class Tracer {
 public:
  /// A tracer of the scope without a name.
  Tracer() noexcept = default;

  Span start(std::string_view name, Attributes attributes = {}) const noexcept {
    if (!detail::tracing_on.load(std::memory_order_relaxed)) return {};
    return start_recorded(name, SpanOptions().attributes(attributes));
  }
  Span start(std::string_view name, const SpanOptions& options) const noexcept {
    if (!detail::tracing_on.load(std::memory_order_relaxed)) return {};
    return start_recorded(name, options);
  }
  /// Whether anything that is started now could be kept: to save the making of costly attributes.
  bool enabled() const noexcept { return detail::tracing_on.load(std::memory_order_relaxed); }

 private:
  friend Tracer tracer(std::string_view, std::string_view, std::string_view, Attributes);
  Span start_recorded(std::string_view name, const SpanOptions& options) const noexcept;
  const detail::ScopeInfo* scope_ = nullptr;
};

/// The tracer of a library or a part of a program (OpenTelemetry's instrumentation scope). Scopes live as long as the
/// process: names are those of code, not of data.
Tracer tracer(std::string_view name, std::string_view version = {}, std::string_view schema_url = {},
              Attributes attributes = {});

/// A span that is current for as long as it lives.
class ScopedSpan {
 public:
  ScopedSpan(const Tracer& tracer, std::string_view name, Attributes attributes = {})
      : span_(tracer.start(name, attributes)), scope_(span_) {}
  ScopedSpan(const Tracer& tracer, std::string_view name, const SpanOptions& options)
      : span_(tracer.start(name, options)), scope_(span_) {}
  Span* operator->() noexcept { return &span_; }
  Span& operator*() noexcept { return span_; }

 private:
  Span span_;
  Scope scope_;
};

}  // namespace sextant
