// What a receiver says it did not take.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant::otlp {

struct PartialSuccess {
  std::size_t rejected = 0;
  std::string message;
};

/// Of an Export…ServiceResponse in protobuf; nothing rejected where the bytes are none.
PartialSuccess read_partial_success(std::string_view response);
/// The same of one in JSON.
PartialSuccess read_partial_success_json(std::string_view response);

}  // namespace sextant::otlp
