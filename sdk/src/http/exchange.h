// One request and its answer as libcurl's callbacks see them.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/curl_handle.h"
#include "sextant/transport.h"

namespace sextant::http {

inline constexpr std::size_t kHeadBytesMax = 64 * 1024;

/// Thread-confined. Pinned: libcurl holds its address while the request runs.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Sets the request's options and the callbacks. The request outlives the exchange. False without memory.
  bool prepare(CURL* easy, const HttpRequest& request);
  /// What has come.
  HttpResponse& response() noexcept { return response_; }
  bool head_too_large() const noexcept { return head_bytes_ > kHeadBytesMax; }
  /// What libcurl says of the failure; empty: nothing more than its code.
  std::string_view problem() const noexcept { return problem_; }

 private:
  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  void add_header(std::string_view line);
  bool set_method(CURL* easy, const HttpRequest& request);

  List headers_;
  HttpResponse response_;
  std::size_t head_bytes_ = 0;
  char problem_[CURL_ERROR_SIZE] = {};
};

}  // namespace sextant::http
