// How much one span holds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant {

/// The limits that OpenTelemetry sets, with its defaults. What is beyond is left out and counted in the span.
struct Limits {
  std::uint32_t attributes_max = 128;
  std::uint32_t events_max = 128;
  std::uint32_t links_max = 128;
  std::uint32_t event_attributes_max = 128;
  std::uint32_t link_attributes_max = 128;
  std::size_t value_length_max = SIZE_MAX;  // characters of texts
};

}  // namespace sextant
