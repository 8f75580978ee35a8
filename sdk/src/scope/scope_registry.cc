#include "scope/scope_registry.h"

#include <atomic>
#include <map>
#include <mutex>

#include "base/buffer.h"
#include "otlp/value_writer.h"

namespace sextant::detail {
namespace {

/// Internally locked. Never destroyed: handles may be used while static objects are.
struct Registry {
  std::mutex mutex;
  std::map<std::string, const ScopeInfo*> by_content;
  std::atomic<const ScopeInfo*> by_index[kScopesMax] = {};
  std::uint32_t count = 0;

  Registry() { add("", "", "", {}, ""); }
  const ScopeInfo& add(std::string_view name, std::string_view version, std::string_view schema_url,
                       Attributes attributes, const std::string& key);
};

Registry& registry() {
  static Registry& instance = *new Registry;
  return instance;
}

// InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
std::string encode(std::string_view name, std::string_view version, Attributes attributes) {
  Buffer<256> out;
  const auto text = [&out](auto write, std::string_view value) {
    if (value.empty()) return;
    if (char* at = out.reserve(otlp::bytes_field_size(value.size())); at != nullptr) out.set_end(write(at, value));
  };
  text(otlp::write_text<1>, name);
  text(otlp::write_text<2>, version);
  for (const Attribute& attribute : attributes) otlp::append_attribute<3>(out, attribute, {});
  return std::string(out.view());
}

const ScopeInfo& Registry::add(std::string_view name, std::string_view version, std::string_view schema_url,
                               Attributes attributes, const std::string& key) {
  auto* info = new ScopeInfo{count, std::string(name), std::string(version), std::string(schema_url),
                             encode(name, version, attributes)};
  by_index[count++].store(info, std::memory_order_release);
  by_content.emplace(key, info);
  return *info;
}

}  // namespace

const ScopeInfo& intern_scope(std::string_view name, std::string_view version, std::string_view schema_url,
                              Attributes attributes) {
  if (name.empty() && version.empty() && schema_url.empty() && attributes.empty()) return scope_at(0);
  const std::string key = encode(name, version, attributes) + '\0' + std::string(schema_url);
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (const auto found = all.by_content.find(key); found != all.by_content.end()) return *found->second;
  if (all.count == kScopesMax) return *all.by_index[0].load(std::memory_order_relaxed);
  return all.add(name, version, schema_url, attributes, key);
}

const ScopeInfo& scope_at(std::uint32_t index) noexcept {
  return *registry().by_index[index].load(std::memory_order_acquire);
}

void lock_scopes_for_fork() noexcept {
  registry().mutex.lock();
}
void unlock_scopes_after_fork() noexcept {
  registry().mutex.unlock();
}

}  // namespace sextant::detail
