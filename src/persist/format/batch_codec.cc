#include "persist/format/batch_codec.h"

#include <array>
#include <limits>
#include <vector>

#include "base/core/check.h"
#include "data/model/limits.h"
#include "persist/format/bytes.h"
#include "persist/format/limits.h"

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
constexpr uint8_t kCodec = 0;

/// How a column of small numbers is written.
enum Column : uint8_t { kConstant = 0, kVarints = 1 };

bool has_bytes(ValueType type) {
  return type == ValueType::kString || type >= ValueType::kBytes;
}

// ---- Writing

template <typename T>
void put_column(std::string& out, const std::vector<T>& column) {
  bool constant = true;
  for (const T value : column) constant = constant && value == column.front();
  put_u8(out, constant ? kConstant : kVarints);
  const auto put = [&out](T value) {
    if constexpr (std::is_signed_v<T>) {
      put_varint(out, zigzag(value));
    } else {
      put_varint(out, value);
    }
  };
  if (!constant) {
    for (const T value : column) put(value);
  } else if (!column.empty()) {
    put(column.front());
  }
}

template <typename Id>
void put_ids(std::string& out, const std::vector<Id>& ids) {
  out.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(Id));
}

/// Differences from row to row, modulo 2^64: rows that follow each other in time are near each other.
void put_times(std::string& out, const std::vector<uint64_t>& times) {
  uint64_t previous = 0;
  for (const uint64_t time : times) {
    put_varint(out, zigzag(static_cast<int64_t>(time - previous)));
    previous = time;
  }
}

void put_values(std::string& out, const data::ValueDictionary& values) {
  for (ValueCode code = 1; code < values.size(); ++code) put_u8(out, static_cast<uint8_t>(values.view(code).type));
  for (ValueCode code = 1; code < values.size(); ++code) {
    const ValueView value = values.view(code);
    if (has_bytes(value.type)) put_varint(out, value.bytes.size());
    if (value.type == ValueType::kBool) put_u8(out, value.as_bool() ? 1 : 0);
    if (value.type == ValueType::kInt) put_varint(out, zigzag(value.number));
    if (value.type == ValueType::kDouble) put_u64(out, static_cast<uint64_t>(value.number));
  }
  for (ValueCode code = 1; code < values.size(); ++code) out.append(values.view(code).bytes);
}

void put_keys_and_shapes(std::string& out, const Batch& batch) {
  for (data::KeyCode key = 0; key < batch.keys.size(); ++key) put_text(out, batch.keys.text(key));
  for (data::ShapeId shape = 1; shape < batch.shapes.size(); ++shape) {
    put_varint(out, batch.shapes.parent(shape));
    put_varint(out, batch.shapes.last_key(shape));
  }
}

void put_list(std::string& out, const Batch& batch, const AttributeList& list) {
  put_varint(out, list.shape);
  for (const ValueCode code : batch.values_of(list)) put_varint(out, code);
}

void put_lists(std::string& out, const Batch& batch, const std::vector<AttributeList>& lists) {
  for (const AttributeList& list : lists) put_list(out, batch, list);
}

/// Distinct trace ids in order of appearance, and for each row which: rows of a trace often stand together.
void put_trace_ids(std::string& out, const std::vector<TraceId>& ids) {
  std::string distinct;
  std::vector<uint32_t> index(ids.size());
  std::vector<TraceId> seen;
  data::CodeTable table;
  for (size_t row = 0; row < ids.size(); ++row) {
    if (row > 0 && ids[row] == ids[row - 1]) {
      index[row] = index[row - 1];
      continue;
    }
    const uint64_t hash = data::IdHash()(ids[row]);
    uint32_t code = table.find(hash, [&](uint32_t known) { return seen[known] == ids[row]; });
    if (code == data::CodeTable::kNone) {
      code = static_cast<uint32_t>(seen.size());
      seen.push_back(ids[row]);
      table.insert(hash, code);
    }
    index[row] = code;
  }
  put_varint(out, seen.size());
  put_ids(out, seen);
  put_column(out, index);
}

void put_counts(std::string& out, const std::vector<uint32_t>& ends) {
  std::vector<uint32_t> counts(ends.size());
  uint32_t previous = 0;
  for (size_t row = 0; row < ends.size(); ++row) {
    counts[row] = ends[row] - previous;
    previous = ends[row];
  }
  put_column(out, counts);
}

void put_spans(std::string& out, const Batch& batch) {
  const data::SpanColumns& s = batch.spans;
  put_ids(out, s.span_id);
  put_ids(out, s.parent_span_id);
  put_trace_ids(out, s.trace_id);
  put_times(out, s.start_unix_nanos);
  for (size_t row = 0; row < s.span_id.size(); ++row) {
    put_varint(out, zigzag(static_cast<int64_t>(s.end_unix_nanos[row] - s.start_unix_nanos[row])));
  }
  put_column(out, s.name);
  put_column(out, s.trace_state);
  put_column(out, s.status_message);
  put_column(out, s.kind);
  put_column(out, s.status);
  put_column(out, s.flags);
  put_column(out, s.resource);
  put_column(out, s.scope);
  put_column(out, s.dropped_attributes);
  put_column(out, s.dropped_events);
  put_column(out, s.dropped_links);
  put_counts(out, s.events_end);
  put_counts(out, s.links_end);
  put_lists(out, batch, s.attributes);
}

void put_events_and_links(std::string& out, const Batch& batch) {
  put_times(out, batch.events.time_unix_nanos);
  put_column(out, batch.events.name);
  put_column(out, batch.events.dropped_attributes);
  put_lists(out, batch, batch.events.attributes);
  put_ids(out, batch.links.trace_id);
  put_ids(out, batch.links.span_id);
  put_column(out, batch.links.trace_state);
  put_column(out, batch.links.flags);
  put_column(out, batch.links.dropped_attributes);
  put_lists(out, batch, batch.links.attributes);
}

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
    const std::string_view types = in_.bytes(count);
    if (in_.failed()) return false;
    struct Scalar {
      ValueType type;
      uint64_t number;  // of a value with bytes: their count
    };
    std::vector<Scalar> scalars;
    scalars.reserve(count);
    for (const char raw : types) {
      if (static_cast<uint8_t>(raw) > data::kValueTypeLast) return false;
      const auto type = static_cast<ValueType>(raw);
      uint64_t number = 0;
      if (has_bytes(type)) number = in_.varint_max(data::kValueBytesMax);
      if (type == ValueType::kBool) number = in_.u8();
      if (type == ValueType::kBool && number > 1) return false;
      if (type == ValueType::kInt) number = static_cast<uint64_t>(unzigzag(in_.varint()));
      if (type == ValueType::kDouble) number = in_.u64();
      scalars.push_back({type, number});
    }
    for (const Scalar& scalar : scalars) {
      ValueView value{scalar.type, static_cast<int64_t>(scalar.number), {}};
      if (has_bytes(scalar.type)) value = {scalar.type, 0, in_.bytes(scalar.number)};
      if (in_.failed() || !data::check_nested(value)) return false;
      // A value that is there already would shift every later code.
      const ValueCode expected = batch_.values.size();
      if (batch_.values.intern(value) != expected) return false;
    }
    return true;
  }

  bool read_keys_and_shapes(uint64_t keys, uint64_t shapes) {
    for (uint64_t i = 0; i < keys; ++i) {
      const std::string_view key = in_.text(data::kValueBytesMax);
      if (in_.failed() || batch_.keys.intern(key) != i) return false;
    }
    for (uint64_t i = 0; i < shapes; ++i) {
      const uint64_t parent = in_.varint_max(i);  // shape 0 is there already, so ids run one ahead
      const uint64_t key = in_.varint();
      if (in_.failed() || key >= keys) return false;
      const auto parent_id = static_cast<data::ShapeId>(parent);
      if (batch_.shapes.key_count(parent_id) >= data::kAttributesMax) return false;
      if (batch_.shapes.extend(parent_id, static_cast<data::KeyCode>(key)) != i + 1) return false;
    }
    return true;
  }

  bool read_resources_and_scopes(uint64_t resources, uint64_t scopes) {
    batch_.resources.reserve(resources);
    for (uint64_t i = 0; i < resources; ++i) {
      data::Resource resource;
      resource.attributes = list();
      resource.dropped_attributes = u32();
      resource.schema_url = text_code();
      batch_.resources.push_back(resource);
    }
    batch_.scopes.reserve(scopes);
    for (uint64_t i = 0; i < scopes; ++i) {
      data::Scope scope;
      scope.name = text_code();
      scope.version = text_code();
      scope.attributes = list();
      scope.dropped_attributes = u32();
      scope.schema_url = text_code();
      batch_.scopes.push_back(scope);
    }
    return !in_.failed();
  }

  bool read_spans(uint64_t count, uint64_t events, uint64_t links) {
    data::SpanColumns& s = batch_.spans;
    read_ids(s.span_id, count);
    read_ids(s.parent_span_id, count);
    if (!read_trace_ids(count)) return false;
    read_times(s.start_unix_nanos, count);
    s.end_unix_nanos.resize(count);
    for (uint64_t row = 0; row < count && !in_.failed(); ++row) {
      s.end_unix_nanos[row] = s.start_unix_nanos[row] + static_cast<uint64_t>(unzigzag(in_.varint()));
    }
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
    read_times(e.time_unix_nanos, count);
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

  void read_times(std::vector<uint64_t>& times, uint64_t count) {
    if (in_.failed()) return;
    times.resize(count);
    uint64_t previous = 0;
    for (uint64_t row = 0; row < count && !in_.failed(); ++row) {
      previous += static_cast<uint64_t>(unzigzag(in_.varint()));
      times[row] = previous;
    }
  }

  /// A column of which each number is below `bound`.
  template <typename T>
  void read_column(std::vector<T>& column, uint64_t count, uint64_t bound = UINT64_MAX) {
    const uint8_t kind = in_.u8();
    if (kind > kVarints) in_.fail();
    if (in_.failed()) return;
    if (kind == kConstant) {
      column.assign(count, count == 0 ? T{} : number<T>(bound));
      return;
    }
    column.resize(count);
    for (uint64_t row = 0; row < count && !in_.failed(); ++row) column[row] = number<T>(bound);
  }

  template <typename T>
  T number(uint64_t bound) {
    const uint64_t raw = in_.varint();
    if constexpr (std::is_signed_v<T>) {
      const int64_t value = unzigzag(raw);
      if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) in_.fail();
      return static_cast<T>(value);
    } else {
      if (raw >= bound || raw > std::numeric_limits<T>::max()) in_.fail();
      return static_cast<T>(raw);
    }
  }

  void read_texts(std::vector<ValueCode>& column, uint64_t count) {
    read_column(column, count, batch_.values.size());
    for (const ValueCode code : column) {
      if (in_.failed() || !is_text(code)) in_.fail();
    }
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
    for (uint64_t row = 0; row < count && !in_.failed(); ++row) lists[row] = list();
  }

  AttributeList list() {
    const uint64_t shape = in_.varint();
    if (shape >= batch_.shapes.size()) in_.fail();
    if (in_.failed()) return {};
    const AttributeList out{static_cast<data::ShapeId>(shape), static_cast<uint32_t>(batch_.attribute_values.size())};
    const uint32_t keys = batch_.shapes.key_count(out.shape);
    for (uint32_t i = 0; i < keys && !in_.failed(); ++i) {
      const uint64_t code = in_.varint();
      if (code >= batch_.values.size()) in_.fail();
      batch_.attribute_values.push_back(static_cast<ValueCode>(code));
    }
    return out;
  }

  uint32_t u32() { return static_cast<uint32_t>(in_.varint_max(UINT32_MAX)); }
  bool is_text(ValueCode code) const { return batch_.values.view(code).type == ValueType::kString; }
  ValueCode text_code() {
    const uint64_t code = in_.varint();
    if (in_.failed() || code >= batch_.values.size() || !is_text(static_cast<ValueCode>(code))) {
      in_.fail();
      return 0;
    }
    return static_cast<ValueCode>(code);
  }

  ByteReader in_;
  Batch batch_;
};

}  // namespace

void encode_batch(const Batch& batch, std::string& out) {
  CHECK(batch.span_count() <= data::kBatchSpansMax);
  put_u8(out, kCodec);
  for (const uint64_t count :
       {uint64_t{batch.values.size()} - 1, uint64_t{batch.keys.size()}, uint64_t{batch.shapes.size()} - 1,
        uint64_t{batch.resources.size()}, uint64_t{batch.scopes.size()}, uint64_t{batch.span_count()},
        uint64_t{batch.events.name.size()}, uint64_t{batch.links.span_id.size()}}) {
    put_varint(out, count);
  }
  put_values(out, batch.values);
  put_keys_and_shapes(out, batch);
  for (const data::Resource& resource : batch.resources) {
    put_list(out, batch, resource.attributes);
    put_varint(out, resource.dropped_attributes);
    put_varint(out, resource.schema_url);
  }
  for (const data::Scope& scope : batch.scopes) {
    put_varint(out, scope.name);
    put_varint(out, scope.version);
    put_list(out, batch, scope.attributes);
    put_varint(out, scope.dropped_attributes);
    put_varint(out, scope.schema_url);
  }
  put_spans(out, batch);
  put_events_and_links(out, batch);
}

Result<Batch> decode_batch(std::string_view bytes) {
  return BatchReader(bytes).read();
}

}  // namespace sextant::persist
