// The contract by which stored telemetry is deleted on request.
#pragma once

#include "base/core/result.h"
#include "data/model/ids.h"

namespace sextant::data {

/// Internally locked.
class Eraser {
 public:
  virtual ~Eraser() = default;

  /// Deletes all spans of the trace that are stored. No question that begins after the return finds them, nor any
  /// after a restart; spans of the trace that arrive later are stored as ever. Errors: kNotFound when there are none;
  /// after any other error the trace may be deleted or not.
  virtual Result<void> erase_trace(const TraceId& id) = 0;
};

}  // namespace sextant::data
