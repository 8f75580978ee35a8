#include "data/otlp/row_groups.h"

#include <algorithm>
#include <compare>

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
  struct Place {
    uint32_t resource;
    uint32_t scope;
    uint32_t position;  // keeps the order within a scope
    auto operator<=>(const Place&) const = default;
  };
  std::vector<Place> places;
  places.reserve(rows.size());
  for (const uint32_t row : rows) {
    const auto position = static_cast<uint32_t>(places.size());
    places.push_back({resource[batch.spans.resource[row]], scope[batch.spans.scope[row]], position});
  }
  std::sort(places.begin(), places.end());
  std::vector<uint32_t> grouped;
  grouped.reserve(rows.size());
  for (const Place& place : places) grouped.push_back(rows[place.position]);
  return grouped;
}

size_t run_length(const std::vector<uint32_t>& column, std::span<const uint32_t> rows) {
  size_t length = 1;
  while (length < rows.size() && column[rows[length]] == column[rows[0]]) ++length;
  return length;
}

}  // namespace sextant::data
