// Export requests out of records that are OTLP messages already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "queue/record_queue.h"

namespace sextant::exporting {

/// `Export{Trace,Metrics,Logs}ServiceRequest`: the three have the same shape, field by field. `resource` is an encoded
/// Resource message, each record an encoded Span, Metric or LogRecord whose tag is the index of its scope. Records are
/// put in the order of their scopes; within one they keep theirs.
std::string build_request(std::string_view resource, std::string_view schema_url, std::vector<queue::Record>& records);

}  // namespace sextant::exporting
