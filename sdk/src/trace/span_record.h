// A span while it is open: its OTLP bytes as far as they are known, so that ending it is one copy into the queue.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/buffer.h"
#include "base/owner_lock.h"
#include "scope/scope_registry.h"
#include "sextant/trace.h"
#include "trace/runtime.h"

namespace sextant::detail {

/// Internally locked. Lifetime: for ever, used for one span after the other; who holds one holds a generation too, and
/// does nothing when it is another one by now.
struct SpanRecord {
  static constexpr std::size_t kInlineBytes = 1024;  // nine spans in ten of agents without their messages
  static constexpr std::size_t kKeptBytes = 64 * 1024;

  OwnerLock lock;
  std::atomic<std::uint64_t> generation{0};  // odd while the span is open; changes under the lock
  std::atomic<std::int64_t> begun_at_ns{0};  // monotonic

  // Guarded by the lock.
  const ScopeInfo* scope = nullptr;
  const trace::Runtime* runtime = nullptr;
  SpanContext context;
  std::int64_t start_ns = 0;        // wall
  std::uint64_t key_bits = 0;       // a bit for each key by its hash: no bit, no such key yet
  std::uint32_t attributes_at = 0;  // where they begin in body
  std::uint32_t attributes = 0;
  std::uint32_t events = 0;
  std::uint32_t links = 0;
  std::uint32_t attributes_dropped = 0;
  std::uint32_t events_dropped = 0;
  std::uint32_t links_dropped = 0;
  StatusCode status = StatusCode::kUnset;
  Buffer<96> name;
  Buffer<32> status_message;
  Buffer<kInlineBytes> body;

  SpanRecord* next_free = nullptr;
};

}  // namespace sextant::detail

namespace sextant::trace {

using detail::SpanRecord;

/// What begins a record; the span's first bytes are written.
struct Beginning {
  const detail::ScopeInfo* scope;
  const Runtime* runtime;
  const SpanContext& context;
  const SpanContext& parent;
  SpanKind kind;
  std::string_view name;
  std::int64_t monotonic_ns;
  std::int64_t wall_ns;
};

/// All of these require the record's lock, or that nobody else knows the record yet.
void begin_record(SpanRecord& record, const Beginning& beginning) noexcept;
void add_attribute(SpanRecord& record, const Attribute& attribute) noexcept;
void add_event(SpanRecord& record, std::string_view name, Attributes attributes, std::int64_t wall_ns) noexcept;
void add_link(SpanRecord& record, const SpanContext& span, Attributes attributes) noexcept;
void set_status(SpanRecord& record, StatusCode code, std::string_view message) noexcept;
/// Bytes of the whole message.
std::size_t message_size(const SpanRecord& record) noexcept;
/// Requires: room for message_size(). Returns the end.
char* write_message(char* out, const SpanRecord& record, std::int64_t end_ns) noexcept;

}  // namespace sextant::trace
