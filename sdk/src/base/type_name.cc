#include "base/type_name.h"

#include <cxxabi.h>

#include <cstdlib>
#include <typeinfo>

namespace sextant {

TypeName::TypeName([[maybe_unused]] const std::exception& error) noexcept {
#ifdef __cpp_rtti
  int status = 0;
  name_ = typeid(error).name();
  owned_ = abi::__cxa_demangle(name_, nullptr, nullptr, &status);
  if (status == 0 && owned_ != nullptr) name_ = owned_;
#endif
}

TypeName::~TypeName() {
  std::free(owned_);
}

}  // namespace sextant
