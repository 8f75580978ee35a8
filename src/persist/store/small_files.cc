#include "persist/store/small_files.h"

#include <fmt/format.h>

#include <charconv>

#include "base/core/hash.h"

namespace sextant::persist {

std::string text_with_number(std::string_view what, uint64_t number) {
  const std::string line = fmt::format("{}{}\n", what, number);
  return fmt::format("{}checksum {:08x}\n", line, crc32c(line));
}

std::optional<uint64_t> number_in(std::string_view text, std::string_view what) {
  if (!text.starts_with(what)) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + what.size(), text.data() + text.size(), number);
  if (error != std::errc() || text != text_with_number(what, number)) return std::nullopt;
  return number;
}

}  // namespace sextant::persist
