// What writer and reader of text columns share. Format: docs/formats/column.md.
#pragma once

#include <cstdint>

namespace sextant::persist {

/// First byte of encoded texts.
enum class TextKind : uint8_t {
  kBytes = 0,    // a common prefix, lengths, chunks of bytes
  kDigits = 1,   // a template, chunks of the hexadecimal digits that differ, two in a byte
  kNumbers = 2,  // a common prefix, decimal numbers
};

/// Every number of so many decimal digits fits 64 bits.
inline constexpr uint32_t kNumberDigitsMax = 19;

}  // namespace sextant::persist
