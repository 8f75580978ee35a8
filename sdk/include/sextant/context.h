// What is going on where: the span that new spans become children of, and baggage.
//
// Each thread has a current context. A Scope makes another one current until it goes out of scope; work that is handed
// to another thread takes a copy of the context along and opens a Scope there:
//
//   pool.post([context = sextant::current_context()] {
//     sextant::Scope scope(context);
//     auto span = tracer.start("step");      // a child of the span that was current where the work was posted
//   });
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/span_context.h"

namespace sextant {

class Span;
/// A handle to the span of the current context, to add to it. Does not end it unless end() is called.
Span current_span() noexcept;
namespace detail {
struct SpanRecord;
}

/// Key-value pairs that travel with a request (W3C Baggage). Immutable; copies share. Keys are unique: the last one
/// counts.
class Baggage {
 public:
  struct Entry {
    std::string key;
    std::string value;
    std::string metadata;  // properties as the header has them, without the leading ';'
  };

  Baggage() = default;
  /// Requires: keys that are unique.
  explicit Baggage(std::vector<Entry> entries)
      : entries_(std::make_shared<const std::vector<Entry>>(std::move(entries))) {}

  bool empty() const noexcept { return entries_ == nullptr || entries_->empty(); }
  const std::vector<Entry>& entries() const noexcept;
  /// Null where there is no such key. Lives as long as this baggage.
  const std::string* find(std::string_view key) const noexcept;
  Baggage with(std::string_view key, std::string_view value, std::string_view metadata = {}) const;
  Baggage without(std::string_view key) const;

 private:
  std::shared_ptr<const std::vector<Entry>> entries_;
};

/// A value; copies are cheap.
class Context {
 public:
  Context() = default;
  /// The invalid one where there is no span.
  const SpanContext& span() const noexcept { return span_; }
  const Baggage& baggage() const noexcept { return baggage_; }
  Context with_span(const Span& span) const;
  Context with_span(SpanContext span) const&;
  Context&& with_span(SpanContext span) && noexcept {
    span_ = std::move(span);
    record_ = nullptr;
    generation_ = 0;
    return std::move(*this);
  }
  Context with_baggage(Baggage baggage) const;

 private:
  friend class Scope;
  friend Span current_span() noexcept;
  SpanContext span_;
  detail::SpanRecord* record_ = nullptr;  // of span_, where it is recorded in this process
  std::uint64_t generation_ = 0;
  Baggage baggage_;
};

/// This thread's. Lives until the innermost Scope ends: copy it to keep it.
const Context& current_context() noexcept;

/// Makes a context current on this thread for its own lifetime. Thread: to be destroyed on the thread that made it; not
/// necessarily in the reverse order of making.
class Scope {
 public:
  /// The current context with this span in it. A span that records and propagates nothing leaves the current one as it
  /// is.
  explicit Scope(const Span& span);
  explicit Scope(Context context);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  void enter() noexcept;
  friend const Context& current_context() noexcept;
  friend class Tracer;

  Context context_;
  Scope* outer_ = nullptr;
  bool entered_ = false;
};

}  // namespace sextant
