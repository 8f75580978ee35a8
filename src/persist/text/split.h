// Where a text is cut into pieces that are stored once. Agents send their whole history again every turn: a JSON array
// of messages that grew by some. The cuts lie between the elements of arrays, so that all but the end is shared.
//
// Cuts follow from the bytes around them, not from a parse: JSON, JSON escaped inside a string at any depth, cut off
// or embedded in prose are all cut at the same places, and two texts that differ somewhere agree again soon after.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "persist/text/limits.h"

namespace sextant::persist {

/// A place in a text, and how many pieces lie before it.
struct SplitPlace {
  uint32_t at = 0;
  uint32_t pieces = 0;
};

/// A cut that every text has that has the same first `bytes`: what comes later does not move it.
struct FixedCut {
  SplitPlace place;  // no pieces: there is none
  uint32_t bytes = 0;
};

/// Replaces `ends` by the ends of the text's pieces, ascending; the last one is text.size(). Nothing for the empty
/// text. At most kTextPiecesMax pieces while the text has at most kTextBytesMax; the first kPiecesPerDoubling of them
/// have at most kPieceBytesMax bytes, later ones up to kTextBlockBytesMax.
///
///   [{"role":"user",…} | ,{"role":"assistant",…} | ,{"role":"user",…} | ]
///
/// A separator belongs to the element behind it, a closing bracket to what follows: a longer array shares every piece
/// of a shorter one but the last.
///
/// `from`: a fixed cut of this text; only the pieces behind it are found then, the same as without. Returns the last
/// fixed cut but one behind `from`, which a text that goes on where this one ends is likely to have.
FixedCut split_text(std::string_view text, SplitPlace from, std::vector<uint32_t>& ends);

}  // namespace sextant::persist
