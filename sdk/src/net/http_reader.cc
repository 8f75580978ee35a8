#include "net/http_reader.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sextant::net {
namespace {

constexpr int kInterimMax = 16;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool contains_word(std::string_view list, std::string_view word) {
  return lower(list).find(word) != std::string::npos;
}

/// False where the text is no number of that base, or one that is absurd.
bool parse_size(std::string_view text, unsigned base, std::size_t& out) {
  if (text.empty() || text.size() > 15) return false;
  out = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
    if (digit >= static_cast<int>(base)) return false;
    out = out * base + static_cast<std::size_t>(digit);
  }
  return true;
}

}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view lower_case_name) noexcept {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

std::string_view HttpReader::header(std::string_view lower_case_name) const noexcept {
  return find_header(headers_, lower_case_name);
}

HttpReader::State HttpReader::fail(std::string problem, bool too_large) {
  problem_ = std::move(problem);
  too_large_ = too_large;
  return state_ = State::kBad;
}

HttpReader::State HttpReader::add(std::string_view bytes) {
  buffer_.append(bytes);
  advance();
  return state_;
}

HttpReader::State HttpReader::end() {
  if (state_ == State::kBody && framing_ == Framing::kUntilEnd) return state_ = State::kDone;
  if (state_ == State::kHead || state_ == State::kBody) return fail("the connection ended before the message did");
  return state_;
}

void HttpReader::advance() {
  if (state_ == State::kHead && !read_head()) return;
  if (state_ != State::kBody) return;
  if (framing_ == Framing::kChunked) {
    while (state_ == State::kBody && read_chunk()) {
    }
  } else {
    read_length();
  }
  if (body_.size() > limits_.body_bytes_max)
    fail("its body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes", true);
}

bool HttpReader::read_head() {
  const std::size_t end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos || end > limits_.head_bytes_max) {
    if (buffer_.size() > limits_.head_bytes_max)
      fail("its header is larger than " + std::to_string(limits_.head_bytes_max) + " bytes", true);
    return false;
  }
  const std::string head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  if (!parse_head(head)) {
    fail("its header is no HTTP");
    return false;
  }
  if (kind_ == Kind::kResponse && start_line_.size() > 9 &&
      start_line_[9] == '1') {  // 100 Continue: the answer is still to come
    if (++interim_ > kInterimMax) {
      fail("it is put off for ever");
      return false;
    }
    headers_.clear();
    return read_head();
  }
  state_ = State::kBody;
  choose_framing();
  return true;
}

bool HttpReader::parse_head(std::string_view head) {
  std::size_t at = head.find("\r\n");
  start_line_ = std::string(head.substr(0, at));
  const bool version = kind_ == Kind::kResponse ? start_line_.rfind("HTTP/1.", 0) == 0 && start_line_.size() >= 12
                                                : start_line_.find(" HTTP/1.") != std::string::npos;
  if (!version) return false;
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at == std::string_view::npos ? at : at - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    headers_.emplace_back(lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  }
  return true;
}

void HttpReader::choose_framing() {
  const bool bodiless =
      kind_ == Kind::kResponse && (start_line_.compare(9, 3, "204") == 0 || start_line_.compare(9, 3, "304") == 0);
  const std::string_view length = header("content-length");
  if (contains_word(header("transfer-encoding"), "chunked")) {
    framing_ = Framing::kChunked;
  } else if (!length.empty()) {
    framing_ = Framing::kLength;
    if (!parse_size(length, 10, length_)) {
      fail("its Content-Length is no number");
    } else if (length_ > limits_.body_bytes_max) {
      fail("its body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes", true);
    }
  } else {
    framing_ = kind_ == Kind::kResponse && !bodiless ? Framing::kUntilEnd : Framing::kNone;
  }
}

/// A body of known length, or up to the end of the stream.
bool HttpReader::read_length() {
  const std::size_t wanted = framing_ == Framing::kUntilEnd ? buffer_.size()
                             : framing_ == Framing::kNone   ? 0
                                                            : length_ - body_.size();
  const std::size_t taken = std::min(wanted, buffer_.size());
  body_.append(buffer_, 0, taken);
  buffer_.erase(0, taken);
  if (framing_ != Framing::kUntilEnd && taken == wanted) state_ = State::kDone;
  return true;
}

/// One chunk, or the last one with its trailer. False where more bytes are needed.
bool HttpReader::read_chunk() {
  const std::size_t line_end = buffer_.find("\r\n");
  if (line_end == std::string::npos) {
    if (buffer_.size() > limits_.head_bytes_max) fail("the length of a chunk is no number");
    return false;
  }
  if (in_trailer_) {
    if (line_end == 0) state_ = State::kDone;
    buffer_.erase(0, line_end + 2);
    return true;
  }
  std::size_t size = 0;
  if (!parse_size(trimmed(std::string_view(buffer_).substr(0, std::min(line_end, buffer_.find(';')))), 16, size)) {
    fail("the length of a chunk is no number");
    return false;
  }
  if (body_.size() + size > limits_.body_bytes_max) {
    fail("its body is larger than " + std::to_string(limits_.body_bytes_max) + " bytes", true);
    return false;
  }
  if (size == 0) {
    in_trailer_ = true;
    buffer_.erase(0, line_end + 2);
    return true;
  }
  if (buffer_.size() < line_end + 2 + size + 2) return false;
  body_.append(buffer_, line_end + 2, size);
  buffer_.erase(0, line_end + 2 + size + 2);
  return true;
}

bool HttpReader::keeps_alive() const noexcept {
  if (framing_ == Framing::kUntilEnd) return false;
  const bool old = start_line_.find("HTTP/1.0") != std::string::npos;
  const std::string_view connection = header("connection");
  return old ? contains_word(connection, "keep-alive") : !contains_word(connection, "close");
}

}  // namespace sextant::net
