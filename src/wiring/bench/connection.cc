#include "wiring/bench/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <chrono>

namespace sextant::wiring {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto kAnswerTimeout = std::chrono::seconds(30);
constexpr uint64_t kAnswerBytesMax = 256 << 20;  // a run with all its contents

}  // namespace

Result<LoadTarget> parse_target(std::string_view url, std::string_view default_path) {
  constexpr std::string_view kScheme = "http://";
  if (url.starts_with("https://")) {
    return fail(ErrorCode::kUnsupported, "{}: the load generator speaks plain http only", url);
  }
  if (!url.starts_with(kScheme)) return fail(ErrorCode::kInvalidArgument, "{}: a URL http://host:port expected", url);
  std::string_view rest = url.substr(kScheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  LoadTarget target;
  target.port = has_port ? authority.substr(colon + 1) : "80";
  target.host = has_port ? authority.substr(0, colon) : authority;
  if (target.host.starts_with('[') && target.host.ends_with(']'))
    target.host = target.host.substr(1, target.host.size() - 2);
  target.path = path.empty() || path == "/" ? default_path : path;
  const bool digits = std::all_of(target.port.begin(), target.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (target.host.empty() || target.port.empty() || !digits || url.find_first_of(" \r\n") != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "{}: a URL http://host:port expected", url);
  }
  return target;
}

class HttpConnection::Impl {
 public:
  explicit Impl(const LoadTarget& target) : target_(target), socket_(io_) {}

  Result<HttpReply> ask(const std::string& head, std::string_view body) {
    if (!socket_.is_open()) TRY(connect());
    auto reply = exchange(head, body);
    if (!reply) close();
    return reply;
  }
  const LoadTarget& target() const { return target_; }

 private:
  Result<void> connect() {
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io_);
    const auto addresses = resolver.resolve(target_.host, target_.port, error);
    if (!error) run([&](auto done) { asio::async_connect(socket_, addresses, done); }, error);
    if (!error) (void)socket_.set_option(asio::ip::tcp::no_delay(true), error);
    if (!error) return {};
    close();
    return fail(ErrorCode::kUnavailable, "cannot connect to {}:{}: {}", target_.host, target_.port, error.message());
  }

  Result<HttpReply> exchange(const std::string& head, std::string_view body) {
    const std::array<asio::const_buffer, 2> request = {asio::buffer(head), asio::buffer(body.data(), body.size())};
    boost::system::error_code error;
    run([&](auto done) { asio::async_write(socket_, request, done); }, error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    if (!error) run([&](auto done) { http::async_read(socket_, buffer_, parser, done); }, error);
    if (error) return fail(ErrorCode::kUnavailable, "{}:{}: {}", target_.host, target_.port, error.message());
    HttpReply reply{static_cast<int>(parser.get().result_int()), 0, std::move(parser.get().body())};
    const std::string_view after = parser.get()[http::field::retry_after];
    std::from_chars(after.data(), after.data() + after.size(), reply.retry_after_seconds);
    if (!parser.get().keep_alive()) close();
    return reply;
  }

  /// Runs one asynchronous operation to its end or to the time-out.
  template <typename Start>
  void run(Start start, boost::system::error_code& error) {
    bool ended = false;
    start([&](const boost::system::error_code& result, const auto&) {
      error = result;
      ended = true;
    });
    io_.restart();
    io_.run_for(kAnswerTimeout);
    if (ended) return;
    close();
    io_.run();  // the cancelled operation ends now, before its buffers go
    error = asio::error::timed_out;
  }

  void close() {
    boost::system::error_code ignored;
    (void)socket_.close(ignored);
    buffer_.clear();
  }

  const LoadTarget& target_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

HttpConnection::HttpConnection(const LoadTarget& target) : impl_(std::make_unique<Impl>(target)) {}
HttpConnection::~HttpConnection() = default;

Result<HttpReply> HttpConnection::post(std::string_view content_type, std::string_view body) {
  const LoadTarget& to = impl_->target();
  return impl_->ask(fmt::format("POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                                to.path, to.host, to.port, content_type, body.size()),
                    body);
}

Result<HttpReply> HttpConnection::get(std::string_view path) {
  const LoadTarget& to = impl_->target();
  return impl_->ask(fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\n\r\n", path, to.host, to.port), {});
}

}  // namespace sextant::wiring
