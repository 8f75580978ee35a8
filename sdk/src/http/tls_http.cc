// The HTTP client with TLS: libcurl, run by its multi interface so that waiting can be called off.
#include "sextant/http.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "http/curl_handle.h"
#include "http/exchange.h"
#include "net/url.h"

namespace sextant {
namespace http {
namespace {

constexpr int kPollMsMax = 1'000;  // libcurl's own timers are looked at so often

/// Once a process; libcurl counts the calls, and is never told that it is not needed any more.
bool begin_using_curl() {
  static std::once_flag once;
  static bool begun = false;
  std::call_once(once, [] { begun = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; });
  return begun;
}

/// Thread-confined.
class TlsHttp final : public HttpTransport {
 public:
  explicit TlsHttp(TlsHttpSettings settings) : settings_(std::move(settings)) {}

  Result<HttpResponse> send(const HttpRequest& request, const Deadline& deadline) override {
    const Result<net::Url> url = net::parse_url(request.url);
    if (!url) return Error{url.error()};
    if (std::string problem = net::problem_of(request.headers); !problem.empty()) return Error{std::move(problem)};
    if (deadline.passed()) return Error{url->authority() + ": timed out"};
    const NoSigpipe guard;
    if (!open()) return Error{url->authority() + ": libcurl cannot be started"};
    Exchange exchange;
    curl_easy_reset(easy_.get());
    set_connection_options(deadline);
    const bool prepared = exchange.prepare(easy_.get(), request);
    Result<HttpResponse> response = prepared ? run(exchange, deadline) : Error{"out of memory"};
    curl_easy_reset(easy_.get());  // it holds addresses of the exchange
    if (!response) return Error{url->authority() + ": " + response.error()};
    return response;
  }

 private:
  bool open();
  void set_connection_options(const Deadline& deadline);
  void set_tls_options();
  Result<HttpResponse> run(Exchange& exchange, const Deadline& deadline);
  std::string drive(CURLcode& outcome, const Deadline& deadline);
  Result<HttpResponse> conclude(Exchange& exchange, CURLcode outcome);
  std::string explain(const Exchange& exchange, CURLcode outcome) const;

  const TlsHttpSettings settings_;
  pid_t process_ = 0;  // whose handles these are
  Easy easy_;
  Multi multi_;
};

/// In the child of a fork the connections are the parent's: they are left alone, unclosed, and new ones are made.
bool TlsHttp::open() {
  if (easy_ != nullptr && multi_ != nullptr && process_ == getpid()) return true;
  static_cast<void>(easy_.release());
  static_cast<void>(multi_.release());
  if (!begin_using_curl()) return false;
  easy_.reset(curl_easy_init());
  multi_.reset(curl_multi_init());
  process_ = getpid();
  if (multi_ != nullptr) curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 4L);
  return easy_ != nullptr && multi_ != nullptr;
}

void TlsHttp::set_connection_options(const Deadline& deadline) {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline.left().count()) + 1);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  // A name server that does not answer must not hold up the end of a request: its lookup is left behind.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  set_tls_options();
}

void TlsHttp::set_tls_options() {
  CURL* const easy = easy_.get();
  const bool checked = settings_.peer_check == PeerCheck::kFull;
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
  if (!settings_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
  if (settings_.client_certificate_file.empty()) return;
  const std::string& key =
      settings_.client_key_file.empty() ? settings_.client_certificate_file : settings_.client_key_file;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, settings_.client_certificate_file.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
  if (!settings_.client_key_password.empty())
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, settings_.client_key_password.c_str());
}

Result<HttpResponse> TlsHttp::run(Exchange& exchange, const Deadline& deadline) {
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return Error{"libcurl takes no more requests"};
  CURLcode outcome = CURLE_OK;
  const std::string problem = drive(outcome, deadline);
  curl_multi_remove_handle(multi_.get(), easy_.get());
  if (!problem.empty()) return Error{problem};
  return conclude(exchange, outcome);
}

/// Until the request has ended, the deadline has passed or it was called off. Empty: it has ended.
std::string TlsHttp::drive(CURLcode& outcome, const Deadline& deadline) {
  for (;;) {
    int running = 0;
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return "libcurl failed";
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      outcome = message->data.result;
      return {};
    }
    if (deadline.passed()) return "timed out";
    curl_waitfd cancel{deadline.cancel_descriptor(), CURL_WAIT_POLLIN, 0};
    const auto wait_ms = std::min<std::int64_t>(deadline.left().count(), kPollMsMax);
    curl_multi_poll(multi_.get(), cancel.fd >= 0 ? &cancel : nullptr, cancel.fd >= 0 ? 1 : 0, static_cast<int>(wait_ms),
                    nullptr);
    if (cancel.revents != 0) return "called off";
  }
}

Result<HttpResponse> TlsHttp::conclude(Exchange& exchange, CURLcode outcome) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  HttpResponse& response = exchange.response();
  response.status = static_cast<int>(status);
  if (outcome == CURLE_OK || (outcome == CURLE_WRITE_ERROR && response.cut)) return std::move(response);
  return Error{explain(exchange, outcome)};
}

std::string TlsHttp::explain(const Exchange& exchange, CURLcode outcome) const {
  if (outcome == CURLE_OPERATION_TIMEDOUT) return "timed out";
  if (exchange.head_too_large()) {
    return "the answer cannot be read: its header is larger than " + std::to_string(kHeadBytesMax) + " bytes";
  }
  std::string text(exchange.problem());
  if (text.empty()) text = curl_easy_strerror(outcome);
  if (outcome == CURLE_SSL_CACERT_BADFILE) return "the authorities' file '" + settings_.ca_file + "': " + text;
  if (outcome == CURLE_SSL_CERTPROBLEM)
    return "the client's certificate '" + settings_.client_certificate_file + "': " + text;
  if (outcome == CURLE_PEER_FAILED_VERIFICATION) {
    return "its certificate is not trusted: " + text +
           "; a private authority's certificate is given as ca_file, the address must name a host of the certificate";
  }
  return text;
}

}  // namespace
}  // namespace http

HttpTransportPtr tls_http(TlsHttpSettings settings) {
  return std::make_shared<http::TlsHttp>(std::move(settings));
}

}  // namespace sextant
