// The contract by which stored telemetry is asked for: languages are compiled to a ScanSpec, whoever keeps the data
// answers it through a Reader. Together with Consumer these are the only ways in and out of a store.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/batch.h"
#include "data/model/run.h"

namespace sextant::data {

/// Both ends included. A span or run matches when it overlaps the range.
struct TimeRange {
  UnixNanos from = 0;
  UnixNanos to = UINT64_MAX;

  bool overlaps(UnixNanos start, UnixNanos end) const { return start <= to && end >= from; }
};

enum class AttributeScope : uint8_t { kSpan, kResource, kScope, kEvent, kLink };

/// What a condition looks at.
enum class SpanField : uint8_t {
  kAttribute,  // with Condition::scope and key; without a scope: span, then resource
  kService,    // service.name of the resource
  kName,
  kKind,      // int
  kStatus,    // int
  kDuration,  // int, nanoseconds
  kStart,     // int, Unix nanoseconds
};

enum class CompareOp : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kExists,
  kContains
};

/// One comparison on one span. Numbers compare as numbers whether stored as int or double; other types only equal
/// themselves; a string contains the bytes of another one, nothing else contains anything. A missing attribute
/// satisfies nothing but kNotEqual.
struct Condition {
  SpanField field = SpanField::kAttribute;
  std::optional<AttributeScope> scope;
  std::string key;
  CompareOp op = CompareOp::kEqual;
  ValueType type = ValueType::kString;  // of the literal
  int64_t number = 0;                   // as ValueView::number
  std::string bytes;                    // as ValueView::bytes

  ValueView literal() const { return {type, number, bytes}; }
};

/// A tree of conditions on one span; an empty kAnd holds for every span.
struct SpanFilter {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kCondition };
  Kind kind = Kind::kAnd;
  std::vector<SpanFilter> children;
  Condition condition;

  bool always() const { return kind == Kind::kAnd && children.empty(); }
};

/// Conditions on a run as a whole. Within one list any value will do; an empty list asks nothing; lists are joined by
/// and.
struct RunFilter {
  std::vector<TraceId> trace_ids;
  std::vector<RunState> states;
  std::vector<std::string> services;  // any span's
  std::vector<std::string> agents;
  std::vector<std::string> models;
  std::vector<std::string> tools;
  std::vector<std::string> environments;
  std::vector<std::string> conversation_ids;
  uint64_t duration_min_nanos = 0;
  uint64_t duration_max_nanos = UINT64_MAX;
};

/// A place in the list of runs, newest first: after the run that started at `start` with `trace_id`, as things stood
/// when `sequence` was the last batch stored. Runs that came later are not shown by later pages, and a run whose start
/// moved since keeps the place it had, so that pages neither repeat nor skip.
struct RunCursor {
  uint64_t sequence = 0;
  UnixNanos start = 0;
  TraceId trace_id;
};

struct ScanSpec {
  enum class Rows : uint8_t { kSpans, kRuns };

  Rows rows = Rows::kSpans;
  TimeRange time;
  RunFilter run;
  /// kSpans: spans for which it holds. kRuns: runs with at least one such span.
  SpanFilter span;
  /// kRuns only: newest first by (start, trace id), beginning after this place.
  std::optional<RunCursor> after;
  uint64_t rows_max = UINT64_MAX;
  /// kSpans: of attributes' values (strings and bytes) that are longer, so many bytes will do. Those that come without
  /// their end are in Batch::cut_values; a store cuts where it saves work, so others come whole.
  uint64_t value_bytes_max = UINT64_MAX;

  // How far the answer may go. The scan ends with kDeadlineExceeded, kCancelled or kResourceExhausted beyond.
  uint64_t deadline_steady_nanos = UINT64_MAX;
  std::stop_token cancel;
};

/// A part of the store that could not be read. The rest of the answer is complete.
struct Damage {
  std::string reason;
};

struct ScanStats {
  uint64_t segments = 0;
  uint64_t segments_opened = 0;  // of which more was read than what tells that they cannot have a match
  uint64_t blocks_read = 0;
  uint64_t rows_read = 0;
  uint64_t text_bytes_unfolded = 0;  // of blocks of long values, to put rows together
};

struct ScanEnd {
  std::optional<RunCursor> next;  // kRuns: where the following page begins; nothing when this was the last
  std::vector<Damage> damages;
  ScanStats stats;
};

/// Receives the answer piece by piece. Thread-confined: called from the scanning thread only.
class ScanSink {
 public:
  enum class Next : uint8_t { kContinue, kStop };

  virtual ~ScanSink() = default;
  /// kSpans. Equal copies of a span have been collapsed into one; differing copies all come, in the same batch.
  virtual Next on_spans(Batch&& batch) = 0;
  /// kRuns, in order.
  virtual Next on_run(RunSummary&& run) = 0;
};

/// Names that occur in the store.
struct NamesSpec {
  enum class Of : uint8_t { kServices, kOperations, kAttributeKeys, kAttributeValues };

  Of of = Of::kServices;
  TimeRange time;
  std::string service;                  // kOperations: of this service; empty: of all
  std::optional<AttributeScope> scope;  // kAttributeKeys, kAttributeValues
  std::string key;                      // kAttributeValues
  uint32_t names_max = 1000;
};

struct Name {
  std::string service;  // kOperations
  std::string text;     // service, operation or key; of a value: its bytes (see ValueView)
  int32_t kind = 0;     // kOperations: SpanKind
  AttributeScope scope = AttributeScope::kSpan;
  ValueType type = ValueType::kString;  // kAttributeKeys: one entry a type; kAttributeValues: the value's
  int64_t number = 0;                   // kAttributeValues: as ValueView::number
  uint64_t count = 0;                   // spans it was seen on; a lower bound
};

struct NamesEnd {
  std::vector<Name> names;  // most frequent first
  bool truncated = false;   // there are more than names_max
  std::vector<Damage> damages;
};

struct AggregateSpec;  // data/model/aggregate.h
struct AggregateEnd;

/// Internally locked. What Consumer acknowledged is visible to every call that starts afterwards.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<ScanEnd> scan(const ScanSpec& spec, ScanSink& sink) = 0;
  virtual Result<NamesEnd> names(const NamesSpec& spec) = 0;
  virtual Result<AggregateEnd> aggregate(const AggregateSpec& spec) = 0;
  /// Grows with every batch stored and every trace deleted; equal numbers mean that nothing else is to be found.
  virtual uint64_t sequence() const = 0;
};

}  // namespace sextant::data
