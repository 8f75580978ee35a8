// Which attributes of a list are kept. Why: keys are unique in OTLP, the last value set for one counts, and there is a
// limit on how many there may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otlp/value_writer.h"

namespace sextant::otlp {

/// One bit of 64 by a cheap sample of the key. Requires: !key.empty().
inline std::uint64_t key_bit(std::string_view key) noexcept {
  const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(key[i])}; };
  const std::uint64_t sample = key.size() | at(0) << 16 | at(key.size() / 2) << 24 | at(key.size() - 1) << 32 |
                               at(key.size() - 1 - (key.size() > 2 ? 2 : 0)) << 40;
  return std::uint64_t{1} << (sample * 0x9e3779b97f4a7c15 >> 58);
}

/// Those with a key that none after them has, up to a limit; without a key, none. Thread-confined.
class KeptAttributes {
 public:
  KeptAttributes(Attributes attributes, std::uint32_t max) noexcept : attributes_(attributes), max_(max) {
    mark_set_again();
  }

  template <class Visit>
  void for_each(Visit visit) noexcept {
    std::uint32_t kept = 0;
    dropped_ = 0;
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
      if (attributes_[i].key.empty() || is_set_again(i)) continue;
      if (kept++ < max_) {
        visit(attributes_[i]);
      } else {
        ++dropped_;
      }
    }
  }
  /// How many were too many, after for_each() or size().
  std::uint32_t dropped() const noexcept { return dropped_; }
  /// Bytes of all that are kept, as fields of a message.
  std::size_t size(const ValueLimits& limits) noexcept {
    std::size_t size = 0;
    for_each([&](const Attribute& attribute) { size += bytes_field_size(key_value_size(attribute, limits)); });
    return size;
  }

 private:
  static constexpr std::size_t kMarked = 64;

  /// The first of a long list are compared as they are visited; the last kMarked, which is nearly always all, once.
  void mark_set_again() noexcept {
    std::uint64_t seen = 0;
    for (std::size_t i = attributes_.size(); i > first_marked(); --i) {
      const std::string_view key = attributes_[i - 1].key;
      if (key.empty()) continue;
      const std::uint64_t bit = key_bit(key);
      if ((seen & bit) != 0 && has_later(i - 1)) set_again_ |= std::uint64_t{1} << (i - 1 - first_marked());
      seen |= bit;
    }
  }
  std::size_t first_marked() const noexcept { return attributes_.size() > kMarked ? attributes_.size() - kMarked : 0; }
  bool is_set_again(std::size_t i) const noexcept {
    if (i < first_marked()) return has_later(i);
    return (set_again_ >> (i - first_marked()) & 1) != 0;
  }
  bool has_later(std::size_t i) const noexcept {
    for (std::size_t k = i + 1; k < attributes_.size(); ++k) {
      if (attributes_[k].key == attributes_[i].key) return true;
    }
    return false;
  }

  Attributes attributes_;
  std::uint32_t max_;
  std::uint32_t dropped_ = 0;
  std::uint64_t set_again_ = 0;  // of the last kMarked
};

}  // namespace sextant::otlp
