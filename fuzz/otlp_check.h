// The property both OTLP targets check: what was decoded can be written and read back, in both encodings, as the same.
#pragma once

#include <numeric>
#include <string_view>
#include <vector>

#include "base/core/check.h"
#include "base/core/text.h"
#include "data/otlp/traces.h"

namespace sextant::fuzz {

/// Every text of the batch is UTF-8. Where one is not, JSON has U+FFFD in its place and cannot give the bytes back.
inline bool all_utf8(const data::Batch& batch) {
  for (data::ValueCode code = 0; code < batch.values.size(); ++code) {
    const data::ValueView value = batch.values.view(code);
    // Nested forms hold lengths and numbers besides texts: not looked into, hence never sure.
    if (value.type == data::ValueType::kArray || value.type == data::ValueType::kMap) return false;
    if (value.type == data::ValueType::kString && !is_utf8(value.bytes)) return false;
    // JSON knows one NaN only.
    if (value.type == data::ValueType::kDouble && value.as_double() != value.as_double()) return false;
  }
  for (data::KeyCode code = 0; code < batch.keys.size(); ++code) {
    if (!is_utf8(batch.keys.text(code))) return false;
  }
  return true;
}

inline void check_same(const data::Batch& a, const Result<data::DecodedTraces>& b) {
  CHECK(b.has_value());
  CHECK(b->rejected_spans == 0);
  CHECK(b->batch.span_count() == a.span_count());
}

/// `decoded.batch` through both encoders and decoders. Rows are compared as encodings, since groups change their order.
inline void check_round_trip(const data::DecodedTraces& decoded) {
  CHECK((decoded.rejected_spans == 0) == decoded.reason.empty());
  std::vector<uint32_t> rows(decoded.batch.span_count());
  std::iota(rows.begin(), rows.end(), 0U);
  for (data::ValueCode code = 0; code < decoded.batch.values.size(); ++code) {
    CHECK(data::check_nested(decoded.batch.values.view(code)).has_value());
  }
  const std::string wire = data::encode_traces_protobuf(decoded.batch, rows);
  const auto again = data::decode_traces_protobuf(wire);
  check_same(decoded.batch, again);
  CHECK(data::encode_traces_protobuf(again->batch, rows) == wire);

  JsonWriter json;
  data::encode_traces_json(decoded.batch, rows, json);
  CHECK(is_utf8(json.text()));
  const auto from_json = data::decode_traces_json(json.text());
  check_same(decoded.batch, from_json);
  if (all_utf8(decoded.batch)) CHECK(data::encode_traces_protobuf(from_json->batch, rows) == wire);
}

}  // namespace sextant::fuzz
