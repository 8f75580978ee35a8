// HTTP requests by libcurl that are spans and carry the context along: component sextant::curl.
//
//   CURL* handle = curl_easy_init();
//   curl_easy_setopt(handle, CURLOPT_URL, "http://127.0.0.1:8080/orders?id=7");
//   const CURLcode code = sextant::curl_perform(handle);
//
// The span is of kind client, by OpenTelemetry's conventions for HTTP: http.request.method, url.full (redacted),
// server.address, server.port, http.response.status_code, network.protocol.version, network.peer.address,
// network.peer.port, and error.type: the status where it is 400 or more, `timeout`, `connection_error`,
// `name_resolution_error`, `tls_error`, or the number of libcurl's error as `curl_N`.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string_view>

namespace sextant {

/// Whether the span tells how long the parts of the request took.
enum class CurlPhases : std::uint8_t {
  kNone,
  kEvents  // events http.dns_done, http.connected, http.tls_done, http.request_sent, http.first_byte
};

struct CurlCall {
  /// The headers that CURLOPT_HTTPHEADER has: libcurl does not tell them. They are sent before those that carry the
  /// context, and are the handle's again afterwards.
  curl_slist* headers = nullptr;
  CurlPhases phases = CurlPhases::kNone;
  /// url.template: the path with its variable parts in braces, e.g. `/orders/{id}`; becomes part of the span's name.
  std::string_view url_template = {};
};

/// As curl_easy_perform(). As thread-safe as the handle.
CURLcode curl_perform(CURL* handle, const CurlCall& call = {});

}  // namespace sextant
