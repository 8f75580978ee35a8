// Collects rows of a segment until they are a stripe, and writes the stripe's bytes.
//
// A stripe holds some thousand rows, those of a trace one after the other, column by column. It can be read without
// other stripes; of the segment it needs the tables: keys, shapes, resources, scopes, dictionaries and texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "persist/stripe/segment_tables.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than the tables.
class StripeWriter {
 public:
  StripeWriter(SegmentTables& tables, Effort effort);

  /// Rows of the source's batch. Requires: rows of a trace come one after the other, by their start.
  Result<void> add_rows(RowSource& source, std::span<const uint32_t> rows);
  uint32_t rows() const { return static_cast<uint32_t>(span_ids_.size()); }
  /// About what the stripe will take, for cutting it before it is too large.
  uint64_t byte_size() const;

  /// Appends the stripe and starts the next one. `directory_bytes`: how many of them must be read to find the rest.
  /// Requires: rows() > 0.
  void take(std::string& out, uint64_t& directory_bytes);

  // Of the rows of the stripe at hand, for what an index says of it.
  const std::vector<data::TraceId>& trace_ids() const { return trace_ids_; }
  const std::vector<uint64_t>& starts() const { return starts_; }
  const std::vector<uint64_t>& ends() const { return ends_; }
  const std::vector<uint64_t>& kinds() const { return kinds_; }        // zigzag
  const std::vector<uint64_t>& statuses() const { return statuses_; }  // zigzag
  const std::vector<uint64_t>& resources() const { return resources_; }
  const std::vector<uint64_t>& scopes() const { return scopes_; }
  const std::vector<SegmentCode>& names() const { return names_; }

 private:
  struct Slice {
    ColumnId id;
    uint32_t count = 0;
    std::string bytes;
  };
  void add_traces(const data::SpanColumns& spans, std::span<const uint32_t> rows);
  void add_numbers(RowSource& source, std::span<const uint32_t> rows);
  Result<void> add_names(RowSource& source, std::span<const uint32_t> rows);
  Result<void> add_values(RowSource& source, ColumnId id, const std::vector<data::ValueCode>& codes,
                          std::span<const uint32_t> rows);
  Result<void> add_items(RowSource& source, std::span<const uint32_t> rows);
  Result<void> add_events(RowSource& source, uint32_t row);
  Result<void> add_links(RowSource& source, uint32_t row);
  Result<void> add_list(RowSource& source, ColumnFamily family, const data::AttributeList& list,
                        std::vector<uint64_t>& shapes);
  Result<SegmentCode> add_value(RowSource& source, ColumnId id, data::ValueCode code);
  void put_ints(ColumnId id, const std::vector<uint64_t>& values);
  void put_raw(ColumnId id, uint32_t count, std::string_view bytes);
  void put_traces();
  void put_parents();
  void put_times();
  void put_events_and_links();
  bool is_rare(uint32_t column) const;
  void put_rare_values();
  void put_values();
  void clear();

  SegmentTables& tables_;
  const Effort effort_;
  std::vector<Slice> slices_;

  std::vector<data::TraceId> trace_ids_;
  std::vector<uint64_t> trace_rows_;
  std::vector<data::SpanId> span_ids_;
  std::vector<data::SpanId> parents_;
  std::vector<uint64_t> starts_;
  std::vector<uint64_t> ends_;
  std::vector<uint64_t> kinds_;
  std::vector<uint64_t> statuses_;
  std::vector<uint64_t> flags_;
  std::vector<uint64_t> resources_;
  std::vector<uint64_t> scopes_;
  std::vector<uint64_t> shapes_;
  std::vector<uint64_t> dropped_attributes_;
  std::vector<uint64_t> dropped_events_;
  std::vector<uint64_t> dropped_links_;
  std::vector<uint64_t> event_counts_;
  std::vector<uint64_t> link_counts_;
  std::vector<SegmentCode> names_;
  std::vector<uint64_t> event_times_;
  std::vector<uint64_t> event_shapes_;
  std::vector<uint64_t> event_dropped_;
  std::vector<data::TraceId> link_traces_;
  std::vector<data::SpanId> link_spans_;
  std::vector<uint64_t> link_flags_;
  std::vector<uint64_t> link_shapes_;
  std::vector<uint64_t> link_dropped_;
  std::vector<uint32_t> touched_;  // columns of values with something pending
  uint64_t values_ = 0;            // pending in all columns
};

}  // namespace sextant::persist
