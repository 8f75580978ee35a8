// Any bytes as an OTLP protobuf request.
#include "fuzz/otlp_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto decoded = sextant::data::decode_traces_protobuf(bytes);
  if (decoded) sextant::fuzz::check_round_trip(*decoded);
  return 0;
}
