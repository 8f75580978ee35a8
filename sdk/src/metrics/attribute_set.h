// Attributes of measurements in the two forms that they take: what a thread's cache compares, and what a series is
// known by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otlp/wire.h"
#include "sextant/value.h"

namespace sextant::metrics {

/// Which keys a view lets through. Immutable after construction.
class KeyFilter {
 public:
  KeyFilter() = default;  // all
  KeyFilter(std::optional<std::vector<std::string>> included, std::vector<std::string> excluded);
  bool keeps_all() const noexcept { return !included_ && excluded_.empty(); }
  bool keeps(std::string_view key) const noexcept;

 private:
  std::optional<std::vector<std::string>> included_;  // sorted
  std::vector<std::string> excluded_;                 // sorted
};

/// The attributes as KeyValue messages in field 7 (as data points and exemplars have them), in the order of their keys,
/// each key once: the last value counts. Two sets are equal where these bytes are.
std::string canonical(Attributes attributes);
enum class Part : std::uint8_t { kKept, kFilteredOut };
/// Those of canonical attributes that the filter keeps, or the others.
std::string filtered(const std::string& canonical, const KeyFilter& filter, Part part);
inline constexpr std::uint32_t kAttributesField = 7;

/// Attributes as they were given, as words: equal words, equal attributes. Made on the stack by every call, so it takes
/// no more than two loads for a text of up to 16 bytes. Thread-confined.
class FlatKey {
 public:
  static constexpr std::size_t kWordsMax = 128;  // 1 KiB: what is larger is not worth a place in a cache

  /// False where the attributes are too large, or hold lists, maps or bytes.
  bool assign(std::uint64_t seed, Attributes attributes) noexcept;
  std::uint64_t hash() const noexcept { return hash_; }
  std::size_t size() const noexcept { return size_; }
  const std::uint64_t* words() const noexcept { return words_; }
  bool equals(const std::uint64_t* words, std::size_t size) const noexcept {
    if (size != size_) return false;
    std::uint64_t different = 0;
    for (std::size_t i = 0; i < size; ++i) different |= words[i] ^ words_[i];
    return different == 0;
  }

 private:
  void text(const char* text, std::size_t size, std::uint64_t salt) noexcept;
  void long_text(const char* text, std::size_t size, std::uint64_t salt) noexcept;
  void add(std::uint64_t low, std::uint64_t high, std::uint64_t salt) noexcept;

  std::size_t size_ = 0;
  std::uint64_t hash_ = 0;
  std::uint64_t words_[kWordsMax];
};

inline std::uint64_t load_8(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}
inline std::uint64_t load_4(const char* at) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, at, 4);
  return word;
}

/// Both halves of the product (as in wyhash by Wang Yi): every bit of the result depends on all of both.
inline std::uint64_t multiply_mix(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The products do not wait for each other; only one addition and one multiplication stand in the chain.
inline void FlatKey::add(std::uint64_t low, std::uint64_t high, std::uint64_t salt) noexcept {
  words_[size_++] = low;
  words_[size_++] = high;
  hash_ = hash_ * 0x9e3779b97f4a7c15 + multiply_mix(low ^ salt, high ^ 0xa0761d6478bd642f);
}

inline void FlatKey::text(const char* text, std::size_t size, std::uint64_t salt) noexcept {
  if (size > 16) {
    long_text(text, size, salt);
  } else if (size >= 8) {
    add(load_8(text), load_8(text + size - 8), salt);
  } else if (size >= 4) {
    add(load_4(text), load_4(text + size - 4), salt);
  } else if (size > 0) {
    const auto byte = [text](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(text[i])}; };
    add(byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16, 0, salt);
  } else {
    add(0, 0, salt);
  }
}

inline bool FlatKey::assign(std::uint64_t seed, Attributes attributes) noexcept {
  size_ = 0;
  hash_ = seed;
  for (const Attribute& attribute : attributes) {
    const Value& value = attribute.value;
    const std::size_t text_size = value.kind() == ValueKind::kString ? value.as_string().size() : 0;
    const std::size_t key_size = attribute.key.size();
    // A header and the words of two texts, each rounded up to pairs.
    const std::size_t words = 6 + (key_size + text_size) / 8 + 4;
    if (key_size + text_size > kWordsMax * 8 || size_ + words > kWordsMax) return false;
    const std::uint64_t header =
        key_size | static_cast<std::uint64_t>(value.kind()) << 24 | static_cast<std::uint64_t>(text_size) << 32;
    words_[size_++] = header;
    text(attribute.key.data(), key_size, header);
    switch (value.kind()) {
      case ValueKind::kEmpty:
        break;
      case ValueKind::kString:
        text(value.as_string().data(), text_size, header + 1);
        break;
      case ValueKind::kBool:
        add(value.as_bool() ? 1 : 0, 0, header);
        break;
      case ValueKind::kInt:
        add(static_cast<std::uint64_t>(value.as_int()), 0, header);
        break;
      case ValueKind::kDouble: {
        const double real = value.as_double();
        std::uint64_t bits = 0;
        std::memcpy(&bits, &real, sizeof(bits));
        add(bits, 0, header);
        break;
      }
      default:
        return false;
    }
  }
  hash_ = multiply_mix(hash_, 0xe7037ed1a0b428db);
  return true;
}

}  // namespace sextant::metrics
