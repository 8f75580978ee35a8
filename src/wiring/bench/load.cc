#include "wiring/bench/load.h"

#include <algorithm>
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
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/core/guarded.h"
#include "data/otlp/traces.h"

namespace sextant::wiring {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kAnswerTimeout = std::chrono::seconds(30);
constexpr uint64_t kAnswerBytesMax = 4 << 20;  // the OTLP specification's bound on answers
constexpr auto kPauseMin = std::chrono::milliseconds(20);
constexpr auto kPauseMax = std::chrono::milliseconds(1000);
constexpr uint32_t kAttemptsMax = 300;
constexpr std::string_view kOtlpType = "application/x-protobuf";

/// One keep-alive connection. Thread-confined.
class LoadConnection {
 public:
  explicit LoadConnection(const LoadTarget& target) : target_(target), socket_(io_) {}

  Result<HttpReply> post(std::string_view content_type, std::string_view body) {
    if (!socket_.is_open()) TRY(connect());
    auto reply = exchange(content_type, body);
    if (!reply) close();
    return reply;
  }

 private:
  Result<void> connect() {
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io_);
    const auto addresses = resolver.resolve(target_.host, target_.port, error);
    if (!error) run([&](auto done) { asio::async_connect(socket_, addresses, done); }, error);
    if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
    if (!error) return {};
    close();
    return fail(ErrorCode::kUnavailable, "cannot connect to {}:{}: {}", target_.host, target_.port, error.message());
  }

  Result<HttpReply> exchange(std::string_view content_type, std::string_view body) {
    const std::string head =
        fmt::format("POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", target_.path,
                    target_.host, target_.port, content_type, body.size());
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
    socket_.close(ignored);
    buffer_.clear();
  }

  const LoadTarget& target_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

void note_failure(LoadResult& result, std::string what) {
  ++result.failures;
  if (result.first_failure.empty()) result.first_failure = std::move(what);
}

bool says_later(const HttpReply& reply) {
  return reply.status == 429 || reply.status == 503;
}

/// How long to wait before the next try: what the server says, but little enough that a run comes to an end.
std::chrono::milliseconds pause_after(const HttpReply& reply) {
  const auto said = std::chrono::milliseconds(reply.retry_after_seconds * 1000ULL);
  return std::clamp<std::chrono::milliseconds>(said, kPauseMin, kPauseMax);
}

void send_body(LoadConnection& connection, const LoadBody& body, LoadResult& result) {
  for (uint32_t attempt = 1;; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    const auto reply = connection.post(kOtlpType, body.bytes);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    if (!reply) return note_failure(result, reply.error().message());
    if (reply->status == 200 && reply->body.empty()) {
      ++result.requests;
      result.spans += body.spans;
      result.wire_bytes += body.bytes.size();
      result.ack_micros.push_back(static_cast<uint32_t>(micros.count()));
      return;
    }
    if (!says_later(*reply) || attempt == kAttemptsMax) {
      // A body in a success says that spans were refused.
      return note_failure(result, fmt::format("status {}, {} bytes of answer", reply->status, reply->body.size()));
    }
    ++result.refusals;
    std::this_thread::sleep_for(pause_after(*reply));
  }
}

/// A connection's whole work.
LoadResult send_bodies(const LoadTarget& target, uint32_t index, const NextBody& next) {
  LoadResult result;
  LoadConnection connection(target);
  while (const auto body = next(index)) send_body(connection, *body, result);
  return result;
}

void merge(LoadResult& into, LoadResult&& from) {
  into.requests += from.requests;
  into.failures += from.failures;
  into.refusals += from.refusals;
  into.spans += from.spans;
  into.wire_bytes += from.wire_bytes;
  into.ack_micros.insert(into.ack_micros.end(), from.ack_micros.begin(), from.ack_micros.end());
  if (into.first_failure.empty()) into.first_failure = std::move(from.first_failure);
}

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

double LoadResult::ack_millis(double quantile) const {
  if (ack_micros.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(ack_micros.size())));
  return ack_micros[std::clamp<size_t>(rank, 1, ack_micros.size()) - 1] / 1000.0;
}

LoadResult run_load(const LoadTarget& target, uint32_t connections, const NextBody& next) {
  Guarded<LoadResult> sum;
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (uint32_t i = 0; i < connections; ++i) {
      threads.emplace_back([&, i] {
        LoadResult result = send_bodies(target, i, next);
        merge(*sum.lock(), std::move(result));
      });
    }
  }
  LoadResult result = std::move(*sum.lock());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::sort(result.ack_micros.begin(), result.ack_micros.end());
  return result;
}

Result<HttpReply> post_once(const LoadTarget& target, std::string_view content_type, std::string_view body) {
  return LoadConnection(target).post(content_type, body);
}

std::string encode_request(const data::Batch& batch) {
  std::vector<uint32_t> rows(batch.span_count());
  std::iota(rows.begin(), rows.end(), 0U);
  return data::encode_traces_protobuf(batch, rows);
}

PreparedLoad prepare_load(const data::CorpusSettings& settings, uint64_t spans) {
  PreparedLoad load;
  const auto corpus = data::make_corpus(settings);
  while (load.span_count < spans) {
    const data::Batch batch = corpus->next_request();
    load.spans.push_back(batch.span_count());
    load.span_count += batch.span_count();
    load.bodies.push_back(encode_request(batch));
    load.wire_bytes += load.bodies.back().size();
  }
  return load;
}

}  // namespace sextant::wiring
