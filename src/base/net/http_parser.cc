#include "base/net/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <optional>

#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string to_text(string_view text) {
  return {text.data(), text.size()};
}

HttpMethod method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return HttpMethod::kGet;
    case http::verb::head:
      return HttpMethod::kHead;
    case http::verb::post:
      return HttpMethod::kPost;
    case http::verb::put:
      return HttpMethod::kPut;
    case http::verb::delete_:
      return HttpMethod::kDelete;
    case http::verb::patch:
      return HttpMethod::kPatch;
    case http::verb::options:
      return HttpMethod::kOptions;
    default:
      return HttpMethod::kOther;
  }
}

/// Collects the head into our own types instead of Beast's containers, and a chunked body into its RequestBody.
class BeastParser final : public http::basic_parser<true> {
 public:
  BeastParser() {
    eager(false);
    header_limit(kHeadBytesMax);
    body_limit(boost::none);  // RequestBody counts
  }

  HttpHead head;
  int version = 11;
  RequestBody* body = nullptr;
  RequestBody::Outcome outcome = RequestBody::Outcome::kOk;

 private:
  void on_request_impl(http::verb verb, string_view text, string_view target, int number, error_code&) override {
    head.method = method_of(verb);
    head.method_text = to_text(text);
    head.target = to_text(target);
    version = number;
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    // Fields after a chunked body (trailers) come through here too; they must not change what was decided on the head.
    if (!is_header_done()) head.headers.add(to_text(name), to_text(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  size_t on_body_impl(string_view, error_code& error) override {
    error = http::error::unexpected_body;
    return 0;
  }
  void on_chunk_header_impl(uint64_t size, string_view, error_code& error) override {
    // A chunk that cannot fit is refused at once, not when its last byte came.
    if (size <= body->left()) return;
    outcome = RequestBody::Outcome::kTooLarge;
    error = http::error::body_limit;
  }
  size_t on_chunk_body_impl(uint64_t, string_view bytes, error_code& error) override {
    outcome = body->append({bytes.data(), bytes.size()});
    if (outcome != RequestBody::Outcome::kOk) error = http::error::body_limit;
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

/// RFC 9112 section 6.1 and 6.3: what could be framed in two ways is refused, or a proxy in front could see other
/// requests than we do.
std::string framing_problem(const BeastParser& parser) {
  const HttpHeaders& headers = parser.head.headers;
  if (parser.version != 10 && parser.version != 11) return "only HTTP/1.0 and HTTP/1.1 are spoken here";
  if (parser.version == 11 && headers.count("Host") != 1) return "exactly one Host header is needed";
  if (headers.count("Transfer-Encoding") == 0) return {};
  if (headers.has("Content-Length")) return "both Content-Length and Transfer-Encoding";
  const std::string_view coding = headers.get("Transfer-Encoding");
  const bool only_chunked = headers.count("Transfer-Encoding") == 1 &&
                            boost::beast::iequals(string_view(coding.data(), coding.size()), "chunked");
  return only_chunked ? std::string() : "the only transfer coding known here is chunked";
}

/// "http://host/path" → "/path" (RFC 9112 section 3.2.2); "" when the target has no form we know.
std::string origin_form(const std::string& target) {
  if (target.starts_with('/') || target == "*") return target;
  const size_t scheme_end = target.find("://");
  if (scheme_end == std::string::npos) return {};
  const size_t slash = target.find_first_of("/?", scheme_end + 3);
  if (slash == std::string::npos) return "/";
  return target[slash] == '/' ? target.substr(slash) : "/" + target.substr(slash);
}

}  // namespace

struct HttpParser::Impl {
  std::optional<BeastParser> parser;
  bool head_reported = false;
  std::string message;
};

HttpParser::HttpParser() : impl_(std::make_unique<Impl>()) {
  reset();
}
HttpParser::~HttpParser() = default;

void HttpParser::reset() {
  impl_->parser.emplace();
  impl_->head_reported = false;
  impl_->message.clear();
}

HttpParser::State HttpParser::put(std::string_view bytes, size_t& consumed, RequestBody& body) {
  BeastParser& parser = *impl_->parser;
  parser.body = &body;
  consumed = 0;
  while (true) {
    error_code error;
    const auto rest = bytes.substr(consumed);
    const size_t used = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    consumed += used;
    if (error == http::error::need_more) return State::kNeedMore;
    if (error == http::error::header_limit) return State::kHeadTooLarge;
    if (error) {
      if (parser.outcome == RequestBody::Outcome::kTooLarge) return State::kBodyTooLarge;
      if (parser.outcome == RequestBody::Outcome::kMemoryFull) return State::kMemoryFull;
      impl_->message = error.message();
      return State::kBad;
    }
    if (parser.is_header_done() && !impl_->head_reported) {
      impl_->head_reported = true;
      impl_->message = framing_problem(parser);
      parser.head.target = origin_form(parser.head.target);
      if (impl_->message.empty() && parser.head.target.empty()) impl_->message = "the request target is not a path";
      return impl_->message.empty() ? State::kHeadDone : State::kBad;
    }
    if (parser.is_done()) return State::kBodyDone;
    if (used == 0 || consumed == bytes.size()) return State::kNeedMore;
  }
}

HttpHead HttpParser::take_head() {
  BeastParser& parser = *impl_->parser;
  if (!parser.chunked() && parser.content_length()) parser.head.content_length = *parser.content_length();
  parser.head.has_body = parser.chunked() || parser.head.content_length.value_or(0) > 0;
  return std::move(parser.head);
}

bool HttpParser::chunked() const {
  return impl_->parser->chunked();
}
bool HttpParser::keep_alive() const {
  return impl_->parser->keep_alive();
}
bool HttpParser::http_1_0() const {
  return impl_->parser->version == 10;
}
const std::string& HttpParser::message() const {
  return impl_->message;
}

}  // namespace sextant::net_detail
