// What both decoders build a batch with: drafts of spans that are kept or refused whole, texts, attribute lists, and
// the look at memory.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/core/ledger.h"
#include "data/model/batch.h"
#include "data/otlp/limits.h"
#include "data/otlp/nested_builder.h"
#include "data/otlp/refusals.h"
#include "data/otlp/traces.h"

namespace sextant::data {

/// A list of attributes that is being read. Its buffer is reused.
struct AttributeDraft {
  ShapeId shape = ShapeTable::kEmpty;
  std::vector<ValueCode> values;
  uint32_t dropped = 0;

  void clear() {
    shape = ShapeTable::kEmpty;
    values.clear();
    dropped = 0;
  }
};

/// A span's fields but for its lists.
struct SpanDraft {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;
  uint64_t start_unix_nanos = 0;
  uint64_t end_unix_nanos = 0;
  ValueCode name = 0;
  ValueCode trace_state = 0;
  ValueCode status_message = 0;
  uint32_t kind = 0;
  uint32_t status = 0;
  uint32_t flags = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
};

struct EventDraft {
  uint64_t time_unix_nanos = 0;
  ValueCode name = 0;
};

struct LinkDraft {
  TraceId trace_id;
  SpanId span_id;
  ValueCode trace_state = 0;
  uint32_t flags = 0;
};

/// Thread-confined. Resources and scopes may be described after the spans they own: their places are opened first.
class BatchBuilder {
 public:
  /// Of a request of `wire_bytes`. Lifetime: options' hold and scratch outlive the builder.
  BatchBuilder(const DecodeOptions& options, uint64_t wire_bytes);

  /// Opens and closes ResourceSpans and, inside, ScopeSpans. Whatever the owner's description was refused for counts
  /// for every span kept under it; an owner left without spans is taken out again.
  void begin_resource();
  void end_resource(ValueCode schema_url);
  void begin_scope();
  void end_scope(ValueCode name, ValueCode version, ValueCode schema_url);

  void begin_span();
  /// False when memory has run out.
  [[nodiscard]] bool end_span();
  void add_event(const EventDraft& event, AttributeDraft& attributes);
  void add_link(const LinkDraft& link, AttributeDraft& attributes);

  /// Notes why what is being read (span or owner) cannot be kept; the first cause counts.
  void refuse(Refusal refusal) {
    if (cause_ == Refusal::kNone) cause_ = refusal;
  }
  /// The cause noted so far, which is forgotten: for descriptions that are read before the spans they own.
  Refusal take_cause() { return std::exchange(cause_, Refusal::kNone); }
  ValueCode text(std::string_view text);
  ValueCode value(const ValueView& value);
  void attribute(AttributeDraft& draft, std::string_view key, ValueCode value) {
    if (draft.values.size() >= kAttributesMax) [[unlikely]]
      return refuse(Refusal::kAttributes);
    ++items_;
    draft.shape = batch_.shapes.extend(draft.shape, key, batch_.keys);
    draft.values.push_back(value);
  }
  /// Opens an array or map inside the value being built. False when it is refused: too deep or too many.
  bool begin_list(ValueType container, int depth);
  NestedBuilder& nested() { return nested_; }

  SpanDraft& span() { return span_; }
  AttributeDraft& span_attributes() { return span_attributes_; }
  /// Scratch for the events and links of the span, one after the other.
  AttributeDraft& item_attributes() { return item_attributes_; }
  AttributeDraft& resource_attributes() { return resource_attributes_; }
  AttributeDraft& scope_attributes() { return scope_attributes_; }

  /// False when the ledger has no room for what has been built. Looks only now and then.
  [[nodiscard]] bool memory_left() { return items_ < kItemsPerMemoryCheck || check_memory(); }
  [[nodiscard]] bool check_memory();

  const Refusals& refusals() const { return refusals_; }
  /// The batch, no larger than it must be. What it takes is left to be accounted for: see charge().
  Batch finish();
  /// False when the ledger has no room for the batch.
  [[nodiscard]] bool charge(const Batch& batch) { return hold_ == nullptr || hold_->resize(batch.byte_size()); }

 private:
  /// Lengths of the columns, to go back to. Spans are counted by the trace ids.
  struct Mark {
    uint32_t spans = 0;
    uint32_t events = 0;
    uint32_t links = 0;
    uint32_t values = 0;
    uint32_t scopes = 0;
  };
  Mark mark() const;
  void roll_back(const Mark& mark);
  AttributeList close(AttributeDraft& draft);
  void refuse_owner(const Mark& begin);
  void commit_span();
  void reserve(uint64_t wire_bytes);
  void fill_columns();

  Batch batch_;
  LedgerHold* hold_;
  DecodeScratch* scratch_;
  const uint64_t wire_bytes_;
  Refusals refusals_;
  Refusal cause_ = Refusal::kNone;
  uint32_t items_ = 0;  // since the last look at memory
  Mark resource_begin_;
  Mark scope_begin_;
  Mark span_begin_;
  SpanDraft span_;
  AttributeDraft span_attributes_;
  AttributeDraft item_attributes_;
  AttributeDraft resource_attributes_;
  AttributeDraft scope_attributes_;
  NestedBuilder nested_;
};

}  // namespace sextant::data
