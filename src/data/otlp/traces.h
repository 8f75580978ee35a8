// OTLP's trace messages (opentelemetry-proto, trace/v1 and collector/trace/v1) from and to batches, in both encodings.
//
// Decoding is one pass over the request into columns: no object per span. ExportTraceServiceRequest and TracesData have
// the same fields, so one decoder reads both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/codec/json_writer.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "data/model/batch.h"

namespace sextant::data {

/// What a request held. A span that cannot be kept is refused by itself; the others are in the batch.
struct DecodedTraces {
  Batch batch;
  uint64_t rejected_spans = 0;
  std::string reason;  // a sentence naming each cause and its count; empty when none was refused
};

/// Memory and experience of earlier requests, used by the next one: lookup tables, and how large what was decoded
/// became. Thread-confined; for one decoding at a time. May be default-made, moved and kept for ever.
struct DecodeScratch {
  CodeTable values;
  CodeTable shapes;
  /// Of the last request.
  struct Sizes {
    uint64_t wire_bytes = 0;
    uint64_t spans = 0;
    uint64_t attribute_values = 0;
    uint64_t values = 0;
    uint64_t value_bytes = 0;
    uint64_t shapes = 0;
  };
  Sizes last;

  uint64_t byte_size() const { return values.byte_size() + shapes.byte_size(); }
};

struct DecodeOptions {
  /// Grown to the batch's memory while it is built, so that a small hostile request cannot become a large batch.
  /// Decoding ends with kResourceExhausted when the ledger has no more. May be null (tests, tools): no bound.
  LedgerHold* hold = nullptr;
  /// May be null: then nothing is used again.
  DecodeScratch* scratch = nullptr;
};

/// Errors: kInvalidArgument naming the byte offset, when the bytes are not the protobuf message; kResourceExhausted.
///
/// Refused one by one: trace or span id zero or of the wrong length, parent or link ids of the wrong length, a value
/// or text over kValueBytesMax, more than kAttributesMax attributes, values nested deeper than kValueDepthMax.
/// Text that is not UTF-8 is kept as it came: protobuf says a parser may refuse it, but then one bad character would
/// cost its sender the whole request. Writers of JSON replace what is not UTF-8.
/// Unknown fields are skipped, unknown enum numbers kept, a message given twice is merged.
Result<DecodedTraces> decode_traces_protobuf(std::string_view bytes, const DecodeOptions& options = {});

/// Errors: kInvalidArgument naming line and column; kResourceExhausted. The text must be UTF-8 and one JSON value.
/// Member names in lowerCamelCase or as in the .proto file; ids in hexadecimal of either case; enums as numbers or
/// names; 64-bit numbers as numbers or strings; unknown members skipped; null is "absent"; of equal members in one
/// object the last counts, except that lists continue.
Result<DecodedTraces> decode_traces_json(std::string_view text, const DecodeOptions& options = {});

/// TracesData with these rows, grouped by resource and scope in order of first appearance.
std::string encode_traces_protobuf(const Batch& batch, std::span<const uint32_t> rows);
/// The same as one JSON value, appended to `json`.
void encode_traces_json(const Batch& batch, std::span<const uint32_t> rows, JsonWriter& json);

}  // namespace sextant::data
