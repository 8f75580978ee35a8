// Reads requests off a byte stream: heads, and bodies in chunked coding. Wraps Beast's parser, so that its templates
// are compiled in one place. Private to base/net.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/net/http_message.h"
#include "base/net/request_body.h"

namespace sextant::net_detail {

/// Thread-confined. Fed with what was received; one request at a time.
class HttpParser {
 public:
  enum class State : uint8_t {
    kNeedMore,  // everything usable was consumed
    kHeadDone,  // reported once
    kBodyDone,  // of a chunked body
    kBad,       // not HTTP; see message()
    kHeadTooLarge,
    kBodyTooLarge,
    kMemoryFull,
  };

  HttpParser();
  ~HttpParser();

  /// Begins a new request.
  void reset();
  /// Parses from the front of `bytes`; `consumed` says how many are done with. Body bytes of chunked requests go to
  /// `body`; bodies with a Content-Length are not for the parser.
  State put(std::string_view bytes, size_t& consumed, RequestBody& body);

  HttpHead take_head();
  bool chunked() const;
  bool keep_alive() const;
  bool http_1_0() const;
  const std::string& message() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::net_detail
