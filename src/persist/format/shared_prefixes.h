// Long values that begin as an earlier one does: an agent sends its whole conversation with every call, each time with
// a little more at the end. What a value shares with an earlier one of its batch is not written again.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/model/dictionary.h"

namespace sextant::persist {

/// Values longer than this are looked at; shorter ones are shared whole by the dictionary.
inline constexpr uint64_t kPrefixValueBytesMin = data::kInternBytesMax + 1;

/// What a long value shares. Value.
struct SharedPrefix {
  uint32_t back = 0;   // the donor: that many long values before; 0: none
  uint32_t bytes = 0;  // how many bytes are equal
};

/// One entry for each value longer than kInternBytesMax, in the order of their codes.
std::vector<SharedPrefix> find_shared_prefixes(const data::ValueDictionary& values);

}  // namespace sextant::persist
