// A batch of spans as columns: the form in which telemetry moves through Sextant, from the decoder to the store and
// back.
//
// A batch carries its own dictionary, so it can be made by a decoder that knows no store and taken apart by a store
// that knows no wire format. It holds all of OTLP's trace model (opentelemetry-proto, trace/v1): what came in goes out
// again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/model/dictionary.h"
#include "data/model/ids.h"

namespace sextant::data {

/// A list of attributes: the keys are batch.shapes[shape], the values batch.attribute_values[values_begin …].
struct AttributeList {
  ShapeId shape = ShapeTable::kEmpty;
  uint32_t values_begin = 0;
};

/// OTLP Resource with the schema URL of its ResourceSpans.
struct Resource {
  AttributeList attributes;
  uint32_t dropped_attributes = 0;
  ValueCode schema_url = 0;
};

/// OTLP InstrumentationScope with the schema URL of its ScopeSpans.
struct Scope {
  ValueCode name = 0;
  ValueCode version = 0;
  AttributeList attributes;
  uint32_t dropped_attributes = 0;
  ValueCode schema_url = 0;
};

/// OTLP SpanKind and StatusCode. Columns hold int32: numbers that a newer client sends are kept as they are.
enum SpanKind : int32_t { kUnspecified = 0, kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };
enum StatusCode : int32_t { kUnset = 0, kOk = 1, kError = 2 };

/// Spans, one entry a row in every vector. Text columns are codes of strings in the batch's values.
struct SpanColumns {
  std::vector<TraceId> trace_id;
  std::vector<SpanId> span_id;
  std::vector<SpanId> parent_span_id;  // zero: a root
  std::vector<uint64_t> start_unix_nanos;
  std::vector<uint64_t> end_unix_nanos;  // 0: no end received
  std::vector<ValueCode> name;
  std::vector<ValueCode> trace_state;
  std::vector<ValueCode> status_message;
  std::vector<int32_t> kind;
  std::vector<int32_t> status;
  std::vector<uint32_t> flags;
  std::vector<uint32_t> resource;  // index into Batch::resources
  std::vector<uint32_t> scope;     // index into Batch::scopes
  std::vector<AttributeList> attributes;
  std::vector<uint32_t> dropped_attributes;
  std::vector<uint32_t> dropped_events;
  std::vector<uint32_t> dropped_links;
  std::vector<uint32_t> events_end;  // row i's events are [events_end[i-1], events_end[i]) of the event columns
  std::vector<uint32_t> links_end;
};

/// A value of which a batch has the beginning only.
struct CutValue {
  ValueCode code = 0;
  uint64_t bytes = 0;  // of the whole value
};

struct EventColumns {
  std::vector<uint64_t> time_unix_nanos;
  std::vector<ValueCode> name;
  std::vector<AttributeList> attributes;
  std::vector<uint32_t> dropped_attributes;
};

struct LinkColumns {
  std::vector<TraceId> trace_id;
  std::vector<SpanId> span_id;
  std::vector<ValueCode> trace_state;
  std::vector<uint32_t> flags;
  std::vector<AttributeList> attributes;
  std::vector<uint32_t> dropped_attributes;
};

/// [begin, end) of rows in the event or link columns.
struct RowRange {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t size() const { return end - begin; }
};

/// Value, moved rather than copied. Thread-confined while it is filled; immutable and shareable after.
/// Invariant: all vectors of SpanColumns (of EventColumns, of LinkColumns) have the same length.
struct Batch {
  ValueDictionary values;
  KeyDictionary keys;
  ShapeTable shapes;
  std::vector<ValueCode> attribute_values;
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  SpanColumns spans;
  EventColumns events;
  LinkColumns links;
  /// By code, ascending; only what a scan with ScanSpec::value_bytes_max gives has any. Such a batch is for showing:
  /// its rows are neither stored nor compared.
  std::vector<CutValue> cut_values;

  Batch() = default;
  Batch(Batch&&) noexcept = default;
  Batch& operator=(Batch&&) noexcept = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  uint32_t span_count() const { return static_cast<uint32_t>(spans.trace_id.size()); }
  RowRange events_of(uint32_t row) const { return {row == 0 ? 0 : spans.events_end[row - 1], spans.events_end[row]}; }
  RowRange links_of(uint32_t row) const { return {row == 0 ? 0 : spans.links_end[row - 1], spans.links_end[row]}; }

  std::span<const ValueCode> values_of(const AttributeList& list) const {
    return std::span(attribute_values).subspan(list.values_begin, shapes.key_count(list.shape));
  }
  /// The first value under `key`, or an empty value of type kEmpty and `found` false. For single look-ups; code that
  /// reads many keys of many rows resolves shapes once instead.
  ValueView attribute(const AttributeList& list, std::string_view key, bool* found = nullptr) const;
  /// service.name of the row's resource, "" when absent or not a string.
  std::string_view service_of(uint32_t row) const;

  /// Bytes of the value before it was cut; of a value that was not, of the value.
  uint64_t whole_bytes(ValueCode code) const;

  /// Memory held, bytes, for the ledger.
  uint64_t byte_size() const;
};

/// Copies rows of other batches to the end of `target`, translating their codes once per source. Thread-confined.
/// Lifetime: sources outlive the appender and stay as they are; only the appender changes the target meanwhile.
///
///   BatchAppender appender(target);
///   appender.append(source, rows);   // rows in any order, repeats allowed; sources may take turns
class BatchAppender {
 public:
  explicit BatchAppender(Batch& target);
  ~BatchAppender();
  BatchAppender(const BatchAppender&) = delete;
  BatchAppender& operator=(const BatchAppender&) = delete;

  void append(const Batch& source, std::span<const uint32_t> rows);
  void append_all(const Batch& source);

 private:
  struct Translation;
  Translation& translation_of(const Batch& source);
  ShapeId shape_of(const Batch& source, ShapeId shape, Translation& translation);
  void append_row(const Batch& source, uint32_t row, Translation& translation);
  uint32_t resource_of(const Batch& source, uint32_t index, Translation& translation);
  uint32_t scope_of(const Batch& source, uint32_t index, Translation& translation);
  void copy_events(const Batch& source, RowRange range, Translation& translation);
  void copy_links(const Batch& source, RowRange range, Translation& translation);
  AttributeList copy_list(const Batch& source, const AttributeList& list, Translation& translation);
  Batch& target_;
  std::unordered_map<const Batch*, std::unique_ptr<Translation>> translations_;
  const Batch* last_source_ = nullptr;
  Translation* last_translation_ = nullptr;
};

/// True when two rows say the same in every field, resource and scope included. Doubles compare by their bits.
bool rows_equal(const Batch& a, uint32_t row_a, const Batch& b, uint32_t row_b);

}  // namespace sextant::data
