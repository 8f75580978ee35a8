// Any file of a store as text, for people: `sextant inspect FILE`.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/sys/files.h"

namespace sextant::persist {

/// Receives the text line by line, without line ends.
using LineSink = std::function<void(std::string_view line)>;

enum class InspectDetail : uint8_t { kRecords, kSpans };

/// What is found in a small file. Value.
struct InspectSummary {
  uint64_t damages = 0;
};

/// Tells by its content what the file is and prints it: log files, segments, FORMAT, sealed, deleted. Damage is printed
/// where it is met, and counted. kInvalidArgument for a file that is none of a store.
Result<InspectSummary> inspect_file(Files& files, const std::string& path, InspectDetail detail, const LineSink& line);

}  // namespace sextant::persist
