// A log record that processors may change: it owns what they set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "logs/arena.h"
#include "logs/record_view.h"
#include "sextant/context.h"
#include "sextant/log_processor.h"

namespace sextant::detail {

/// Thread-confined. Without memory changes are left out, but a value that was to be replaced goes: it may be a secret.
struct LogDraft {
  LogDraft(const logs::RecordView& record, const Context& context) noexcept;

  void set(std::string_view key, const Value& value) noexcept;
  void remove(std::string_view key) noexcept;
  /// Null where there is none.
  Attribute* find(std::string_view key) noexcept;
  Attributes all() const noexcept { return {attributes_, count_}; }
  Value copy(const Value& value, int depth = 0) noexcept;

  const ScopeInfo& scope;
  const Context& context;
  Severity severity;
  Value body;
  std::string_view event_name;
  std::int64_t time_ns;
  bool discarded = false;

 private:
  void append(const Attribute& attribute) noexcept;
  std::string_view copy_text(std::string_view text) noexcept;
  template <class T>
  Value copy_list(View<T> list) noexcept;
  template <class T>
  Value copy_texts(View<T> list) noexcept;
  Value copy_values(View<Value> list, int depth) noexcept;
  Value copy_map(View<Attribute> map, int depth) noexcept;

  logs::Arena arena_;
  Attribute* attributes_ = nullptr;
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sextant::detail
