#include "persist/format/names_table.h"

#include <algorithm>

#include "persist/format/bytes.h"
#include "persist/format/limits.h"

namespace sextant::persist {

using data::AttributeList;
using data::AttributeScope;
using data::Batch;
using data::ValueType;
using data::ValueView;

/// Pairs (key code, value code) of one batch with their counts: gathered in any order, then sorted and added up.
struct NamesTable::PairCounter {
  struct Pair {
    uint64_t codes;  // key in the upper half
    uint64_t count;
  };
  std::vector<Pair> pairs;
  std::vector<data::KeyCode> keys;  // of the list at hand

  void add(const Batch& batch, const AttributeList& list, uint64_t count) {
    const auto values = batch.values_of(list);
    if (values.empty()) return;
    keys.resize(values.size());
    batch.shapes.keys_of(list.shape, keys);
    for (size_t i = 0; i < values.size(); ++i) {
      pairs.push_back({static_cast<uint64_t>(keys[i]) << 32 | values[i], count});
    }
  }
};

void NamesTable::add(const Batch& batch) {
  add_operations(batch);
  std::vector<uint64_t> resource_rows(batch.resources.size());
  std::vector<uint64_t> scope_rows(batch.scopes.size());
  PairCounter pairs;
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    ++resource_rows[batch.spans.resource[row]];
    ++scope_rows[batch.spans.scope[row]];
    pairs.add(batch, batch.spans.attributes[row], 1);
  }
  add_pairs(batch, AttributeScope::kSpan, pairs);
  for (size_t i = 0; i < resource_rows.size(); ++i) pairs.add(batch, batch.resources[i].attributes, resource_rows[i]);
  add_pairs(batch, AttributeScope::kResource, pairs);
  for (size_t i = 0; i < scope_rows.size(); ++i) pairs.add(batch, batch.scopes[i].attributes, scope_rows[i]);
  add_pairs(batch, AttributeScope::kScope, pairs);
  for (const AttributeList& list : batch.events.attributes) pairs.add(batch, list, 1);
  add_pairs(batch, AttributeScope::kEvent, pairs);
  for (const AttributeList& list : batch.links.attributes) pairs.add(batch, list, 1);
  add_pairs(batch, AttributeScope::kLink, pairs);
}

void NamesTable::add_operations(const Batch& batch) {
  struct Group {
    uint64_t codes;  // resource in the upper half, name in the lower
    int32_t kind;
    auto operator<=>(const Group&) const = default;
  };
  std::vector<Group> groups(batch.span_count());
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    groups[row] = {static_cast<uint64_t>(batch.spans.resource[row]) << 32 | batch.spans.name[row],
                   batch.spans.kind[row]};
  }
  std::ranges::sort(groups);
  for (size_t begin = 0; begin < groups.size();) {
    size_t end = begin;
    while (end < groups.size() && groups[end] == groups[begin]) ++end;
    const Group& group = groups[begin];
    const ValueView service = batch.attribute(batch.resources[group.codes >> 32].attributes, "service.name");
    const std::string_view name = batch.values.text(static_cast<data::ValueCode>(group.codes));
    Operation operation{service.type == ValueType::kString ? std::string(service.bytes) : std::string(),
                        std::string(name), group.kind};
    count_operation(std::move(operation), end - begin);
    begin = end;
  }
}

void NamesTable::count_operation(Operation operation, uint64_t count) {
  if (operation.service.size() > kRunTextBytesMax || operation.name.size() > kRunTextBytesMax ||
      (operations_.size() >= kOperationsMax && !operations_.contains(operation))) {
    operations_truncated_ = true;
  } else {
    operations_[std::move(operation)] += count;
  }
}

void NamesTable::count_value(AttributeScope scope, std::string_view key, const ValueView& value, uint64_t count) {
  if (Key* entry = key_entry(scope, key)) add_value(*entry, value, count);
}

void NamesTable::count_unlisted(AttributeScope scope, std::string_view key, ValueType type, uint64_t count) {
  Key* entry = key_entry(scope, key);
  if (entry == nullptr) return;
  entry->count_by_type[static_cast<size_t>(type)] += count;
  entry->values_truncated = true;
}

void NamesTable::add_pairs(const Batch& batch, AttributeScope scope, PairCounter& pairs) {
  std::ranges::sort(pairs.pairs, {}, &PairCounter::Pair::codes);
  Key* key = nullptr;
  uint64_t key_code = UINT64_MAX;
  for (size_t begin = 0; begin < pairs.pairs.size();) {
    const uint64_t codes = pairs.pairs[begin].codes;
    uint64_t count = 0;
    size_t end = begin;
    for (; end < pairs.pairs.size() && pairs.pairs[end].codes == codes; ++end) count += pairs.pairs[end].count;
    begin = end;
    if (count == 0) continue;  // a resource without spans
    if (codes >> 32 != key_code) {
      key_code = codes >> 32;
      key = key_entry(scope, batch.keys.text(static_cast<data::KeyCode>(key_code)));
    }
    if (key != nullptr) add_value(*key, batch.values.view(static_cast<data::ValueCode>(codes)), count);
  }
  pairs.pairs.clear();
}

NamesTable::Key* NamesTable::key_entry(AttributeScope scope, std::string_view text) {
  auto& keys = keys_[static_cast<size_t>(scope)];
  const auto known = keys.find(text);
  if (known != keys.end()) return &known->second;
  if (keys.size() >= kKeysMax || text.size() > kRunTextBytesMax) {
    keys_truncated_ = true;
    return nullptr;
  }
  return &keys[std::string(text)];
}

void NamesTable::add_value(Key& key, const ValueView& value, uint64_t count) {
  key.count_by_type[static_cast<size_t>(value.type)] += count;
  // With very many values the frequent ones are not to be found cheaply, and of little use: counting ends.
  if (value.bytes.size() > kListedValueBytesMax || value.type >= ValueType::kBytes) {
    key.values_truncated = true;
    return;
  }
  if (key.values.size() >= kValuesCountedMax) {
    key.values_truncated = true;
    return;
  }
  key.values[{value.type, value.number, std::string(value.bytes)}] += count;
}

void NamesTable::merge(const NamesTable& other) {
  for (const auto& [operation, count] : other.operations_) {
    if (operations_.size() >= kOperationsMax && !operations_.contains(operation)) {
      operations_truncated_ = true;
    } else {
      operations_[operation] += count;
    }
  }
  for (size_t scope = 0; scope < kScopes; ++scope) {
    for (const auto& [text, from] : other.keys_[scope]) {
      Key* key = key_entry(static_cast<AttributeScope>(scope), text);
      if (key == nullptr) continue;
      for (size_t type = 0; type < from.count_by_type.size(); ++type) {
        key->count_by_type[type] += from.count_by_type[type];
      }
      key->values_truncated = key->values_truncated || from.values_truncated;
      for (const auto& [value, count] : from.values) {
        const auto known = key->values.find(value);
        if (known != key->values.end()) {
          known->second += count;
        } else if (key->values.size() < kValuesCountedMax) {
          key->values[value] = count;
        } else {
          key->values_truncated = true;
        }
      }
    }
  }
  operations_truncated_ = operations_truncated_ || other.operations_truncated_;
  keys_truncated_ = keys_truncated_ || other.keys_truncated_;
}

void NamesTable::shrink() {
  for (auto& keys : keys_) {
    for (auto& [text, key] : keys) {
      if (key.values.size() <= kValuesKeptMax) continue;
      std::vector<uint64_t> counts;
      for (const auto& [value, count] : key.values) counts.push_back(count);
      std::ranges::nth_element(counts, counts.begin() + kValuesKeptMax - 1, std::greater<>());
      const uint64_t least = counts[kValuesKeptMax - 1];
      size_t room = kValuesKeptMax;
      for (const uint64_t count : counts) room -= count > least ? 1 : 0;
      std::erase_if(key.values, [&](const auto& entry) {
        if (entry.second != least) return entry.second < least;
        if (room == 0) return true;
        --room;
        return false;
      });
      key.values_truncated = true;
    }
  }
}

void NamesTable::encode(std::string& out) const {
  put_u8(out, static_cast<uint8_t>((operations_truncated_ ? 1 : 0) | (keys_truncated_ ? 2 : 0)));
  put_varint(out, operations_.size());
  for (const auto& [operation, count] : operations_) {
    put_text(out, operation.service);
    put_text(out, operation.name);
    put_varint(out, zigzag(operation.kind));
    put_varint(out, count);
  }
  for (const auto& keys : keys_) {
    put_varint(out, keys.size());
    for (const auto& [text, key] : keys) {
      put_text(out, text);
      for (const uint64_t count : key.count_by_type) put_varint(out, count);
      put_u8(out, key.values_truncated ? 1 : 0);
      put_varint(out, key.values.size());
      for (const auto& [value, count] : key.values) {
        put_u8(out, static_cast<uint8_t>(value.type));
        put_varint(out, zigzag(value.number));
        put_text(out, value.bytes);
        put_varint(out, count);
      }
    }
  }
}

namespace {

NamesTable::Key take_key(ByteReader& in) {
  NamesTable::Key key;
  for (uint64_t& count : key.count_by_type) count = in.varint();
  key.values_truncated = in.varint_max(1) == 1;
  const uint64_t values = in.count(4, kValuesCountedMax);
  for (uint64_t i = 0; i < values && !in.failed(); ++i) {
    ListedValue value;
    value.type = static_cast<ValueType>(in.varint_max(data::kValueTypeLast));
    value.number = unzigzag(in.varint());
    value.bytes = in.text(kListedValueBytesMax);
    key.values[std::move(value)] = in.varint();
  }
  return key;
}

}  // namespace

Result<NamesTable> NamesTable::decode(std::string_view bytes) {
  NamesTable table;
  ByteReader in(bytes);
  const uint64_t flags = in.varint_max(3);
  table.operations_truncated_ = (flags & 1) != 0;
  table.keys_truncated_ = (flags & 2) != 0;
  const uint64_t operations = in.count(4, kOperationsMax);
  for (uint64_t i = 0; i < operations && !in.failed(); ++i) {
    Operation operation;
    operation.service = in.text(kRunTextBytesMax);
    operation.name = in.text(kRunTextBytesMax);
    const int64_t kind = unzigzag(in.varint_max(UINT32_MAX));
    operation.kind = static_cast<int32_t>(kind);
    table.operations_[std::move(operation)] = in.varint();
  }
  for (auto& keys : table.keys_) {
    const uint64_t count = in.count(11, kKeysMax);
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
      std::string text(in.text(kRunTextBytesMax));
      keys[std::move(text)] = take_key(in);
    }
  }
  if (in.failed() || !in.at_end()) {
    return fail(ErrorCode::kDataLoss, "the bytes of a table of names do not follow the format");
  }
  return table;
}

}  // namespace sextant::persist
