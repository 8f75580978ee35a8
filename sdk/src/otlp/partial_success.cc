#include "otlp/partial_success.h"

#include "otlp/wire.h"

namespace sextant::otlp {

// Export…ServiceResponse { partial_success = 1 }, Export…PartialSuccess { int64 rejected_… = 1; string error_message =
// 2 }.
PartialSuccess read_partial_success(std::string_view response) {
  PartialSuccess read;
  Reader fields(response);
  while (fields.next()) {
    if (fields.field() != 1) continue;
    Reader partial(fields.bytes());
    while (partial.next()) {
      if (partial.field() == 1 && partial.type() == WireType::kVarint)
        read.rejected = static_cast<std::size_t>(partial.number());
      if (partial.field() == 2) read.message = std::string(partial.bytes());
    }
  }
  return fields.failed() ? PartialSuccess{} : read;
}

}  // namespace sextant::otlp
