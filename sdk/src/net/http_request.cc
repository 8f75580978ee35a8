#include "net/http_request.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/characters.h"
#include "net/http_reader.h"

namespace sextant::net {
namespace {

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

/// No control characters but tabs; bytes of other encodings are let through.
bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\t' || (c >= ' ' && c != 0x7f); });
}

/// `http://host/path` as proxies send it, to `/path`.
std::string_view without_origin(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (target.substr(0, kScheme.size()) != kScheme) return target;
  const std::size_t path = target.find('/', kScheme.size());
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

/// Whether a request announces a body.
bool announces_body(const HttpHeaders& headers) {
  const std::string_view length = find_header(headers, "content-length");
  return (!length.empty() && length != "0") || !find_header(headers, "transfer-encoding").empty();
}

std::string http_date() {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  const int size =
      std::snprintf(text, sizeof(text), "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[parts.tm_wday % 7], parts.tm_mday,
                    kMonths[parts.tm_mon % 12], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(size)};
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

}  // namespace

std::string_view RequestHead::header(std::string_view lower_case_name) const noexcept {
  return find_header(headers, lower_case_name);
}

Result<RequestHead> parse_request(const std::string& start_line, const HttpHeaders& headers) {
  const std::string_view line = start_line;
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Error{"the first line is not `METHOD TARGET VERSION`"};
  const std::string_view version = line.substr(second + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Error{"the version is not HTTP/1.1 or HTTP/1.0"};
  RequestHead request;
  request.method = line.substr(0, first);
  if (!is_token(request.method)) return Error{"the method is no word"};
  const std::string_view target = without_origin(line.substr(first + 1, second - first - 1));
  if (target.empty() || !is_visible(target) || (target[0] != '/' && target != "*"))
    return Error{"the target is no path that begins with '/'"};
  std::size_t hosts = 0;
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) return Error{"the name of a header is no word"};
    if (!is_header_value(value)) return Error{"the value of a header has control characters in it"};
    hosts += name == "host" ? 1 : 0;
  }
  if (hosts > 1 || (hosts == 0 && version == "HTTP/1.1")) return Error{"exactly one Host header is wanted"};
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  request.headers = headers;
  request.has_body = announces_body(headers);
  return request;
}

HttpAnswer refusal(int status, std::string_view sentence) {
  HttpAnswer answer;
  answer.status = status;
  answer.body.append(sentence).append("\n");
  return answer;
}

std::string answer_head(const HttpAnswer& answer, Connection connection) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " " + reason_of(answer.status) +
                     "\r\nDate: " + http_date() + "\r\nContent-Type: " + answer.content_type +
                     "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                     "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n";
  for (const auto& [name, value] : answer.headers) head.append(name).append(": ").append(value).append("\r\n");
  return head + (connection == Connection::kKeep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace sextant::net
