// What a receiver says in an answer, fit for a message of one line.
#pragma once

#include <string>
#include <string_view>

#include "sextant/transport.h"

namespace sextant::exporting {

/// Whether its body is JSON by its Content-Type.
bool says_json(const HttpResponse& response) noexcept;

/// The first line of what it says of an error: the message of a google.rpc.Status, in protobuf or JSON, as OTLP's
/// receivers answer; otherwise of the body as it is.
std::string reason_of(const HttpResponse& response);

/// The first line, cut, without control characters and what is no UTF-8.
std::string one_line(std::string_view text);

/// The message with the values of headers taken out. Why: some receivers repeat the key that they refuse.
std::string without_values(std::string message, const HttpHeaders& headers);

}  // namespace sextant::exporting
