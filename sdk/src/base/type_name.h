// What an exception is called.
#pragma once

#include <exception>
#include <string_view>

namespace sextant {

/// Thread-confined. The name of an exception's class as the program's source has it, e.g. `std::runtime_error`; without
/// run-time type information that of the base class.
class TypeName {
 public:
  explicit TypeName(const std::exception& error) noexcept;
  ~TypeName();
  TypeName(const TypeName&) = delete;
  TypeName& operator=(const TypeName&) = delete;
  std::string_view view() const noexcept { return name_; }

 private:
  char* owned_ = nullptr;
  const char* name_ = "std::exception";
};

}  // namespace sextant
