// Lists names, from the tables that heads and segments keep; no spans are read. Names of deleted spans are listed until
// sealing and merging have left the spans out.
#include <algorithm>
#include <map>
#include <tuple>

#include "persist/scan/scan_context.h"

namespace sextant::persist {
namespace {

using data::AttributeScope;
using data::Name;
using data::NamesSpec;

/// What makes two names one.
auto identity(const Name& name) {
  return std::tie(name.service, name.text, name.kind, name.scope, name.type, name.number);
}
struct Before {
  bool operator()(const Name& a, const Name& b) const { return identity(a) < identity(b); }
};

/// Adds up what several tables say. Thread-confined.
class NamesCollector {
 public:
  explicit NamesCollector(const NamesSpec& spec) : spec_(spec) {}

  void add(const NamesTable& table) {
    switch (spec_.of) {
      case NamesSpec::Of::kServices:
      case NamesSpec::Of::kOperations:
        add_operations(table);
        truncated_ = truncated_ || table.operations_truncated();
        break;
      case NamesSpec::Of::kAttributeKeys:
      case NamesSpec::Of::kAttributeValues:
        for (uint8_t scope = 0; scope <= static_cast<uint8_t>(AttributeScope::kLink); ++scope) {
          add_keys(table, static_cast<AttributeScope>(scope));
        }
        truncated_ = truncated_ || (spec_.of == NamesSpec::Of::kAttributeKeys && table.keys_truncated());
        break;
    }
  }

  data::NamesEnd finish() {
    data::NamesEnd end;
    for (const auto& [name, count] : counts_) {
      end.names.push_back(name);
      end.names.back().count = count;
    }
    std::ranges::stable_sort(end.names, std::greater<>(), &Name::count);
    end.truncated = truncated_ || end.names.size() > spec_.names_max;
    if (end.names.size() > spec_.names_max) end.names.resize(spec_.names_max);
    return end;
  }

 private:
  void add_operations(const NamesTable& table) {
    for (const auto& [operation, count] : table.operations()) {
      Name name;
      if (spec_.of == NamesSpec::Of::kServices) {
        name.text = operation.service;
      } else if (spec_.service.empty() || spec_.service == operation.service) {
        name.service = operation.service;
        name.text = operation.name;
        name.kind = operation.kind;
      } else {
        continue;
      }
      counts_[std::move(name)] += count;
    }
  }

  void add_keys(const NamesTable& table, AttributeScope scope) {
    if (spec_.scope && *spec_.scope != scope) return;
    const auto& keys = table.keys(scope);
    if (spec_.of == NamesSpec::Of::kAttributeValues) {
      const auto key = keys.find(spec_.key);
      if (key == keys.end()) return;
      truncated_ = truncated_ || key->second.values_truncated;
      for (const auto& [value, count] : key->second.values) {
        Name name;
        name.text = value.bytes;
        name.scope = scope;
        name.type = value.type;
        name.number = value.number;
        counts_[std::move(name)] += count;
      }
      return;
    }
    for (const auto& [text, key] : keys) {
      for (size_t type = 0; type < key.count_by_type.size(); ++type) {
        if (key.count_by_type[type] == 0) continue;
        Name name;
        name.text = text;
        name.scope = scope;
        name.type = static_cast<data::ValueType>(type);
        counts_[std::move(name)] += key.count_by_type[type];
      }
    }
  }

  const NamesSpec& spec_;
  std::map<Name, uint64_t, Before> counts_;
  bool truncated_ = false;
};

}  // namespace

Result<data::NamesEnd> scan_names(const Snapshot& snapshot, const NamesSpec& spec, const ScanServices& services) {
  ScanContext context(snapshot, services, UINT64_MAX, {});
  NamesCollector collector(spec);
  for (uint32_t number = 0; number < context.segment_count(); ++number) {
    const SegmentInfo& info = context.segment(number).info();
    if (!spec.time.overlaps(info.start_min, info.end_max)) continue;
    const Result<NamesTable> names = context.segment(number).read_names();
    if (names) {
      collector.add(*names);
    } else {
      TRY(context.note_damage(names.error()));
    }
    // What was found damaged before is still to be said.
    context.contents(number);
  }
  for (const auto& head : snapshot.heads) {
    const HeadTable::Totals totals = head->totals();
    if (totals.batches > 0 && spec.time.overlaps(totals.start_min, totals.end_max)) collector.add(head->names());
  }
  data::NamesEnd end = collector.finish();
  end.damages = std::move(context.end.damages);
  return end;
}

}  // namespace sextant::persist
