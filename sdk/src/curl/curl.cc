// Requests of libcurl as spans.
#include "sextant/curl.h"

#include <array>
#include <chrono>
#include <list>
#include <string>

#include "net/url.h"
#include "sextant/conventions.h"
#include "sextant/propagation.h"
#include "sextant/trace.h"
#include "sextant/version.h"

namespace sextant {
namespace {

const Tracer& curl_tracer() {
  static const Tracer& made = *new Tracer(tracer("sextant.curl", kVersion));
  return made;
}

/// The user's headers with those of a context behind them, for as long as it lives.
class HeaderList final : public FieldWriter {
 public:
  explicit HeaderList(curl_slist* first) noexcept : first_(first), last_(first) {
    while (last_ != nullptr && last_->next != nullptr) last_ = last_->next;
    users_last_ = last_;
  }
  ~HeaderList() override {
    if (users_last_ != nullptr) users_last_->next = nullptr;
  }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void set(std::string_view name, std::string_view value) override {
    texts_.push_back(std::string(name).append(": ").append(value));
    nodes_.push_back({texts_.back().data(), nullptr});
    if (first_ == nullptr) first_ = &nodes_.back();
    if (last_ != nullptr) last_->next = &nodes_.back();
    last_ = &nodes_.back();
  }
  curl_slist* list() const noexcept { return first_; }

 private:
  curl_slist* first_;
  curl_slist* last_;
  curl_slist* users_last_;
  std::list<std::string> texts_;
  std::list<curl_slist> nodes_;
};

/// A text of the handle's; empty where it has none.
std::string text_info(CURL* handle, CURLINFO what) {
  const char* text = nullptr;
  return curl_easy_getinfo(handle, what, &text) == CURLE_OK && text != nullptr ? text : "";
}

long number_info(CURL* handle, CURLINFO what) {
  long number = 0;
  return curl_easy_getinfo(handle, what, &number) == CURLE_OK ? number : 0;
}

std::string error_type(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "name_resolution_error";
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return "connection_error";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
      return "tls_error";
    default:
      return "curl_" + std::to_string(static_cast<int>(code));
  }
}

std::string_view protocol_version(long version) noexcept {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    case CURL_HTTP_VERSION_3:
      return "3";
    default:
      return {};
  }
}

bool known_method(std::string_view method) noexcept {
  for (const std::string_view known :
       {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "QUERY", "CONNECT", "TRACE"}) {
    if (method == known) return true;
  }
  return false;
}

/// libcurl takes an address without a scheme for http.
std::string address_of(CURL* handle) {
  std::string url = text_info(handle, CURLINFO_EFFECTIVE_URL);
  if (!url.empty() && url.find("://") == std::string::npos) url.insert(0, "http://");
  return url;
}

Span start_span(const std::string& url, const CurlCall& call) {
  std::array<Attribute, 4> attributes;
  std::size_t count = 0;
  const std::string shown = redacted_url(url);
  if (!shown.empty()) attributes[count++] = {"url.full", shown};
  const Result<net::Url> parsed = net::parse_url(url);
  if (parsed) {
    attributes[count++] = {"server.address", parsed->host};
    attributes[count++] = {"server.port", parsed->port};
  }
  if (!call.url_template.empty()) attributes[count++] = {"url.template", call.url_template};
  return curl_tracer().start("HTTP",
                             SpanOptions().kind(SpanKind::kClient).attributes(Attributes(attributes.data(), count)));
}

/// The method is known when the request has been made.
void set_method(Span& span, CURL* handle, const CurlCall& call) {
  const std::string method = text_info(handle, CURLINFO_EFFECTIVE_METHOD);
  if (method.empty()) return;
  const bool known = known_method(method);
  span.set("http.request.method", known ? std::string_view(method) : std::string_view("_OTHER"));
  if (!known) span.set("http.request.method_original", method);
  std::string name = known ? method : "HTTP";
  if (!call.url_template.empty()) name.append(" ").append(call.url_template);
  span.update_name(name);
}

void set_response(Span& span, CURL* handle, CURLcode code) {
  const std::string peer = text_info(handle, CURLINFO_PRIMARY_IP);
  if (!peer.empty())
    span.set("network.peer.address", peer).set("network.peer.port", number_info(handle, CURLINFO_PRIMARY_PORT));
  const long status = number_info(handle, CURLINFO_RESPONSE_CODE);
  if (status > 0) {
    span.set("http.response.status_code", status);
    const std::string_view version = protocol_version(number_info(handle, CURLINFO_HTTP_VERSION));
    if (!version.empty()) span.set("network.protocol.version", version);
  }
  if (code != CURLE_OK) {
    span.set("error.type", error_type(code)).set_status(StatusCode::kError, curl_easy_strerror(code));
  } else if (status >= 400) {
    span.set("error.type", std::to_string(status)).set_status(StatusCode::kError);
  }
}

/// Of the last request, where redirects led to several.
void add_phases(Span& span, CURL* handle, Time begin) {
  struct Phase {
    const char* name;
    CURLINFO time;  // µs since the beginning
  };
  constexpr Phase kPhases[] = {{"http.dns_done", CURLINFO_NAMELOOKUP_TIME_T},
                               {"http.connected", CURLINFO_CONNECT_TIME_T},
                               {"http.tls_done", CURLINFO_APPCONNECT_TIME_T},
                               {"http.request_sent", CURLINFO_PRETRANSFER_TIME_T},
                               {"http.first_byte", CURLINFO_STARTTRANSFER_TIME_T}};
  for (const Phase& phase : kPhases) {
    curl_off_t us = 0;
    if (curl_easy_getinfo(handle, phase.time, &us) != CURLE_OK || us <= 0) continue;
    span.add_event(phase.name, {}, begin + std::chrono::microseconds(us));
  }
}

}  // namespace

CURLcode curl_perform(CURL* handle, const CurlCall& call) {
  const std::string url = address_of(handle);
  Span span = start_span(url, call);
  HeaderList headers(call.headers);
  inject(span.context().valid() ? current_context().with_span(span) : current_context(), headers);
  const Time begin = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list());
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, call.headers);
  if (!span.recording()) return code;
  set_method(span, handle, call);
  set_response(span, handle, code);
  if (call.phases == CurlPhases::kEvents) add_phases(span, handle, begin);
  return code;
}

}  // namespace sextant
