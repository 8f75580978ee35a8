// Bounds of stored texts, each with its reason. What goes beyond in stored bytes is damage.
#pragma once

#include <cstdint>

#include "data/model/limits.h"

namespace sextant::persist {

/// One text: nothing that a receiver lets in is cut.
inline constexpr uint64_t kTextBytesMax = data::kValueBytesMax;

/// Shortest piece between two cuts at structure. Every piece costs a few bytes in the table and a look-up; below this
/// the table costs more than a repeated piece does in a compressed block.
inline constexpr uint32_t kPieceBytesMin = 24;
/// A piece longer than this is cut again at the ends of its lines, so that a block holds many and an edited text
/// shares what was not edited.
inline constexpr uint32_t kPieceBytesMax = 2048;
/// Where such a cut may lie at the earliest.
inline constexpr uint32_t kLongPieceBytesMin = 512;

/// Pieces after which the shortest piece becomes twice as long, so that no text has more than kTextPiecesMax.
/// A matter of position alone: what came first is cut as it was when the text was shorter.
inline constexpr uint32_t kPiecesPerDoubling = 4096;
inline constexpr uint32_t kTextPiecesMax = 65'536;

/// Spaces and line ends that may stand between two elements of an array, looked through when cutting.
inline constexpr uint32_t kElementGapBytesMax = 64;

/// Beginnings of texts that are kept while a segment is written, so that a conversation's next turn is cut and hashed
/// from there on: rows come trace by trace, so few are under way at once. Shorter texts gain nothing; longer ones would
/// take memory. Two texts may begin alike when as many bytes as the key has are the same.
inline constexpr uint32_t kTextBeginnings = 16;
inline constexpr uint64_t kTextBeginningBytesMin = 1024;
inline constexpr uint64_t kTextBeginningBytesMax = 256U << 10;
inline constexpr uint64_t kTextBeginningKeyBytes = 256;

/// A shorter piece is stored again rather than taken from an earlier block: reading a block for it costs more than the
/// few bytes that it takes when compressed.
inline constexpr uint32_t kFarPieceBytesMin = 64;

/// Raw bytes at which a block of pieces is handed over, and the most that a block may unfold to.
/// Larger blocks are hardly smaller when compressed as words, but a text's reader unfolds whole blocks.
inline constexpr uint32_t kTextBlockBytesTarget = 64U << 10;
inline constexpr uint32_t kTextBlockBytesMax = 4U << 20;

/// Pieces, nodes and blocks of one segment. A span adds about three nodes, so this is beyond segments of four million.
inline constexpr uint32_t kTextPiecesTotalMax = 16U << 20;
inline constexpr uint32_t kTextNodesMax = 16U << 20;
inline constexpr uint32_t kTextBlocksMax = 1U << 20;
/// Words beyond its vocabulary that a segment's filter is made for: 48 MiB of it. Texts with more go without.
inline constexpr uint64_t kFilteredWordsMax = 32U << 20;
/// Words of one vocabulary; raw bytes it is learned from, enough to meet each word that pays some times; those of them
/// in which repeats are looked for and what follows what is counted; and what a vocabulary may unfold to.
inline constexpr uint32_t kVocabularyWordsMax = 65'536;
inline constexpr uint64_t kVocabularySampleBytesMax = 16ULL << 20;
inline constexpr uint64_t kVocabularyCountedBytesMax = 2ULL << 20;
inline constexpr uint64_t kVocabularyBytesMax = 4ULL << 20;

}  // namespace sextant::persist
