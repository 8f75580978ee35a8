// Batches of random spans with every kind of value, event and link, from a seed. Header only, so that only tests that
// use it depend on data/model.
#pragma once

#include <string>

#include "base/sys/random.h"
#include "data/model/batch.h"
#include "tests/support/span_maker.h"

namespace sextant::testing {

inline std::string random_text(SeededRandom& random) {
  switch (random.below(8)) {
    case 0:
      return {};
    case 1:
      return std::string(200 + random.below(400), static_cast<char>('a' + random.below(26)));
    case 2:
      return std::string("nul\0 and \xff", 10);
    default:
      return "text " + std::to_string(random.below(6));
  }
}

inline data::ValueCode random_value(data::Batch& batch, SeededRandom& random) {
  using data::ValueView;
  switch (random.below(9)) {
    case 0:
      return batch.values.intern(ValueView::boolean(random.below(2) == 0));
    case 1:
      return batch.values.intern(ValueView::integer(static_cast<int64_t>(random.next())));
    case 2:
      return batch.values.intern(ValueView::real(random.unit() * 1e6 - 5e5));
    case 3:
      return batch.values.intern(ValueView::raw(random_text(random)));
    case 4:
      return batch.values.intern(ValueView::empty());
    case 5: {
      data::NestedWriter list;
      data::NestedWriter map;
      map.key("k");
      map.value(ValueView::integer(static_cast<int64_t>(random.below(5))));
      list.value({data::ValueType::kMap, 0, map.bytes()});
      list.value(ValueView::string(random_text(random)));
      return batch.values.intern({data::ValueType::kArray, 0, list.bytes()});
    }
    default:
      return batch.values.intern_string(random_text(random));
  }
}

inline data::AttributeList random_list(data::Batch& batch, SeededRandom& random, uint64_t keys_max) {
  data::AttributeList list{data::ShapeTable::kEmpty, static_cast<uint32_t>(batch.attribute_values.size())};
  for (uint64_t i = random.below(keys_max + 1); i > 0; --i) {
    list.shape = batch.shapes.extend(list.shape, "key" + std::to_string(random.below(8)), batch.keys);
    batch.attribute_values.push_back(random_value(batch, random));
  }
  return list;
}

inline void add_random_links(data::Batch& batch, SeededRandom& random) {
  for (uint64_t i = random.below(3); i > 0; --i) {
    batch.links.trace_id.push_back(trace_id(random.next()));
    batch.links.span_id.push_back(span_id(random.next()));
    batch.links.trace_state.push_back(batch.values.intern_string(random_text(random)));
    batch.links.flags.push_back(static_cast<uint32_t>(random.next()));
    batch.links.attributes.push_back(random_list(batch, random, 2));
    batch.links.dropped_attributes.push_back(static_cast<uint32_t>(random.below(3)));
  }
  batch.spans.links_end.push_back(static_cast<uint32_t>(batch.links.span_id.size()));
}

inline void add_random_events(data::Batch& batch, SeededRandom& random) {
  for (uint64_t i = random.below(3); i > 0; --i) {
    batch.events.time_unix_nanos.push_back(random.next());
    batch.events.name.push_back(batch.values.intern_string(random_text(random)));
    batch.events.attributes.push_back(random_list(batch, random, 3));
    batch.events.dropped_attributes.push_back(static_cast<uint32_t>(random.below(3)));
  }
  batch.spans.events_end.push_back(static_cast<uint32_t>(batch.events.name.size()));
}

/// Times reach from 1970 to 2554, ends may lie before starts, numbers of kinds are any.
inline data::Batch random_batch(uint64_t seed, uint64_t spans) {
  SeededRandom random(seed);
  data::Batch batch;
  for (int i = 0; i < 3; ++i) {
    batch.resources.push_back({random_list(batch, random, 4), static_cast<uint32_t>(random.below(4)),
                               batch.values.intern_string(random_text(random))});
    batch.scopes.push_back({batch.values.intern_string(random_text(random)),
                            batch.values.intern_string(random_text(random)), random_list(batch, random, 2),
                            static_cast<uint32_t>(random.below(4)), batch.values.intern_string(random_text(random))});
  }
  data::SpanColumns& s = batch.spans;
  for (uint64_t i = 0; i < spans; ++i) {
    s.trace_id.push_back(trace_id(1 + random.below(5)));
    s.span_id.push_back(span_id(random.next()));
    s.parent_span_id.push_back(span_id(random.below(3)));
    s.start_unix_nanos.push_back(random.below(4) == 0 ? random.next() : random.below(1000));
    s.end_unix_nanos.push_back(random.below(4) == 0 ? random.next() : random.below(2000));
    s.name.push_back(batch.values.intern_string(random_text(random)));
    s.trace_state.push_back(batch.values.intern_string(random_text(random)));
    s.status_message.push_back(batch.values.intern_string(random_text(random)));
    s.kind.push_back(static_cast<int32_t>(random.next()));
    s.status.push_back(static_cast<int32_t>(random.below(3)));
    s.flags.push_back(static_cast<uint32_t>(random.next()));
    s.resource.push_back(static_cast<uint32_t>(random.below(3)));
    s.scope.push_back(static_cast<uint32_t>(random.below(3)));
    s.attributes.push_back(random_list(batch, random, 6));
    s.dropped_attributes.push_back(static_cast<uint32_t>(random.below(3)));
    s.dropped_events.push_back(static_cast<uint32_t>(random.below(3)));
    s.dropped_links.push_back(static_cast<uint32_t>(random.below(3)));
    add_random_events(batch, random);
    add_random_links(batch, random);
  }
  return batch;
}

}  // namespace sextant::testing
