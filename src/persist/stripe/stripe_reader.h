// Reads a stripe: single columns for scans, single rows for those who want spans.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "data/model/batch.h"
#include "persist/column/code_column.h"
#include "persist/column/int_column.h"
#include "persist/stripe/column_dictionary.h"
#include "persist/stripe/rare_values.h"
#include "persist/stripe/stored_values.h"
#include "persist/stripe/stripe_directory.h"

namespace sextant::persist {

/// The texts of a segment for one who reads rows. Thread-confined. Lifetime: not longer than the context.
class TextReading {
 public:
  virtual ~TextReading() = default;
  /// Bytes of the whole text. Requires, here and below: id < text_count().
  virtual uint64_t text_bytes(uint32_t id) const = 0;
  /// The text put together; of a longer one its first `bytes_max`, for which no more is unfolded than they need.
  virtual Result<std::string> text(uint32_t id, uint64_t bytes_max) = 0;
  /// Bytes of blocks that had to be unfolded for it so far.
  virtual uint64_t unfolded_bytes() const = 0;
};

/// What a stripe needs of its segment. Internally locked.
class StripeContext {
 public:
  virtual ~StripeContext() = default;
  /// Keys, shapes, resources and scopes, without spans.
  virtual const data::Batch& globals() const = 0;
  virtual Result<std::shared_ptr<const ColumnDictionary>> dictionary(ColumnId id) = 0;
  virtual uint32_t text_count() const = 0;
  virtual std::unique_ptr<TextReading> read_texts() = 0;
};

/// Takes the values of rows that are read, and says by which codes they go on. Thread-confined.
class ValueTarget {
 public:
  virtual ~ValueTarget() = default;
  /// The value with number `code` of a column's dictionary.
  virtual Result<uint32_t> coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) = 0;
  /// The same for a whole slice, in place.
  virtual Result<void> coded_all(ColumnId id, const ColumnDictionary& dictionary, std::span<uint32_t> codes) {
    for (uint32_t& code : codes) code = TRY(coded(id, dictionary, code));
    return {};
  }
  /// A value of a column that stands in the stripe itself.
  virtual Result<uint32_t> direct(ColumnId id, const StoredValue& value) = 0;
  virtual data::ShapeId shape(data::ShapeId shape) = 0;
  virtual uint32_t resource(uint32_t index) = 0;
  virtual uint32_t scope(uint32_t index) = 0;
};

/// The values of one column in one stripe. Immutable. Lifetime: that of the reader.
struct ValueSlice {
  uint32_t count = 0;
  std::shared_ptr<const ColumnDictionary> dictionary;  // with codes
  CodeColumn codes;
  std::optional<DirectValues> direct;  // without
  bool is_coded() const { return !direct.has_value(); }
};

/// Bytes of a slice, and what keeps them.
struct SliceBytes {
  std::shared_ptr<const std::string> owner;
  std::string_view bytes;
};

/// Thread-confined. Lifetime: not longer than the context.
class StripeReader {
 public:
  /// Gives the bytes of a slice, checked. Errors: kDataLoss, the operating system's, no memory.
  using Load = std::function<Result<SliceBytes>(const StripeDirectory::Slice&)>;

  StripeReader(std::shared_ptr<const StripeDirectory> directory, StripeContext& context, Load load)
      : directory_(std::move(directory)),
        context_(context),
        load_(std::move(load)),
        loaded_(directory_->slices.size()),
        values_(directory_->slices.size()) {}

  uint32_t rows() const { return directory_->rows; }
  const StripeDirectory& directory() const { return *directory_; }
  StripeContext& context() { return context_; }

  /// A column of numbers, all of them; zeros when it was left out. kDataLoss when it has not `count` of them.
  Result<std::vector<uint64_t>> ints(ColumnId id, uint32_t count);
  /// The same, written over what stands in `out`.
  Result<void> read_ints(ColumnId id, uint32_t count, std::vector<uint64_t>& out);
  /// The same where numbers are below `bound`.
  Result<std::vector<uint32_t>> numbers(ColumnId id, uint32_t count, uint64_t bound);
  /// nullptr when the stripe has no value in that column.
  Result<const ValueSlice*> values(ColumnId id);
  /// Ids: `count` times `size` bytes.
  Result<std::string_view> raw(ColumnId id, uint32_t count, size_t size);

  // Parts that scans ask for, read once:
  Result<std::span<const uint32_t>> shapes();        // of each row
  Result<std::span<const uint32_t>> trace_begins();  // first row of each trace, and the end
  Result<std::span<const uint64_t>> starts();        // Unix nanoseconds of each row
  Result<std::span<const uint64_t>> ends();          // likewise; 0: no end received
  Result<std::span<const uint32_t>> event_begins();  // first event of each row, and the end
  Result<std::span<const uint32_t>> link_begins();
  Result<std::span<const uint32_t>> item_shapes(ColumnFamily family);  // of each event or link
  Result<data::TraceId> trace_id(uint32_t trace);
  /// The trace of a row. Requires: trace_begins() gave no error.
  uint32_t trace_of(uint32_t row) const;

  /// Appends rows, which ascend, to the columns of `out`. Codes are the target's; `out` keeps the tables they lead to.
  Result<void> read_rows(std::span<const uint32_t> rows, ValueTarget& target, data::Batch& out);

 private:
  friend class RowReading;  // row_reading.cc
  Result<std::string_view> slice_bytes(const StripeDirectory::Slice& slice);
  size_t place_of(const StripeDirectory::Slice& slice) const {
    return static_cast<size_t>(&slice - directory_->slices.data());
  }
  Result<std::optional<IntColumn>> int_column(ColumnId id, uint32_t count);
  Result<const ValueSlice*> rare_values(ColumnId id);
  Result<std::vector<uint32_t>> begins(ColumnId counts, uint32_t parts, uint32_t total);

  std::shared_ptr<const StripeDirectory> directory_;
  StripeContext& context_;
  Load load_;
  std::vector<SliceBytes> loaded_;                   // by place in the directory; without owner: not loaded
  std::vector<std::unique_ptr<ValueSlice>> values_;  // likewise; nullptr: not opened
  std::map<ColumnFamily, RareValues> rare_;
  std::unordered_map<uint64_t, ValueSlice> rare_columns_;  // of keys that share a slice
  std::optional<std::vector<uint32_t>> shapes_;
  std::optional<std::vector<uint32_t>> trace_begins_;
  std::optional<std::vector<uint64_t>> starts_;
  std::optional<std::vector<uint64_t>> ends_;
  std::optional<std::vector<uint32_t>> event_begins_;
  std::optional<std::vector<uint32_t>> link_begins_;
  std::map<ColumnFamily, std::vector<uint32_t>> item_shapes_;
};

}  // namespace sextant::persist
