// Why single spans of a request are refused, counted, and said in one sentence for the sender.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sextant::data {

enum class Refusal : uint8_t {
  kNone,
  kTraceId,      // zero, absent or not 16 bytes
  kSpanId,       // zero, absent or not 8 bytes
  kParentId,     // not 8 bytes
  kLinkId,       // ids of a link of the wrong length
  kTooLarge,     // a value or text over kValueBytesMax
  kAttributes,   // more than kAttributesMax in one list
  kTooDeep,      // a value nested deeper than kValueDepthMax
  kNestedLists,  // more than kNestedListsMax arrays and maps in one value
  kRepeated,     // pieces of one message over kMergedBytesMax
  kSpans,        // more than kBatchSpansMax
  kBadId,        // JSON: an id that is not hexadecimal
};
inline constexpr size_t kRefusalCount = 12;

/// "1 span with …": what stands after the count.
std::string_view to_string(Refusal refusal);

/// Counts by cause. Value type.
class Refusals {
 public:
  void add(Refusal refusal, uint64_t spans) { counts_[static_cast<size_t>(refusal)] += spans; }
  uint64_t total() const;
  /// "refused: 2 spans with …; 1 span with …"; empty when none was refused.
  std::string sentence() const;

 private:
  std::array<uint64_t, kRefusalCount> counts_{};
};

}  // namespace sextant::data
