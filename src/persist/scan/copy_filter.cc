#include "persist/scan/copy_filter.h"

#include <algorithm>
#include <cstring>

#include "base/core/hash.h"

namespace sextant::persist {
namespace {

constexpr size_t kCountedSlotsMin = 1024;

/// Seeds that keep lists of different kinds apart.
enum Seed : uint64_t { kRow = 1, kShape, kList, kResource, kScope, kEvents, kLinks };

/// A hash of what was put in so far, in order.
class Mixer {
 public:
  explicit Mixer(Seed seed) : state_(seed) {}
  Mixer& put(uint64_t value) {
    state_ = (std::rotl(state_, 23) ^ value) * 0x9E3779B97F4A7C15;
    state_ ^= state_ >> 32;
    return *this;
  }
  template <size_t Size>
  Mixer& put(const data::Id<Size>& id) {
    static_assert(Size % 8 == 0);
    for (size_t at = 0; at < Size; at += 8) {
      uint64_t word;
      std::memcpy(&word, id.bytes.data() + at, 8);
      put(word);
    }
    return *this;
  }
  /// Never 0, which stands for "not asked for yet".
  uint64_t take() const { return (state_ * 0xBF58476D1CE4E5B9) | 1ULL << 63; }

 private:
  uint64_t state_;
};

/// The hash kept for `index`, or what `compute` makes.
template <typename Compute>
uint64_t remembered(std::vector<uint64_t>& known, size_t index, size_t size, const Compute& compute) {
  if (known.empty()) known.resize(size);
  if (known[index] == 0) known[index] = compute();
  return known[index];
}

}  // namespace

void CountedRows::grow() {
  const std::vector<uint64_t> old = std::move(slots_);
  slots_.assign(std::max(kCountedSlotsMin, old.size() * 2), 0);
  for (const uint64_t hash : old) {
    if (hash != 0) place_of(hash) = hash;
  }
}

uint64_t RowHasher::hash_of(data::ValueCode code) {
  return remembered(values_, code, batch_.values.size(), [&] {
    const data::ValueView value = batch_.values.view(code);
    return Mixer(kRow)
        .put(static_cast<uint64_t>(value.number))
        .put(hash64(value.bytes, static_cast<uint64_t>(value.type)))
        .take();
  });
}

uint64_t RowHasher::hash_of_shape(data::ShapeId shape) {
  return remembered(shapes_, shape, batch_.shapes.size(), [&] {
    Mixer mixer(kShape);
    for (const data::KeyCode key : batch_.shapes.keys_of(shape)) mixer.put(hash64(batch_.keys.text(key)));
    return mixer.take();
  });
}

uint64_t RowHasher::hash_of(const data::AttributeList& list) {
  Mixer mixer(kList);
  mixer.put(hash_of_shape(list.shape));
  for (const data::ValueCode code : batch_.values_of(list)) mixer.put(hash_of(code));
  return mixer.take();
}

uint64_t RowHasher::hash_of_resource(uint32_t index) {
  return remembered(resources_, index, batch_.resources.size(), [&] {
    const data::Resource& resource = batch_.resources[index];
    return Mixer(kResource)
        .put(hash_of(resource.attributes))
        .put(resource.dropped_attributes)
        .put(hash_of(resource.schema_url))
        .take();
  });
}

uint64_t RowHasher::hash_of_scope(uint32_t index) {
  return remembered(scopes_, index, batch_.scopes.size(), [&] {
    const data::Scope& scope = batch_.scopes[index];
    return Mixer(kScope)
        .put(hash_of(scope.name))
        .put(hash_of(scope.version))
        .put(hash_of(scope.attributes))
        .put(scope.dropped_attributes)
        .put(hash_of(scope.schema_url))
        .take();
  });
}

uint64_t RowHasher::hash_of_events(uint32_t row) {
  const data::RowRange range = batch_.events_of(row);
  Mixer mixer(kEvents);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    mixer.put(batch_.events.time_unix_nanos[i]).put(hash_of(batch_.events.name[i]));
    mixer.put(hash_of(batch_.events.attributes[i])).put(batch_.events.dropped_attributes[i]);
  }
  return mixer.take();
}

uint64_t RowHasher::hash_of_links(uint32_t row) {
  const data::RowRange range = batch_.links_of(row);
  Mixer mixer(kLinks);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    mixer.put(batch_.links.trace_id[i]).put(batch_.links.span_id[i]).put(hash_of(batch_.links.trace_state[i]));
    mixer.put(batch_.links.flags[i]).put(hash_of(batch_.links.attributes[i]));
    mixer.put(batch_.links.dropped_attributes[i]);
  }
  return mixer.take();
}

uint64_t RowHasher::hash(uint32_t row) {
  const data::SpanColumns& s = batch_.spans;
  Mixer mixer(kRow);
  mixer.put(s.trace_id[row]).put(s.span_id[row]).put(s.parent_span_id[row]);
  mixer.put(s.start_unix_nanos[row]).put(s.end_unix_nanos[row]);
  mixer.put(hash_of(s.name[row])).put(hash_of(s.trace_state[row])).put(hash_of(s.status_message[row]));
  mixer.put(static_cast<uint32_t>(s.kind[row])).put(static_cast<uint32_t>(s.status[row])).put(s.flags[row]);
  mixer.put(s.dropped_attributes[row]).put(s.dropped_events[row]).put(s.dropped_links[row]);
  mixer.put(hash_of_resource(s.resource[row])).put(hash_of_scope(s.scope[row])).put(hash_of(s.attributes[row]));
  return mixer.put(hash_of_events(row)).put(hash_of_links(row)).take();
}

}  // namespace sextant::persist
