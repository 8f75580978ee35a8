// W3C Baggage: https://www.w3.org/TR/baggage/
//
//   baggage: key1=value1;property1;property2=x, key2=val%20ue2
#include <algorithm>
#include <utility>

#include "base/characters.h"
#include "propagation/baggage_entries.h"
#include "propagation/counts.h"
#include "propagation/text.h"
#include "sextant/propagation.h"

namespace sextant {
namespace propagation {
namespace {

constexpr std::string_view kField = "baggage";
constexpr std::size_t kHeadersMax = kBaggageEntriesMax;

/// `key OWS` or `key OWS = OWS value`; false where it is neither.
bool is_property(std::string_view text) noexcept {
  const std::string_view key = trimmed(take_until(text, '='));
  return is_token(key) && is_baggage_value(trimmed(text));
}

/// Properties without the blanks around them; those that are none are left out.
std::string read_properties(std::string_view rest) {
  std::string out;
  while (!rest.empty()) {
    const std::string_view property = trimmed(take_until(rest, ';'));
    if (!is_property(property)) continue;
    if (!out.empty()) out += ';';
    out += property;
  }
  return out;
}

/// False where the member is malformed.
bool read_member(std::string_view member, Baggage::Entry& out) {
  std::string_view pair = take_until(member, ';');
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = trimmed(pair.substr(0, equals));
  const std::string_view value = trimmed(pair.substr(equals + 1));
  if (!is_token(key) || !is_baggage_value(value)) return false;
  out = {std::string(key), percent_decoded(value), read_properties(member)};
  return true;
}

class W3cBaggage final : public Propagator {
 public:
  void inject(const Context& context, FieldWriter& into) const override {
    if (context.baggage().empty()) return;
    std::string out;
    std::size_t entries = 0;
    for (const Baggage::Entry& entry : context.baggage().entries()) {
      const std::size_t before = out.size();
      if (entries < kBaggageEntriesMax && append_member(out, entry)) {
        ++entries;
      } else {
        out.resize(before);
        count(counters.dropped_baggage);
      }
    }
    if (!out.empty()) into.set(kField, out);
  }

  void extract(const FieldReader& fields, Context& context) const override {
    std::string_view first;
    const std::size_t found = fields.get_all(kField, &first, 1);
    if (found == 0) return;
    BaggageEntries entries;
    std::size_t bytes_left = kBaggageBytesMax;
    if (found == 1) {
      read_header(first, bytes_left, entries);
    } else {
      std::string_view headers[kHeadersMax];
      fields.get_all(kField, headers, kHeadersMax);
      for (std::size_t i = 0; i < std::min(found, kHeadersMax); ++i) read_header(headers[i], bytes_left, entries);
    }
    if (found > kHeadersMax) count(counters.dropped_baggage, found - kHeadersMax);
    entries.add_to(context);
  }

  std::vector<std::string> fields() const override { return {std::string(kField)}; }

 private:
  /// What lies beyond the limit of bytes is not looked at: a member across it, and all after it, are lost.
  static void read_header(std::string_view header, std::size_t& bytes_left, BaggageEntries& entries) {
    if (header.size() > bytes_left) {
      count(counters.dropped_baggage);
      const std::size_t comma = header.substr(0, bytes_left).rfind(',');
      header = header.substr(0, comma == std::string_view::npos ? 0 : comma);
      bytes_left = 0;
    } else {
      bytes_left -= header.size();
    }
    while (!header.empty()) {
      const std::string_view member = trimmed(take_until(header, ','));
      if (member.empty()) continue;
      Baggage::Entry entry;
      if (!entries.full() && read_member(member, entry)) {
        entries.add(std::move(entry));
      } else {
        count(counters.dropped_baggage);
      }
    }
  }

  static bool append_member(std::string& out, const Baggage::Entry& entry) {
    if (!is_token(entry.key) || entry.key.size() + entry.value.size() > kBaggageBytesMax) return false;
    if (!out.empty()) out += ',';
    out.append(entry.key).append("=");
    append_percent_encoded(out, entry.value);
    if (!entry.metadata.empty()) {
      const std::string properties = read_properties(entry.metadata);
      if (!properties.empty()) out.append(";").append(properties);
    }
    return out.size() <= kBaggageBytesMax;
  }
};

}  // namespace
}  // namespace propagation

PropagatorPtr w3c_baggage() {
  return std::make_shared<const propagation::W3cBaggage>();
}

}  // namespace sextant
