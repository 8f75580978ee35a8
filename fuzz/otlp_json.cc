// Any bytes as an OTLP/JSON request, and as a JSON document.
#include "base/codec/json_value.h"
#include "fuzz/otlp_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto decoded = sextant::data::decode_traces_json(text);
  if (decoded) sextant::fuzz::check_round_trip(*decoded);
  // The tree reader and the skipping reader must agree on what JSON is.
  const auto value = sextant::JsonValue::parse(text, {.depth_max = 200, .values_max = UINT32_MAX});
  sextant::JsonReader reader(text, 200);
  const bool skipped = reader.skip() && reader.finish();
  CHECK(value.has_value() == skipped);
  return 0;
}
