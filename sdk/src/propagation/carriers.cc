// What carriers of all kinds share.
#include "sextant/carriers.h"

namespace sextant {

std::size_t FieldReader::get_prefixed(std::string_view, Field*, std::size_t) const {
  return 0;
}

namespace detail {

bool equal_fold_same_size(const char* a, const char* b, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    const unsigned lower = x | 32u;
    if (lower != (y | 32u) || lower < 'a' || lower > 'z') return false;
  }
  return true;
}

}  // namespace detail

std::string fipa_parameter(std::string_view field) {
  std::string name;
  if (!detail::begins_fold(field, "x-")) name = "X-";
  return name.append(field);
}

}  // namespace sextant
