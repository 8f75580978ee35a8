// Strategies as JSON: Jaeger's strategies file, and the answer that Jaeger's clients poll for.
#pragma once

#include <cstddef>
#include <string_view>

#include "sampling/strategy.h"
#include "sextant/result.h"

namespace sextant::sampling {

/// The strategy of one service. An error says where the text is wrong and what would be right. Of operations, the first
/// `operations_max` count.
Result<StrategyText> read_strategy(std::string_view json, std::string_view service, std::size_t operations_max);

}  // namespace sextant::sampling
