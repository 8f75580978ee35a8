#include "persist/segment/segment_names.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "persist/format/bytes.h"
#include "persist/format/limits.h"
#include "persist/stripe/rare_values.h"

namespace sextant::persist {
namespace {

using data::AttributeScope;

std::optional<AttributeScope> scope_of(ColumnFamily family) {
  switch (family) {
    case ColumnFamily::kSpanAttribute:
      return AttributeScope::kSpan;
    case ColumnFamily::kEventAttribute:
      return AttributeScope::kEvent;
    case ColumnFamily::kLinkAttribute:
      return AttributeScope::kLink;
    default:
      return std::nullopt;
  }
}

/// The values of a column, the most frequent ones by name.
void add_column(NamesTable& names, AttributeScope scope, std::string_view key, const ColumnDictionaries::Column& column,
                const SegmentValues& values) {
  // Frequent ones in front, of equal ones those seen first: as one number, which is compared at once.
  std::vector<uint64_t> order(column.values.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = uint64_t{~column.counts[i]} << 32 | i;
  const size_t listed = std::min<size_t>(order.size(), kValuesKeptMax);
  if (listed < order.size()) std::ranges::nth_element(order, order.begin() + static_cast<ptrdiff_t>(listed));
  // Those that are not listed are counted by type only, in the order in which they lie in memory.
  auto unlisted = column.direct;
  const auto count_of_type = [&](data::ValueType type) -> uint64_t& { return unlisted[static_cast<size_t>(type)]; };
  for (size_t i = 0; i < order.size(); ++i) count_of_type(values.type_of(column.values[i])) += column.counts[i];
  for (size_t i = 0; i < listed; ++i) {
    const auto place = static_cast<uint32_t>(order[i]);
    const StoredValue value = values.stored(column.values[place]);
    if (value.in_texts) continue;
    names.count_value(scope, key, value.view(), column.counts[place]);
    count_of_type(value.type) -= column.counts[place];
  }
  for (size_t type = 0; type < unlisted.size(); ++type) {
    if (unlisted[type] == 0) continue;
    names.count_unlisted(scope, key, static_cast<data::ValueType>(type), unlisted[type]);
  }
}

/// Attributes of resources or scopes, each counted for all its spans.
void add_list(NamesTable& names, AttributeScope scope, const data::Batch& globals, const data::AttributeList& list,
              uint64_t count) {
  if (count == 0) return;
  const auto keys = globals.shapes.keys_of(list.shape);
  const auto values = globals.values_of(list);
  for (size_t i = 0; i < keys.size(); ++i) {
    names.count_value(scope, globals.keys.text(keys[i]), globals.values.view(values[i]), count);
  }
}

void count_at(std::vector<uint64_t>& counts, uint64_t index) {
  if (index >= counts.size()) counts.resize(index + 1);
  ++counts[index];
}

}  // namespace

void OperationCounter::count(const StripeWriter& stripe) {
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    const Operation operation{static_cast<uint32_t>(stripe.resources()[row]), stripe.names()[row],
                              static_cast<uint32_t>(stripe.kinds()[row])};
    const auto fresh = static_cast<uint32_t>(counts_.size());
    const uint32_t known = table_.find_or_insert(hash_of(operation), fresh,
                                                 [&](uint32_t other) { return counts_[other].first == operation; });
    if (known == data::CodeTable::kNone) {
      counts_.emplace_back(operation, 1);
    } else {
      ++counts_[known].second;
    }
    count_at(resources_, stripe.resources()[row]);
    count_at(scopes_, stripe.scopes()[row]);
  }
}

std::string service_of(const data::Batch& globals, uint32_t resource) {
  const data::ValueView service = globals.attribute(globals.resources[resource].attributes, "service.name");
  return service.type == data::ValueType::kString ? std::string(service.bytes) : std::string();
}

NamesTable names_of(const SegmentTables& tables, const OperationCounter& operations) {
  NamesTable names;
  const data::Batch& globals = tables.globals();
  for (const auto& [operation, count] : operations.counts()) {
    // A name that was not remembered is longer than any list shows.
    const auto name = tables.name_text(operation.name);
    const std::string text = name ? std::string(*name) : std::string(kRunTextBytesMax + 1, ' ');
    names.count_operation(
        {service_of(globals, operation.resource), text, static_cast<int32_t>(unzigzag(operation.kind))}, count);
  }
  for (size_t i = 0; i < operations.resources().size(); ++i) {
    add_list(names, AttributeScope::kResource, globals, globals.resources[i].attributes, operations.resources()[i]);
  }
  for (size_t i = 0; i < operations.scopes().size(); ++i) {
    add_list(names, AttributeScope::kScope, globals, globals.scopes[i].attributes, operations.scopes()[i]);
  }
  for (uint32_t i = 0; i < tables.dictionaries().column_count(); ++i) {
    const ColumnDictionaries::Column& column = tables.dictionaries().column(i);
    const auto scope = scope_of(column.id.family);
    if (scope && column.id.number != kRareColumn)
      add_column(names, *scope, globals.keys.text(column.id.number), column, tables.values());
  }
  names.shrink();
  return names;
}

}  // namespace sextant::persist
