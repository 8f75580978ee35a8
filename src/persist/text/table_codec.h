// The columns of a text table as bytes and back. Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant::persist {

/// Value. Node 0, the empty text, is in no column.
struct TableColumns {
  std::vector<uint32_t> block_ends;   // of each block: the number of the first piece behind it
  std::vector<uint32_t> piece_bytes;  // of each piece
  std::vector<uint32_t> parents;      // of each node
  std::vector<uint32_t> node_pieces;  // of each node: the piece that it adds
};

/// Requires: nodes name pieces in the order of their numbers, as TextWriter makes them.
void encode_table_columns(const TableColumns& columns, std::string& out);

/// kDataLoss unless counts and lengths are within limits, blocks ascend to the number of pieces, and pieces are not
/// empty; parents come before their nodes, and nodes name pieces that there are.
Result<TableColumns> decode_table_columns(std::string_view bytes);

}  // namespace sextant::persist
