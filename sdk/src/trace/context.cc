// Contexts, scopes and baggage.
#include "sextant/context.h"

#include <utility>

#include "sextant/trace.h"
#include "trace/thread_state.h"

namespace sextant {

const std::vector<Baggage::Entry>& Baggage::entries() const noexcept {
  static const std::vector<Entry>& kNone = *new std::vector<Entry>;
  return entries_ != nullptr ? *entries_ : kNone;
}

const std::string* Baggage::find(std::string_view key) const noexcept {
  for (const Entry& entry : entries()) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Baggage Baggage::without(std::string_view key) const {
  auto kept = std::make_shared<std::vector<Entry>>();
  for (const Entry& entry : entries()) {
    if (entry.key != key) kept->push_back(entry);
  }
  Baggage made;
  made.entries_ = std::move(kept);
  return made;
}

Baggage Baggage::with(std::string_view key, std::string_view value, std::string_view metadata) const {
  auto all = std::make_shared<std::vector<Entry>>(without(key).entries());
  all->push_back({std::string(key), std::string(value), std::string(metadata)});
  Baggage made;
  made.entries_ = std::move(all);
  return made;
}

Context Context::with_span(const Span& span) const {
  Context made = *this;
  made.span_ = span.context_;
  made.record_ = span.record_;
  made.generation_ = span.generation_;
  return made;
}

Context Context::with_span(SpanContext span) const& {
  return Context(*this).with_span(std::move(span));
}

Context Context::with_baggage(Baggage baggage) const {
  Context made = *this;
  made.baggage_ = std::move(baggage);
  return made;
}

const Context& current_context() noexcept {
  static const Context& kNone = *new Context;
  const Scope* scope = trace::thread_state.scope;
  return scope != nullptr ? scope->context_ : kNone;
}

Scope::Scope(const Span& span) {
  if (!span.context().valid()) return;
  const Context& current = current_context();
  context_.span_ = span.context_;
  context_.record_ = span.record_;
  context_.generation_ = span.generation_;
  context_.baggage_ = current.baggage_;
  enter();
}

Scope::Scope(Context context) : context_(std::move(context)) {
  enter();
}

void Scope::enter() noexcept {
  entered_ = true;
  outer_ = const_cast<Scope*>(trace::thread_state.scope);
  trace::thread_state.scope = this;
}

Scope::~Scope() {
  if (!entered_) return;
  trace::ThreadState& state = trace::thread_state;
  if (state.scope == this) {
    state.scope = outer_;
    return;
  }
  // An inner scope outlives this one: take this one out of the chain.
  for (auto* inner = const_cast<Scope*>(state.scope); inner != nullptr; inner = inner->outer_) {
    if (inner->outer_ != this) continue;
    inner->outer_ = outer_;
    return;
  }
}

Span current_span() noexcept {
  const Context& current = current_context();
  Span handle;
  handle.context_ = current.span_;
  handle.record_ = current.record_;
  handle.generation_ = current.generation_;
  handle.borrowed_ = true;
  return handle;
}

}  // namespace sextant
