// The two small text files of a store: each says one number, readable by people, with a checksum behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sextant::persist {

inline constexpr std::string_view kFormatPrefix = "sextant store, format ";
inline constexpr std::string_view kSealedPrefix = "sealed up to sequence ";

/// "sextant store, format 0\nchecksum 1a2b3c4d\n".
std::string text_with_number(std::string_view what, uint64_t number);
/// The number, or nothing when the text is not what text_with_number() makes.
std::optional<uint64_t> number_in(std::string_view text, std::string_view what);

}  // namespace sextant::persist
