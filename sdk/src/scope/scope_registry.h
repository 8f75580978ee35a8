// Instrumentation scopes: who made a span, a metric or a log line. They live as long as the process, so that handles
// are pointers and records carry a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/value.h"

namespace sextant::detail {

/// Immutable after construction.
struct ScopeInfo {
  std::uint32_t index = 0;
  std::string name;
  std::string version;
  std::string schema_url;
  std::string encoded;  // InstrumentationScope as OTLP has it (opentelemetry/proto/common/v1/common.proto)
};

/// Scopes with the same name, version, schema and attributes are the same. Any thread. A program that makes names from
/// data comes to an end of new scopes (kScopesMax) and gets the nameless one, which is index 0.
const ScopeInfo& intern_scope(std::string_view name, std::string_view version, std::string_view schema_url,
                              Attributes attributes);
/// Requires: an index that intern_scope gave.
const ScopeInfo& scope_at(std::uint32_t index) noexcept;

/// Around fork().
void lock_scopes_for_fork() noexcept;
void unlock_scopes_after_fork() noexcept;

inline constexpr std::size_t kScopesMax = 16'384;

}  // namespace sextant::detail
