// Values and lists of attributes in OTLP/JSON's form, which keeps their types.
#pragma once

#include "base/codec/json_writer.h"
#include "data/model/batch.h"
#include "serve/api/value_cut.h"

namespace sextant::serve {

/// An AnyValue: {"stringValue":"…"} and so on; {} for an empty value.
void render_value(const data::ValueView& value, JsonWriter& json);
/// An array of {"key", "value"} in the order received. Strings and bytes that are cut, elements of arrays and maps too,
/// say so: "cutFromBytes" is what they had.
void render_attributes(const data::Batch& batch, const data::AttributeList& list, JsonWriter& json, ValueCut cut = {});

}  // namespace sextant::serve
