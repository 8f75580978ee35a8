// What an attribute can hold.
//
// A Value is a view: it owns nothing, and what it points at must live until the call that takes it returns. Calls copy
// what they keep, so `span.set("user", name)` and `span.set("tags", {"a", "b"})` are always right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sextant {

/// A run of elements that belongs to somebody else.
template <class T>
class View {
 public:
  constexpr View() noexcept = default;
  constexpr View(const T* data, std::size_t size) noexcept : data_(data), size_(size) {}
  // Why: the list of a call's arguments lives until the call returns, which is all that a view promises.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winit-list-lifetime"
#endif
  constexpr View(std::initializer_list<T> list) noexcept : data_(list.begin()), size_(list.size()) {}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
  template <class Container, class = std::enable_if_t<
                                 std::is_convertible_v<decltype(std::declval<const Container&>().data()), const T*>>>
  constexpr View(const Container& container) noexcept : data_(container.data()), size_(container.size()) {}

  constexpr const T* data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr const T* begin() const noexcept { return data_; }
  constexpr const T* end() const noexcept { return data_ + size_; }
  constexpr const T& operator[](std::size_t i) const noexcept { return data_[i]; }

 private:
  const T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Bytes that are not text.
struct Bytes {
  const void* data = nullptr;
  std::size_t size = 0;
};

struct Attribute;
class Value;

/// Key-value pairs as one value.
struct Map {
  View<Attribute> entries;
};

enum class ValueKind : std::uint8_t {
  kEmpty,
  kBool,
  kInt,
  kDouble,
  kString,
  kBytes,
  kBools,
  kInts,
  kDoubles,
  kStrings,
  kTexts,
  kValues,
  kMap
};

namespace detail {
template <class T>
inline constexpr bool kListElement =
    std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> ||
    std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string> || std::is_same_v<T, Value>;
template <class Container>
using ElementOf = std::remove_cv_t<std::remove_pointer_t<decltype(std::declval<const Container&>().data())>>;
}  // namespace detail

class Value {
 public:
  constexpr Value() noexcept : kind_(ValueKind::kEmpty) {}
  template <class T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
  constexpr Value(T value) noexcept : kind_(ValueKind::kBool) {
    number_.boolean = value;
  }
  template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
  constexpr Value(T value) noexcept : kind_(ValueKind::kInt) {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == sizeof(std::int64_t)) {
      /// OTLP has no unsigned numbers: those past the signed range keep their size, not their last digits.
      if (value > static_cast<T>(std::numeric_limits<std::int64_t>::max())) {
        kind_ = ValueKind::kDouble;
        number_.real = static_cast<double>(value);
        return;
      }
    }
    number_.integer = static_cast<std::int64_t>(value);
  }
  template <class T, std::enable_if_t<std::is_floating_point_v<T>, int> = 0>
  constexpr Value(T value) noexcept : kind_(ValueKind::kDouble) {
    number_.real = static_cast<double>(value);
  }
  constexpr Value(std::string_view text) noexcept : Value(ValueKind::kString, text.data(), text.size()) {}
  constexpr Value(const char* text) noexcept : kind_(ValueKind::kEmpty) {
    if (text != nullptr) *this = Value(std::string_view(text));
  }
  Value(const std::string& text) noexcept : Value(std::string_view(text)) {}
  constexpr Value(Bytes bytes) noexcept : Value(ValueKind::kBytes, bytes.data, bytes.size) {}
  constexpr Value(View<bool> list) noexcept : Value(ValueKind::kBools, list.data(), list.size()) {}
  constexpr Value(View<std::int64_t> list) noexcept : Value(ValueKind::kInts, list.data(), list.size()) {}
  constexpr Value(View<double> list) noexcept : Value(ValueKind::kDoubles, list.data(), list.size()) {}
  constexpr Value(View<std::string_view> list) noexcept : Value(ValueKind::kStrings, list.data(), list.size()) {}
  constexpr Value(View<std::string> list) noexcept : Value(ValueKind::kTexts, list.data(), list.size()) {}
  constexpr Value(View<Value> list) noexcept : Value(ValueKind::kValues, list.data(), list.size()) {}
  constexpr Value(Map map) noexcept : Value(ValueKind::kMap, map.entries.data(), map.entries.size()) {}

  /// A vector or array of any of these.
  template <class Container, class T = detail::ElementOf<Container>, std::enable_if_t<detail::kListElement<T>, int> = 0>
  constexpr Value(const Container& list) noexcept : Value(View<T>(list.data(), list.size())) {}

  constexpr ValueKind kind() const noexcept { return kind_; }
  /// Each of these requires the kind that it names.
  constexpr bool as_bool() const noexcept { return number_.boolean; }
  constexpr std::int64_t as_int() const noexcept { return number_.integer; }
  constexpr double as_double() const noexcept { return number_.real; }
  std::string_view as_string() const noexcept { return {static_cast<const char*>(list_.data), list_.size}; }
  constexpr Bytes as_bytes() const noexcept { return {list_.data, list_.size}; }
  View<bool> as_bools() const noexcept { return list_as<bool>(); }
  View<std::int64_t> as_ints() const noexcept { return list_as<std::int64_t>(); }
  View<double> as_doubles() const noexcept { return list_as<double>(); }
  View<std::string_view> as_strings() const noexcept { return list_as<std::string_view>(); }
  View<std::string> as_texts() const noexcept { return list_as<std::string>(); }
  View<Value> as_values() const noexcept { return list_as<Value>(); }
  View<Attribute> as_map() const noexcept { return list_as<Attribute>(); }

 private:
  struct List {
    const void* data;
    std::size_t size;
  };
  union Number {
    bool boolean;
    std::int64_t integer;
    double real;
  };
  constexpr Value(ValueKind kind, const void* data, std::size_t size) noexcept : kind_(kind), list_{data, size} {}
  template <class T>
  View<T> list_as() const noexcept {
    return View<T>(static_cast<const T*>(list_.data), list_.size);
  }

  ValueKind kind_;
  union {
    Number number_ = {};
    List list_;
  };
};

struct Attribute {
  std::string_view key;
  Value value;
};
using Attributes = View<Attribute>;

}  // namespace sextant
