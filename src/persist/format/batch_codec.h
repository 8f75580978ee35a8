// A batch as bytes and back: the one form in which spans are stored, in records of the log and in blocks of segments.
// Format: docs/formats/batch.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "data/model/batch.h"

namespace sextant::persist {

/// Appends the batch to `out`. Its values, keys and shapes go in as they are, used or not.
void encode_batch(const data::Batch& batch, std::string& out);

/// The batch. kDataLoss when the bytes do not follow the format: every code and count is checked, so that what comes
/// back may be used without looking. Memory stays within about 60 times the bytes and kBatchBytesMax of values.
Result<data::Batch> decode_batch(std::string_view bytes);

}  // namespace sextant::persist
