#include "persist/text/vocabulary.h"

#include "persist/format/bytes.h"

namespace sextant::persist {

TextVocabulary TextVocabulary::learn(std::span<const std::string_view>) {
  return {};
}

void TextVocabulary::encode(std::string& out) const {
  put_u8(out, 0);
}

Result<TextVocabulary> TextVocabulary::decode(std::string_view bytes) {
  if (bytes != std::string_view("\0", 1)) return fail(ErrorCode::kDataLoss, "a vocabulary does not follow the format");
  return TextVocabulary();
}

}  // namespace sextant::persist
