// HTTP requests and answers as handlers see them: plain values, whatever library parses the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/ledger.h"

namespace sextant {

enum class HttpMethod : uint8_t { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions, kOther };

std::string_view to_string(HttpMethod method);

/// Names compare without case (RFC 9110 section 5.1); order and repeats are kept. Value.
class HttpHeaders {
 public:
  using Entry = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Entry> entries) : entries_(entries) {}

  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  /// Value of the first header of that name; "" when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  uint32_t count(std::string_view name) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// The start line, the headers, and who sent them. Value.
struct HttpHead {
  HttpMethod method = HttpMethod::kOther;
  std::string method_text;
  std::string target;  // as sent; origin form: begins with '/', or is "*" (OPTIONS)
  HttpHeaders headers;
  std::optional<uint64_t> content_length;  // nothing: no body, or a chunked one
  bool has_body = false;
  bool encrypted = false;      // came over TLS
  std::string peer;            // "127.0.0.1:53124"
  std::string client_subject;  // subject of the client's verified certificate; "" without mTLS

  /// The target up to '?', still percent-encoded.
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  /// What follows '?'; "" when nothing does. See base/net/uri.h.
  std::string_view query() const {
    const size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  }
};

/// A whole request. `hold` accounts for the body's memory; who moves the body away moves the hold too. What a handler
/// leaves in `body` the server uses again for another request.
struct HttpRequest {
  HttpHead head;
  std::string body;
  LedgerHold hold;
};

/// Content-Length, Date, Connection and Server are the server's business; everything else stands here. Header values
/// with control characters are left out rather than sent.
struct HttpAnswer {
  int status = 200;
  std::string content_type = {};  // "": none is sent
  std::string body = {};
  HttpHeaders headers = {};
};

/// The standard words for a status: "Not Found".
std::string_view http_reason(int status);

}  // namespace sextant
