// How calls that can fail answer: a value, or a sentence that says what was wrong, where, and what would be right.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sextant {

struct Error {
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  /// Requires: ok().
  T& value() noexcept { return *std::get_if<0>(&state_); }
  const T& value() const noexcept { return *std::get_if<0>(&state_); }
  T& operator*() noexcept { return value(); }
  T* operator->() noexcept { return &value(); }
  const T& operator*() const noexcept { return value(); }
  const T* operator->() const noexcept { return &value(); }
  /// Requires: !ok().
  const std::string& error() const noexcept { return std::get_if<1>(&state_)->message; }

 private:
  std::variant<T, Error> state_;
};

}  // namespace sextant
