// What a line of an output looks like.
#pragma once

#include <string_view>

#include "logs/json_value.h"
#include "logs/record_view.h"
#include "sextant/log_output.h"

namespace sextant::logs {

/// Immutable after construction.
class LineFormat {
 public:
  explicit LineFormat(LogOutput options);
  /// Appends the line with its newline; out.failed() where memory was out.
  void append(LineBuffer& out, const RecordView& record) const noexcept;

 private:
  void append_json(LineBuffer& out, const RecordView& record) const noexcept;
  void append_text(LineBuffer& out, const RecordView& record) const noexcept;
  void append_level(LineBuffer& out, const RecordView& record) const noexcept;
  bool is_taken(std::string_view key) const noexcept;

  const LogOutput options_;
};

}  // namespace sextant::logs
