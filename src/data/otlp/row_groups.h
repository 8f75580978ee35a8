// The order in which rows are written: OTLP nests spans under their scope and scopes under their resource.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/model/batch.h"

namespace sextant::data {

/// The rows, those of one resource together and in it those of one scope; resources, scopes and spans in order of first
/// appearance.
std::vector<uint32_t> grouped_rows(const Batch& batch, std::span<const uint32_t> rows);

/// Length of the run at the start of `rows` (not empty) for which `column` has one value.
size_t run_length(const std::vector<uint32_t>& column, std::span<const uint32_t> rows);

}  // namespace sextant::data
