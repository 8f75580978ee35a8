// The words of a segment's texts that have codes of their own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant::persist {

/// Immutable after construction. An empty one is valid: blocks are then compressed without words.
class TextVocabulary {
 public:
  TextVocabulary() = default;

  /// Learned from raw blocks, of which it looks at kVocabularySampleBytesMax at most.
  static TextVocabulary learn(std::span<const std::string_view> blocks);

  /// Appends what decode() reads.
  void encode(std::string& out) const;
  /// The bytes may be anything: kDataLoss when they do not follow the format.
  static Result<TextVocabulary> decode(std::string_view bytes);

  bool empty() const { return true; }
  uint64_t byte_size() const { return 0; }
};

}  // namespace sextant::persist
