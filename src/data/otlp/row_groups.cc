#include "data/otlp/row_groups.h"

#include <algorithm>

namespace sextant::data {
namespace {

/// For each index that occurs, its place in the order of first appearance.
std::vector<uint32_t> first_appearance(const std::vector<uint32_t>& column, size_t indexes,
                                       std::span<const uint32_t> rows) {
  std::vector<uint32_t> rank(indexes, UINT32_MAX);
  uint32_t next = 0;
  for (const uint32_t row : rows) {
    uint32_t& of_row = rank[column[row]];
    if (of_row == UINT32_MAX) of_row = next++;
  }
  return rank;
}

}  // namespace

std::vector<uint32_t> grouped_rows(const Batch& batch, std::span<const uint32_t> rows) {
  const auto resource = first_appearance(batch.spans.resource, batch.resources.size(), rows);
  const auto scope = first_appearance(batch.spans.scope, batch.scopes.size(), rows);
  std::vector<uint32_t> grouped(rows.begin(), rows.end());
  std::stable_sort(grouped.begin(), grouped.end(), [&](uint32_t a, uint32_t b) {
    const uint32_t left = resource[batch.spans.resource[a]];
    const uint32_t right = resource[batch.spans.resource[b]];
    return left != right ? left < right : scope[batch.spans.scope[a]] < scope[batch.spans.scope[b]];
  });
  return grouped;
}

size_t run_length(const std::vector<uint32_t>& column, std::span<const uint32_t> rows) {
  size_t length = 1;
  while (length < rows.size() && column[rows[length]] == column[rows[0]]) ++length;
  return length;
}

}  // namespace sextant::data
