// What a client asks of the SDK's small server, and what it is answered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/result.h"
#include "sextant/transport.h"

namespace sextant::net {

/// The head of a request.
struct RequestHead {
  std::string method;
  std::string path;       // at least "/", as written
  std::string query;      // without the '?'
  HttpHeaders headers;    // names in lower case
  bool has_body = false;  // which nobody reads

  /// Empty where there is none.
  std::string_view header(std::string_view lower_case_name) const noexcept;
};

/// Of the first line and the headers of a request, as HttpReader has read them. An error says what is no HTTP/1.1 in
/// them (RFC 9112, parts 3 and 5).
Result<RequestHead> parse_request(const std::string& start_line, const HttpHeaders& headers);

struct HttpAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  HttpHeaders headers = {};  // further ones; Content-Length, Date and Connection are added
  std::string body = {};
};

/// An answer that says in a line of text what was wrong.
HttpAnswer refusal(int status, std::string_view sentence);

enum class Connection : std::uint8_t { kKeep, kClose };

/// All bytes of an answer up to its body.
std::string answer_head(const HttpAnswer& answer, Connection connection);

}  // namespace sextant::net
