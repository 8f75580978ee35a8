#include "persist/format/row_order.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/core/hash.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

/// Copies of one span up to which each is compared with each; beyond, by hash. A retry makes two.
constexpr size_t kComparedPairwiseMax = 8;

/// Rows that are sorted in place, without memory of their own: most traces have no more.
constexpr ptrdiff_t kInsertedRowsMax = 24;

bool before(const RowRef& a, const RowRef& b) {
  if (a.trace_id() != b.trace_id()) return a.trace_id() < b.trace_id();
  if (a.start() != b.start()) return a.start() < b.start();
  return a.span_id() < b.span_id();
}

bool same_place(const RowRef& a, const RowRef& b) {
  return a.span_id() == b.span_id() && a.start() == b.start() && a.trace_id() == b.trace_id();
}

/// Equal rows hash equally; that is all that is asked of it.
uint64_t hash_of(const RowRef& ref) {
  const data::Batch& batch = *ref.batch;
  const data::SpanColumns& s = batch.spans;
  std::string text;
  put_u64(text, s.end_unix_nanos[ref.row]);
  put_varint(text, zigzag(s.status[ref.row]));
  put_text(text, batch.values.text(s.name[ref.row]));
  put_text(text, batch.values.text(s.status_message[ref.row]));
  for (const data::ValueCode code : batch.values_of(s.attributes[ref.row])) {
    const data::ValueView value = batch.values.view(code);
    put_u8(text, static_cast<uint8_t>(value.type));
    put_u64(text, static_cast<uint64_t>(value.number));
    put_text(text, value.bytes);
  }
  return hash64(text);
}

/// Keeps the first of each set of equal rows among [begin, end), which have the same ids and start.
std::vector<RowRef>::iterator collapse_group(std::vector<RowRef>::iterator begin, std::vector<RowRef>::iterator end) {
  const bool by_hash = static_cast<size_t>(end - begin) > kComparedPairwiseMax;
  std::unordered_multimap<uint64_t, RowRef> kept_by_hash;
  auto kept = begin;
  for (auto row = begin; row != end; ++row) {
    const auto equals = [&](const RowRef& other) {
      return data::rows_equal(*row->batch, row->row, *other.batch, other.row);
    };
    bool known = false;
    if (by_hash) {
      const uint64_t hash = hash_of(*row);
      const auto [from, to] = kept_by_hash.equal_range(hash);
      known = std::any_of(from, to, [&](const auto& entry) { return equals(entry.second); });
      if (!known) kept_by_hash.emplace(hash, *row);
    } else {
      known = std::any_of(begin, kept, equals);
    }
    if (!known) *kept++ = *row;
  }
  return kept;
}

void sort_rows(std::vector<RowRef>& rows) {
  if (std::ssize(rows) > kInsertedRowsMax) {
    std::ranges::stable_sort(rows, before);
    return;
  }
  for (auto row = rows.begin(); row != rows.end(); ++row) {
    const RowRef moved = *row;
    auto place = row;
    for (; place != rows.begin() && before(moved, *(place - 1)); --place) *place = *(place - 1);
    *place = moved;
  }
}

}  // namespace

bool sort_and_find_copies(std::vector<RowRef>& rows) {
  sort_rows(rows);
  return std::ranges::adjacent_find(rows, same_place) != rows.end();
}

void sort_and_collapse(std::vector<RowRef>& rows) {
  sort_rows(rows);
  auto kept = rows.begin();
  for (auto begin = rows.begin(); begin != rows.end();) {
    auto end = begin + 1;
    while (end != rows.end() && same_place(*begin, *end)) ++end;
    const auto group_end = end - begin == 1 ? end : collapse_group(begin, end);
    kept = std::move(begin, group_end, kept);
    begin = end;
  }
  rows.erase(kept, rows.end());
}

}  // namespace sextant::persist
