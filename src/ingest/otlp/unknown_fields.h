// Telling a person that a JSON body is no trace request, where the specification alone would answer "success".
#pragma once

#include <string_view>

#include "base/core/result.h"

namespace sextant::ingest {

/// For a JSON request in which no span was found. Success for {} and for anything with resourceSpans. Otherwise
/// kInvalidArgument, naming the fields that are there and the one that was expected. Why: OTLP says that unknown fields
/// are ignored, so that newer clients work; a body made of nothing else is a mistake, and silence would hide it.
Result<void> check_fields(std::string_view json);

}  // namespace sextant::ingest
