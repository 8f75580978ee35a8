#include "persist/format/batch_codec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/core/check.h"
#include "data/model/limits.h"
#include "persist/format/bytes.h"
#include "persist/format/columns.h"
#include "persist/format/limits.h"
#include "persist/format/shared_prefixes.h"

namespace sextant::persist {
namespace {

using data::AttributeList;
using data::Batch;
using data::SpanId;
using data::TraceId;
using data::ValueCode;
using data::ValueType;
using data::ValueView;

static_assert(sizeof(TraceId) == 16 && sizeof(SpanId) == 8, "ids are copied as they lie in memory");

/// First byte of an encoded batch: changes with the format.
constexpr uint8_t kCodec = 1;

/// Which numbers stand together: one double would make a column of lengths eight bytes wide.
enum class ValueKind : uint8_t { kEmpty, kBytes, kInteger, kDouble };
constexpr size_t kValueKinds = 4;

ValueKind kind_of(ValueType type) {
  switch (type) {
    case ValueType::kEmpty:
      return ValueKind::kEmpty;
    case ValueType::kBool:
    case ValueType::kInt:
      return ValueKind::kInteger;
    case ValueType::kDouble:
      return ValueKind::kDouble;
    default:
      return ValueKind::kBytes;
  }
}

// ---- Writing

/// Puts the parts of a batch behind each other. Thread-confined, used once.
class BatchEncoder {
 public:
  BatchEncoder(const Batch& batch, std::string& out) : batch_(batch), out_(out) {}

  void encode() {
    out_.room(expected_bytes());
    out_.u8(kCodec);
    for (const uint64_t count :
         {uint64_t{batch_.values.size()} - 1, uint64_t{batch_.keys.size()}, uint64_t{batch_.shapes.size()} - 1,
          uint64_t{batch_.resources.size()}, uint64_t{batch_.scopes.size()}, uint64_t{batch_.span_count()},
          uint64_t{batch_.events.name.size()}, uint64_t{batch_.links.span_id.size()}}) {
      out_.varint(count);
    }
    put_values();
    put_keys_and_shapes();
    put_resources_and_scopes();
    put_spans();
    put_events_and_links();
    out_.finish();
  }

 private:
  /// So that the buffer seldom grows; too little costs time only.
  uint64_t expected_bytes() const {
    constexpr uint64_t kSpanBytes = 48;
    constexpr uint64_t kOther = 4096;
    return batch_.values.all_bytes().size() + batch_.values.size() + 2 * batch_.attribute_values.size() +
           kSpanBytes * batch_.span_count() + 4 * batch_.shapes.size() + kOther;
  }

  void put_values() {
    const data::ValueDictionary& values = batch_.values;
    const uint32_t count = values.size() - 1;
    // One walk over the dictionary, which is larger than the first-level cache.
    std::vector<uint8_t> types(count);
    std::array<std::vector<uint64_t>, kValueKinds> numbers;
    numbers[static_cast<size_t>(ValueKind::kBytes)].reserve(count);
    bool any_long = false;
    for (ValueCode code = 1; code <= count; ++code) {
      const ValueView value = values.view(code);
      types[code - 1] = static_cast<uint8_t>(value.type);
      numbers[static_cast<size_t>(kind_of(value.type))].push_back(number_of(value));
      any_long = any_long || value.bytes.size() >= kPrefixValueBytesMin;
    }
    put_column(types);
    for (const auto kind : {ValueKind::kBytes, ValueKind::kInteger, ValueKind::kDouble}) {
      put_column(numbers[static_cast<size_t>(kind)]);
    }
    if (!any_long) return out_.bytes(values.all_bytes());
    const std::vector<SharedPrefix> shared = find_shared_prefixes(values);
    put_numbers(out_, shared.size(), [&](size_t i) { return shared[i].back; });
    put_numbers(out_, shared.size(), [&](size_t i) { return shared[i].bytes; });
    size_t next = 0;
    for (ValueCode code = 1; code <= count; ++code) {
      const std::string_view bytes = values.view(code).bytes;
      out_.bytes(bytes.size() < kPrefixValueBytesMin ? bytes : bytes.substr(shared[next++].bytes));
    }
  }

  static uint64_t number_of(const ValueView& value) {
    if (kind_of(value.type) == ValueKind::kBytes) return value.bytes.size();
    return value.type == ValueType::kInt ? zigzag(value.number) : static_cast<uint64_t>(value.number);
  }

  void put_keys_and_shapes() {
    const auto& keys = batch_.keys;
    put_numbers(out_, keys.size(), [&](size_t i) { return keys.text(static_cast<data::KeyCode>(i)).size(); });
    for (data::KeyCode key = 0; key < keys.size(); ++key) out_.bytes(keys.text(key));
    const auto& shapes = batch_.shapes;
    const auto shape_at = [](size_t i) { return static_cast<data::ShapeId>(i + 1); };
    put_numbers(out_, shapes.size() - 1, [&](size_t i) { return shapes.parent(shape_at(i)); });
    put_numbers(out_, shapes.size() - 1, [&](size_t i) { return shapes.last_key(shape_at(i)); });
  }

  void put_resources_and_scopes() {
    const auto& resources = batch_.resources;
    put_lists(resources.size(), [&](size_t i) { return resources[i].attributes; });
    put_numbers(out_, resources.size(), [&](size_t i) { return resources[i].dropped_attributes; });
    put_numbers(out_, resources.size(), [&](size_t i) { return resources[i].schema_url; });
    const auto& scopes = batch_.scopes;
    put_numbers(out_, scopes.size(), [&](size_t i) { return scopes[i].name; });
    put_numbers(out_, scopes.size(), [&](size_t i) { return scopes[i].version; });
    put_lists(scopes.size(), [&](size_t i) { return scopes[i].attributes; });
    put_numbers(out_, scopes.size(), [&](size_t i) { return scopes[i].dropped_attributes; });
    put_numbers(out_, scopes.size(), [&](size_t i) { return scopes[i].schema_url; });
  }

  void put_spans() {
    const data::SpanColumns& s = batch_.spans;
    put_ids(s.span_id);
    put_ids(s.parent_span_id);
    put_trace_ids(s.trace_id);
    put_column(s.start_unix_nanos);
    put_numbers(out_, s.end_unix_nanos.size(), [&](size_t row) {
      return zigzag(static_cast<int64_t>(s.end_unix_nanos[row] - s.start_unix_nanos[row]));
    });
    put_column(s.name);
    put_column(s.trace_state);
    put_column(s.status_message);
    put_column(s.kind);
    put_column(s.status);
    put_column(s.flags);
    put_column(s.resource);
    put_column(s.scope);
    put_column(s.dropped_attributes);
    put_column(s.dropped_events);
    put_column(s.dropped_links);
    put_counts(s.events_end);
    put_counts(s.links_end);
    put_lists(s.attributes);
  }

  void put_events_and_links() {
    put_column(batch_.events.time_unix_nanos);
    put_column(batch_.events.name);
    put_column(batch_.events.dropped_attributes);
    put_lists(batch_.events.attributes);
    put_ids(batch_.links.trace_id);
    put_ids(batch_.links.span_id);
    put_column(batch_.links.trace_state);
    put_column(batch_.links.flags);
    put_column(batch_.links.dropped_attributes);
    put_lists(batch_.links.attributes);
  }

  template <typename T>
  void put_column(const std::vector<T>& column) {
    put_numbers(out_, column.size(), [&](size_t row) {
      if constexpr (std::is_signed_v<T>) {
        return zigzag(column[row]);
      } else {
        return static_cast<uint64_t>(column[row]);
      }
    });
  }

  template <typename Id>
  void put_ids(const std::vector<Id>& ids) {
    out_.bytes({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(Id)});
  }

  /// Distinct trace ids in order of appearance, and for each row which: rows of a trace often stand together.
  void put_trace_ids(const std::vector<TraceId>& ids) {
    std::vector<uint32_t> index(ids.size());
    std::vector<TraceId> seen;
    data::CodeTable table;
    for (size_t row = 0; row < ids.size(); ++row) {
      if (row > 0 && ids[row] == ids[row - 1]) {
        index[row] = index[row - 1];
        continue;
      }
      const auto next = static_cast<uint32_t>(seen.size());
      const uint32_t known =
          table.find_or_insert(data::IdHash()(ids[row]), next, [&](uint32_t other) { return seen[other] == ids[row]; });
      index[row] = known == data::CodeTable::kNone ? next : known;
      if (index[row] == next) seen.push_back(ids[row]);
    }
    out_.varint(seen.size());
    put_ids(seen);
    put_column(index);
  }

  void put_counts(const std::vector<uint32_t>& ends) {
    put_numbers(out_, ends.size(), [&](size_t row) { return ends[row] - (row == 0 ? 0 : ends[row - 1]); });
  }

  void put_lists(const std::vector<AttributeList>& lists) {
    put_lists(lists.size(), [&](size_t row) { return lists[row]; });
  }

  /// Shapes, then the codes of all values. Values mostly come for the first time, and then their codes ascend by one: a
  /// run of such codes is one number, any other code is one too.
  template <typename Get>
  void put_lists(size_t count, Get get) {
    put_numbers(out_, count, [&](size_t row) { return get(row).shape; });
    uint64_t expected = 1;
    uint64_t run = 0;
    for (size_t row = 0; row < count; ++row) {
      for (const ValueCode code : batch_.values_of(get(row))) {
        if (code == expected) {
          ++expected;
          ++run;
          continue;
        }
        if (run > 0) out_.varint(run << 1 | 1);
        run = 0;
        out_.varint(uint64_t{code} << 1);
        expected = std::max(expected, uint64_t{code} + 1);
      }
    }
    if (run > 0) out_.varint(run << 1 | 1);
  }

  const Batch& batch_;
  ByteWriter out_;
};

// ---- Reading

/// Takes the parts of a batch off the bytes, in the order in which they were put. A value that points to something that
/// is not there fails the reader. Thread-confined.
class BatchReader {
 public:
  explicit BatchReader(std::string_view bytes) : in_(bytes) {}

  Result<Batch> read() {
    if (in_.u8() != kCodec) return damage("unknown codec");
    const uint64_t value_count = in_.count(1, kBatchBytesMax);
    const uint64_t key_count = in_.count(1, kBatchBytesMax);
    const uint64_t shape_count = in_.count(2, kBatchBytesMax);
    const uint64_t resource_count = in_.count(3, kBatchBytesMax);
    const uint64_t scope_count = in_.count(5, kBatchBytesMax);
    const uint64_t span_count = in_.count(sizeof(SpanId), data::kBatchSpansMax);
    const uint64_t event_count = in_.count(1, kBatchBytesMax);
    const uint64_t link_count = in_.count(sizeof(TraceId), kBatchBytesMax);
    if (in_.failed()) return damage("counts");
    if (!read_values(value_count)) return damage("values");
    if (!read_keys_and_shapes(key_count, shape_count)) return damage("keys and shapes");
    if (!read_resources_and_scopes(resource_count, scope_count)) return damage("resources and scopes");
    if (!read_spans(span_count, event_count, link_count)) return damage("spans");
    if (!read_events(event_count) || !read_links(link_count)) return damage("events and links");
    if (!in_.at_end()) return damage("end");
    return std::move(batch_);
  }

 private:
  static std::unexpected<Error> damage(std::string_view where) {
    return fail(ErrorCode::kDataLoss, "the bytes of a batch do not follow the format ({})", where);
  }

  bool read_values(uint64_t count) {
    struct Value {
      ValueType type;
      uint64_t number;  // of a value with bytes: their count
    };
    std::vector<Value> values(count);
    read_numbers(in_, count, [&](uint64_t i, uint64_t type) {
      values[i].type = static_cast<ValueType>(type <= data::kValueTypeLast ? type : in_.fail());
    });
    if (in_.failed()) return false;
    uint64_t total = 0;
    uint64_t large = 0;
    for (const auto kind : {ValueKind::kBytes, ValueKind::kInteger, ValueKind::kDouble}) {
      std::vector<uint64_t> numbers(
          std::ranges::count_if(values, [&](const Value& v) { return kind_of(v.type) == kind; }));
      read_into(numbers.size(), [&](uint64_t i) -> uint64_t& { return numbers[i]; });
      auto number = numbers.begin();
      for (Value& value : values) {
        if (kind_of(value.type) == kind) value.number = *number++;
      }
    }
    for (Value& value : values) {
      if (value.type == ValueType::kInt) value.number = static_cast<uint64_t>(unzigzag(value.number));
      if (value.type == ValueType::kBool && value.number > 1) in_.fail();
      if (kind_of(value.type) != ValueKind::kBytes) continue;
      if (value.number > data::kValueBytesMax) in_.fail();
      total += value.number;
      large += value.number >= kPrefixValueBytesMin ? 1 : 0;
    }
    // What is shared is not there again: without this bound few bytes would unfold to any number.
    if (in_.failed() || total > kBatchBytesMax) return false;
    std::vector<SharedPrefix> shared(large);
    read_into(large, [&](uint64_t i) -> uint32_t& { return shared[i].back; });
    read_into(large, [&](uint64_t i) -> uint32_t& { return shared[i].bytes; });
    batch_.values.reserve(count, total);
    std::vector<ValueCode> donors;
    std::string whole;
    for (const Value& value : values) {
      ValueView view{value.type, static_cast<int64_t>(value.number), {}};
      if (kind_of(value.type) == ValueKind::kBytes) {
        view = {value.type, 0, value_bytes(value.number, shared, donors, whole)};
      }
      if (in_.failed() || !data::check_nested(view)) return false;
      // A value that is there already would shift every later code.
      const ValueCode expected = batch_.values.size();
      if (batch_.values.intern(view) != expected) return false;
    }
    return true;
  }

  /// The bytes of the next value: as they stand, or what it shares with an earlier one and its rest, put together in
  /// `whole`.
  std::string_view value_bytes(uint64_t size, const std::vector<SharedPrefix>& shared, std::vector<ValueCode>& donors,
                               std::string& whole) {
    if (size < kPrefixValueBytesMin) return in_.bytes(size);
    const size_t number = donors.size();
    const SharedPrefix prefix = shared[number];
    donors.push_back(batch_.values.size());
    if (prefix.back == 0 && prefix.bytes == 0) return in_.bytes(size);
    if (prefix.back == 0 || prefix.back > number || prefix.bytes > size) return in_.fail(), std::string_view{};
    const std::string_view donor = batch_.values.view(donors[number - prefix.back]).bytes;
    if (prefix.bytes > donor.size()) return in_.fail(), std::string_view{};
    whole.assign(donor.substr(0, prefix.bytes));
    whole.append(in_.bytes(size - prefix.bytes));
    return whole;
  }

  bool read_keys_and_shapes(uint64_t keys, uint64_t shapes) {
    std::vector<uint64_t> sizes(keys);
    read_numbers(in_, keys, [&](uint64_t i, uint64_t size) { sizes[i] = size; });
    for (uint64_t i = 0; i < keys; ++i) {
      const std::string_view key = in_.bytes(sizes[i]);
      if (in_.failed() || key.size() > data::kValueBytesMax || batch_.keys.intern(key) != i) return false;
    }
    std::vector<std::pair<uint32_t, uint32_t>> nodes(shapes);  // parent and key
    read_into(shapes, [&](uint64_t i) -> uint32_t& { return nodes[i].first; });
    read_into(shapes, [&](uint64_t i) -> uint32_t& { return nodes[i].second; });
    if (in_.failed()) return false;
    for (uint64_t i = 0; i < shapes; ++i) {
      const auto [parent, key] = nodes[i];
      if (parent > i || key >= keys) return false;  // shape 0 is there already, so ids run one ahead
      if (batch_.shapes.key_count(parent) >= data::kAttributesMax) return false;
      if (batch_.shapes.extend(parent, key) != i + 1) return false;
    }
    return true;
  }

  bool read_resources_and_scopes(uint64_t resources, uint64_t scopes) {
    auto& r = batch_.resources;
    r.resize(resources);
    read_lists(resources, [&](uint64_t i) -> AttributeList& { return r[i].attributes; });
    read_into(resources, [&](uint64_t i) -> uint32_t& { return r[i].dropped_attributes; });
    read_codes(resources, [&](uint64_t i) -> ValueCode& { return r[i].schema_url; });
    auto& s = batch_.scopes;
    s.resize(scopes);
    read_codes(scopes, [&](uint64_t i) -> ValueCode& { return s[i].name; });
    read_codes(scopes, [&](uint64_t i) -> ValueCode& { return s[i].version; });
    read_lists(scopes, [&](uint64_t i) -> AttributeList& { return s[i].attributes; });
    read_into(scopes, [&](uint64_t i) -> uint32_t& { return s[i].dropped_attributes; });
    read_codes(scopes, [&](uint64_t i) -> ValueCode& { return s[i].schema_url; });
    return !in_.failed();
  }

  bool read_spans(uint64_t count, uint64_t events, uint64_t links) {
    data::SpanColumns& s = batch_.spans;
    read_ids(s.span_id, count);
    read_ids(s.parent_span_id, count);
    if (!read_trace_ids(count)) return false;
    read_column(s.start_unix_nanos, count);
    s.end_unix_nanos.resize(count);
    read_numbers(in_, count, [&](uint64_t row, uint64_t duration) {
      s.end_unix_nanos[row] = s.start_unix_nanos[row] + static_cast<uint64_t>(unzigzag(duration));
    });
    read_texts(s.name, count);
    read_texts(s.trace_state, count);
    read_texts(s.status_message, count);
    read_column(s.kind, count);
    read_column(s.status, count);
    read_column(s.flags, count);
    read_column(s.resource, count, batch_.resources.size());
    read_column(s.scope, count, batch_.scopes.size());
    read_column(s.dropped_attributes, count);
    read_column(s.dropped_events, count);
    read_column(s.dropped_links, count);
    read_ends(s.events_end, count, events);
    read_ends(s.links_end, count, links);
    read_lists(s.attributes, count);
    return !in_.failed();
  }

  bool read_events(uint64_t count) {
    data::EventColumns& e = batch_.events;
    read_column(e.time_unix_nanos, count);
    read_texts(e.name, count);
    read_column(e.dropped_attributes, count);
    read_lists(e.attributes, count);
    return !in_.failed();
  }

  bool read_links(uint64_t count) {
    data::LinkColumns& l = batch_.links;
    read_ids(l.trace_id, count);
    read_ids(l.span_id, count);
    read_texts(l.trace_state, count);
    read_column(l.flags, count);
    read_column(l.dropped_attributes, count);
    read_lists(l.attributes, count);
    return !in_.failed();
  }

  template <typename Id>
  void read_ids(std::vector<Id>& ids, uint64_t count) {
    const std::string_view raw = in_.bytes(count * sizeof(Id));
    if (in_.failed() || count == 0) return;
    ids.resize(count);
    std::memcpy(ids.data(), raw.data(), raw.size());
  }

  bool read_trace_ids(uint64_t count) {
    std::vector<TraceId> distinct;
    read_ids(distinct, in_.count(sizeof(TraceId), count));
    std::vector<uint32_t> index;
    read_column(index, count, distinct.size());
    if (in_.failed()) return false;
    batch_.spans.trace_id.resize(count);
    for (uint64_t row = 0; row < count; ++row) batch_.spans.trace_id[row] = distinct[index[row]];
    return true;
  }

  /// A column of which each number is below `bound`.
  template <typename T>
  void read_column(std::vector<T>& column, uint64_t count, uint64_t bound = UINT64_MAX) {
    if (in_.failed()) return;
    column.resize(count);
    read_into(count, [&](uint64_t row) -> T& { return column[row]; }, bound);
  }

  template <typename At>
  void read_into(uint64_t count, At at, uint64_t bound = UINT64_MAX) {
    using T = std::remove_cvref_t<decltype(at(0))>;
    read_numbers(in_, count, [&](uint64_t row, uint64_t raw) {
      if constexpr (std::is_signed_v<T>) {
        const int64_t value = unzigzag(raw);
        if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) in_.fail();
        at(row) = static_cast<T>(value);
      } else {
        // Times may have any value.
        if (raw > std::numeric_limits<T>::max() || (raw >= bound && bound != UINT64_MAX)) in_.fail();
        at(row) = static_cast<T>(raw);
      }
    });
  }

  /// Codes of texts.
  template <typename At>
  void read_codes(uint64_t count, At at) {
    read_into(count, at, batch_.values.size());
    for (uint64_t row = 0; row < count; ++row) {
      if (in_.failed() || !is_text(at(row))) in_.fail();
    }
  }

  void read_texts(std::vector<ValueCode>& column, uint64_t count) {
    if (in_.failed()) return;
    column.resize(count);
    read_codes(count, [&](uint64_t row) -> ValueCode& { return column[row]; });
  }

  /// Counts per row, which must add up to `total`, as ends.
  void read_ends(std::vector<uint32_t>& ends, uint64_t count, uint64_t total) {
    read_column(ends, count);
    uint64_t end = 0;
    for (uint32_t& value : ends) {
      end += value;
      if (end > total) in_.fail();
      value = static_cast<uint32_t>(end);
    }
    if (end != total) in_.fail();
  }

  void read_lists(std::vector<AttributeList>& lists, uint64_t count) {
    if (in_.failed()) return;
    lists.resize(count);
    read_lists(count, [&](uint64_t row) -> AttributeList& { return lists[row]; });
  }

  /// Runs cannot blow the batch up: each code in one is larger than all before it, so that they are as many as values.
  template <typename At>
  void read_lists(uint64_t count, At at) {
    read_into(count, [&](uint64_t row) -> uint32_t& { return at(row).shape; }, batch_.shapes.size());
    uint64_t expected = 1;
    uint64_t run = 0;
    for (uint64_t row = 0; row < count && !in_.failed(); ++row) {
      at(row).values_begin = static_cast<uint32_t>(batch_.attribute_values.size());
      const uint32_t keys = batch_.shapes.key_count(at(row).shape);
      for (uint32_t i = 0; i < keys && !in_.failed(); ++i) {
        const uint64_t code = next_code(expected, run);
        batch_.attribute_values.push_back(static_cast<ValueCode>(code));
      }
    }
    if (run != 0) in_.fail();
  }

  uint64_t next_code(uint64_t& expected, uint64_t& run) {
    uint64_t code = expected;
    if (run > 0) {
      --run;
    } else {
      const uint64_t number = in_.varint();
      if ((number & 1) != 0) {
        run = number >> 1;
        if (run-- == 0) in_.fail();
      } else {
        code = number >> 1;
      }
    }
    if (code >= batch_.values.size()) return in_.fail();
    expected = std::max(expected, code + 1);
    return code;
  }

  bool is_text(ValueCode code) const { return batch_.values.view(code).type == ValueType::kString; }
  ByteReader in_;
  Batch batch_;
};

}  // namespace

void encode_batch(const Batch& batch, std::string& out) {
  CHECK(batch.span_count() <= data::kBatchSpansMax);
  BatchEncoder(batch, out).encode();
}

Result<Batch> decode_batch(std::string_view bytes) {
  return BatchReader(bytes).read();
}

}  // namespace sextant::persist
