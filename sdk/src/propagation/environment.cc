// Contexts in environment variables: https://opentelemetry.io/docs/specs/otel/context/env-carriers/
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "sextant/carriers.h"
#include "sextant/propagation.h"

namespace sextant {
namespace {

bool names(const std::string& entry, const std::string& name) noexcept {
  return entry.size() > name.size() && entry[name.size()] == '=' && entry.compare(0, name.size(), name) == 0;
}

}  // namespace

std::string environment_name(std::string_view field) {
  std::string name;
  if (field.empty() || (field[0] >= '0' && field[0] <= '9')) name = "_";
  for (const char c : field) {
    const bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    const bool digit = c >= '0' && c <= '9';
    name += letter ? static_cast<char>(c & ~32) : digit ? c : '_';
  }
  return name;
}

std::size_t EnvironmentReader::get_all(std::string_view name, std::string_view* values, std::size_t max) const {
  const char* value = std::getenv(environment_name(name).c_str());
  if (value == nullptr || *value == '\0') return 0;
  if (max > 0) values[0] = value;
  return 1;
}

ChildEnvironment::ChildEnvironment() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) entries_.emplace_back(*entry);
  for (const std::string& field : default_propagator().fields()) remove(environment_name(field));
}

void ChildEnvironment::remove(const std::string& name) {
  const auto same = [&](const std::string& entry) { return names(entry, name); };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), same), entries_.end());
}

void ChildEnvironment::replace(const std::string& name, std::string_view value) {
  remove(name);
  entries_.push_back(std::string(name).append("=").append(value));
}

void ChildEnvironment::set(std::string_view name, std::string_view value) {
  replace(environment_name(name), value);
}

char* const* ChildEnvironment::envp() {
  pointers_.clear();
  for (std::string& entry : entries_) pointers_.push_back(entry.data());
  pointers_.push_back(nullptr);
  return pointers_.data();
}

}  // namespace sextant
