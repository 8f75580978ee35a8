// HTTP/1.1 messages as they come in (RFC 9112), for the client's answers and for requests to the SDK's small server.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sextant/transport.h"

namespace sextant::net {

struct HttpLimits {
  std::size_t head_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = kHttpBodyBytesMax;
};

/// Takes bytes until one message is whole. Thread-confined.
class HttpReader {
 public:
  /// Whether the end of the stream ends a body without a length: so with answers, not with requests.
  enum class Kind { kResponse, kRequest };
  HttpReader(Kind kind, const HttpLimits& limits) noexcept : kind_(kind), limits_(limits) {}

  enum class State { kHead, kBody, kDone, kBad };
  /// Takes what has come. Bytes past the end of the message stay in leftover().
  State add(std::string_view bytes);
  /// The stream has ended.
  State end();
  State state() const noexcept { return state_; }
  /// What is wrong, in state kBad; `too_large` tells a limit from nonsense.
  const std::string& problem() const noexcept { return problem_; }
  bool too_large() const noexcept { return too_large_; }

  /// `HTTP/1.1 200 OK` or `GET /metrics HTTP/1.1`.
  const std::string& start_line() const noexcept { return start_line_; }
  const HttpHeaders& headers() const noexcept { return headers_; }
  std::string_view header(std::string_view lower_case_name) const noexcept;
  std::string& body() noexcept { return body_; }
  std::string_view leftover() const noexcept { return buffer_; }
  /// Whether the connection can be used again after this message.
  bool keeps_alive() const noexcept;

 private:
  enum class Framing { kNone, kLength, kChunked, kUntilEnd };
  void advance();
  bool read_head();
  bool parse_head(std::string_view head);
  void choose_framing();
  bool read_length();
  bool read_chunk();
  State fail(std::string problem, bool too_large = false);

  const Kind kind_;
  const HttpLimits limits_;
  State state_ = State::kHead;
  Framing framing_ = Framing::kNone;
  std::string buffer_;
  std::string start_line_;
  HttpHeaders headers_;
  std::string body_;
  std::size_t length_ = 0;
  int interim_ = 0;  // answers before the answer
  bool in_trailer_ = false;
  bool too_large_ = false;
  std::string problem_;
};

/// The value of a header in a list of them; empty where there is none.
std::string_view find_header(const HttpHeaders& headers, std::string_view lower_case_name) noexcept;

}  // namespace sextant::net
