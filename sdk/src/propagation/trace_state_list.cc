// W3C Trace Context level 2, "Tracestate Header".
#include "propagation/trace_state_list.h"
#include "base/characters.h"

#include "propagation/text.h"

namespace sextant::propagation {
namespace {

constexpr std::size_t kKeyBytesMax = 256;
constexpr std::size_t kValueBytesMax = 256;
constexpr std::size_t kTenantBytesMax = 241;  // level 1
constexpr std::size_t kSystemBytesMax = 14;
constexpr std::size_t kLongEntryBytes = 128;  // those that are longer go first

constexpr CharacterSet kLetters = CharacterSet().with_range('a', 'z');
constexpr CharacterSet kFirstCharacters = kLetters.with_range('0', '9');
constexpr CharacterSet kPlainCharacters = kFirstCharacters.with("_-*/");
constexpr CharacterSet kKeyCharacters = kPlainCharacters.with("@");
constexpr CharacterSet kValueCharacters = CharacterSet().with_range(' ', '~').without(",=");

bool tenant_key(std::string_view key, std::size_t at) noexcept {
  const std::string_view tenant = key.substr(0, at);
  const std::string_view system = key.substr(at + 1);
  return tenant.size() <= kTenantBytesMax && kPlainCharacters.has_all(tenant) && !system.empty() &&
         system.size() <= kSystemBytesMax && kLetters.has(system[0]) && kPlainCharacters.has_all(system);
}

}  // namespace

bool is_trace_state_key(std::string_view key, TraceStateKeys keys) noexcept {
  if (key.empty() || key.size() > kKeyBytesMax || !kFirstCharacters.has(key[0])) return false;
  if (keys == TraceStateKeys::kLevel2) return kKeyCharacters.has_all(key);
  const std::size_t at = key.find('@');
  return at == std::string_view::npos ? kPlainCharacters.has_all(key) : tenant_key(key, at);
}

bool is_trace_state_value(std::string_view value) noexcept {
  return !value.empty() && value.size() <= kValueBytesMax && value.back() != ' ' && kValueCharacters.has_all(value);
}

bool TraceStateList::fail(const char* what, std::string_view member) noexcept {
  problem_ = what;
  culprit_ = member;
  return false;
}

bool TraceStateList::add(std::string_view header) noexcept {
  while (!header.empty()) {
    const std::string_view member = trimmed(take_until(header, ','));
    if (!member.empty() && !add_entry(member)) return false;
  }
  return true;
}

bool TraceStateList::add_entry(std::string_view member) noexcept {
  const std::size_t equals = member.find('=');
  if (equals == std::string_view::npos) return fail("has no '='", member);
  const Entry entry{member, equals};
  if (!is_trace_state_key(entry.key(), keys_)) return fail("has a key that is none", member);
  if (!is_trace_state_value(entry.value())) return fail("has a value that is none", member);
  if (size_ == entries_.size()) return fail("is one entry too many: there may be 32", member);
  for (std::size_t i = 0; i < size_; ++i) {
    if (entries_[i].key() == entry.key()) return fail("has a key that stands there before", member);
  }
  entries_[size_++] = entry;
  return true;
}

std::string TraceStateList::problem() const {
  return "'" + std::string(culprit_.substr(0, kLongEntryBytes)) + "' " + problem_;
}

std::string TraceStateList::joined(bool& shortened) const {
  std::array<bool, kTraceStateEntriesMax> kept{};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    kept[i] = true;
    bytes += entries_[i].whole.size() + 1;
  }
  shortened = bytes > kTraceStateBytesMax + 1;
  const auto drop = [&](std::size_t i) {
    kept[i] = false;
    bytes -= entries_[i].whole.size() + 1;
  };
  for (std::size_t i = size_; i-- > 0 && bytes > kTraceStateBytesMax + 1;) {
    if (entries_[i].whole.size() > kLongEntryBytes) drop(i);
  }
  for (std::size_t i = size_; i-- > 0 && bytes > kTraceStateBytesMax + 1;) {
    if (kept[i]) drop(i);
  }
  std::string out;
  out.reserve(bytes);
  for (std::size_t i = 0; i < size_; ++i) {
    if (!kept[i]) continue;
    if (!out.empty()) out += ',';
    out += entries_[i].whole;
  }
  return out;
}

}  // namespace sextant::propagation
