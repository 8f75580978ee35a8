// A batch as text: one function a signal, and what they share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant::exporting {

/// Each appends what a request holds; false where the bytes are no request, what stands before the fault is appended.
bool append_traces_text(std::string& out, std::string_view request);
bool append_metrics_text(std::string& out, std::string_view request);
bool append_logs_text(std::string& out, std::string_view request);

/// Text as it is, or as JSON where it has control characters, which a terminal would obey.
void append_shown(std::string& out, std::string_view text);
/// `850 ns`, `12.3 us`, `1.2 ms`, `3 s`: three digits or more.
void append_duration(std::string& out, std::uint64_t ns);
/// Two blanks and the attributes in fields of that number as JSON; nothing where there are none.
void append_attributes_text(std::string& out, std::string_view message, std::uint32_t field);

}  // namespace sextant::exporting
