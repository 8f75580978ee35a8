// The connection's life outside requests: deadlines, answers, streams, the end. Reading stands in http_session_read.cc.
#include "base/net/http_session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>

#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

/// Answers up to this size go out in one piece with their head.
constexpr size_t kJoinBytesMax = 4096;
constexpr size_t kLingerChunkBytes = 16 * 1024;

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(UnixNanos now) {
  const time_t seconds = static_cast<time_t>(now / kNanosPerSecond);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const size_t size = strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

/// A value with a line break would begin a header, or an answer, of its own.
bool is_safe_header(const HttpHeaders::Entry& entry) {
  const auto control = [](char c) { return (static_cast<uint8_t>(c) < 0x20 && c != '\t') || c == 0x7f; };
  return std::none_of(entry.first.begin(), entry.first.end(), control) &&
         std::none_of(entry.second.begin(), entry.second.end(), control);
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

}  // namespace

HttpSession::HttpSession(HttpCore& core, std::unique_ptr<Transport> transport, Strand strand, std::string peer,
                         Admission admission)
    : core_(core),
      strand_(std::move(strand)),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      admission_(admission),
      body_(core.buffers) {}

HttpSession::~HttpSession() {
  unregister();
}

void HttpSession::unregister() {
  core_.sessions.lock()->erase(this);
  core_.sessions.notify_all();
}

/// Runs `function` on the connection's strand: now when the caller is there, soon when not, never when the network
/// threads are gone.
template <typename Function>
void HttpSession::run_on_strand(Function function) {
  if (strand_.running_in_this_thread()) return function();
  const std::shared_lock lock(core_.running_mutex);
  if (!core_.running) return;
  asio::post(strand_, [self = shared_from_this(), function = std::move(function)]() mutable { function(); });
}

void HttpSession::start() {
  core_.sessions.lock()->insert(this);
  asio::post(strand_, [self = shared_from_this()] {
    if (self->core_.stopping) return self->close();
    if (!self->transport_->encrypted()) return self->next_request();
    self->enter(Phase::kHandshake, self->core_.settings.head_deadline_ms);
    self->transport_->handshake([self](ErrorCondition error, size_t) {
      if (self->phase_ == Phase::kClosed) return;
      if (error) {
        ++self->core_.counters.handshakes_failed;
        return self->close();
      }
      self->client_subject_ = self->transport_->client_subject();
      self->next_request();
    });
  });
}

void HttpSession::enter(Phase phase, uint32_t deadline_ms) {
  phase_ = phase;
  deadline_nanos_ = core_.clock.steady_nanos() + deadline_ms * kNanosPerMillisecond;
}

void HttpSession::deadline_passed() {
  run_on_strand([this] {
    if (core_.clock.steady_nanos() < deadline_nanos()) return;  // something happened in between
    switch (phase_) {
      case Phase::kClosed:
      case Phase::kHandler:
        return;
      case Phase::kBody:
        return slow_body();
      case Phase::kHead:
        ++core_.counters.deadlines_missed;
        too_slow_ = true;
        no_deadline();
        return transport_->cancel();  // the read ends with an error and sees too_slow_
      case Phase::kHandshake:
      case Phase::kWrite:
      case Phase::kStream:
      case Phase::kDrain:
        ++core_.counters.deadlines_missed;
        return close();
      case Phase::kIdle:
      case Phase::kLinger:
        return close();
    }
  });
}

/// A window of the body's time is over: either it brought enough, or the client is dropped.
void HttpSession::slow_body() {
  const uint64_t now = core_.clock.steady_nanos();
  const uint64_t end = body_started_nanos_ + core_.settings.body_deadline_ms * kNanosPerMillisecond;
  if (window_bytes_ >= kBodyWindowBytesMin && now < end) {
    window_bytes_ = 0;
    return enter(Phase::kBody, core_.settings.body_window_ms);
  }
  ++core_.counters.deadlines_missed;
  too_slow_ = true;
  no_deadline();
  transport_->cancel();
}

void HttpSession::server_stopping() {
  run_on_strand([this] {
    if (phase_ == Phase::kHandshake || phase_ == Phase::kIdle || phase_ == Phase::kLinger) return close();
    if (phase_ != Phase::kStream) return;
    stream_open_ = false;
    stream_ending_ = true;
    if (!stream_writing_) stream_pump();
  });
}

void HttpSession::close_soon() {
  run_on_strand([this] { close(); });
}

void HttpSession::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  no_deadline();
  stream_open_ = false;
  stream_queue_.clear();
  transport_->close();  // body_ stays: OpenSSL may still write into it before its read has ended
  unregister();
}

void HttpSession::answer(HttpAnswer answer, LedgerHold hold) {
  run_on_strand([this, answer = std::move(answer), hold = std::move(hold)]() mutable {
    if (phase_ != Phase::kHandler || answered_) return;
    write_answer(std::move(answer), std::move(hold));
  });
}

void HttpSession::answer_dropped() {
  run_on_strand([this] {
    if (phase_ != Phase::kHandler || answered_) return;
    write_answer(core_.handler.on_refusal(head_, HttpRefusal::kInternal, "the request was dropped inside the server"),
                 {});
  });
}

std::string HttpSession::answer_head(const HttpAnswer& answer, bool chunked) const {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, http_reason(answer.status),
                                 http_date(core_.clock.unix_nanos()));
  if (!answer.content_type.empty() && is_safe_header({"Content-Type", answer.content_type})) {
    head += "Content-Type: " + answer.content_type + "\r\n";
  }
  for (const auto& entry : answer.headers.entries()) {
    if (is_safe_header(entry)) head += entry.first + ": " + entry.second + "\r\n";
  }
  if (chunked) {
    if (!http_1_0_) head += "Transfer-Encoding: chunked\r\n";
  } else if (!has_no_body(answer.status)) {
    head += fmt::format("Content-Length: {}\r\n", answer.body.size());
  }
  const bool closes = after_answer_ == AfterAnswer::kClose;
  if (closes) head += "Connection: close\r\n";
  if (!closes && http_1_0_) head += "Connection: keep-alive\r\n";
  return head + "\r\n";
}

void HttpSession::write_answer(HttpAnswer answer, LedgerHold hold) {
  answered_ = true;
  if (after_answer_ == AfterAnswer::kNextRequest && (!keep_alive_ || core_.stopping))
    after_answer_ = AfterAnswer::kClose;
  out_head_ = answer_head(answer, false);
  out_body_ = head_only_ || has_no_body(answer.status) ? std::string() : std::move(answer.body);
  if (out_body_.size() <= kJoinBytesMax) {
    out_head_ += out_body_;
    out_body_.clear();
  }
  out_hold_ = std::move(hold);
  out_sent_ = 0;
  write_pending();
}

void HttpSession::write_pending() {
  enter(Phase::kWrite, core_.settings.write_deadline_ms);
  const size_t head_sent = std::min(out_sent_, out_head_.size());
  const size_t body_sent = out_sent_ - head_sent;
  const std::array<asio::const_buffer, 2> rest = {
      asio::const_buffer(out_head_.data() + head_sent, out_head_.size() - head_sent),
      asio::const_buffer(out_body_.data() + body_sent, out_body_.size() - body_sent)};
  transport_->write_some(rest, [self = shared_from_this()](ErrorCondition error, size_t sent) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->out_sent_ += sent;
    if (self->out_sent_ < self->out_head_.size() + self->out_body_.size()) return self->write_pending();
    self->answer_written();
  });
}

void HttpSession::answer_written() {
  out_head_.clear();
  out_body_ = {};
  out_hold_.release();
  switch (after_answer_) {
    case AfterAnswer::kNextRequest:
      return next_request();
    case AfterAnswer::kDrainBody:
      enter(Phase::kDrain, core_.settings.body_window_ms);
      return drain_body();
    case AfterAnswer::kClose:
      return linger();
  }
}

/// Reads the rest of a refused body away, so that the connection can carry the next request.
void HttpSession::drain_body() {
  const uint64_t there = std::min<uint64_t>(input_.size(), body_rest_);
  input_.consume(there);
  body_rest_ -= there;
  if (body_rest_ == 0) return next_request();
  read_more(&HttpSession::drain_body);
}

/// Says that nothing more comes and reads away what the client still sends: closing at once would make the kernel
/// answer with a reset, and the client would never see why it was refused.
void HttpSession::linger() {
  enter(Phase::kLinger, core_.settings.linger_ms);
  input_ = {};
  transport_->finish_writing([self = shared_from_this()](ErrorCondition error, size_t) {
    if (self->phase_ != Phase::kLinger) return;
    if (error || self->core_.stopping) return self->close();
    self->linger_read();
  });
}

void HttpSession::linger_read() {
  const auto room = input_.prepare(kLingerChunkBytes);
  transport_->read_some(room, [self = shared_from_this()](ErrorCondition error, size_t) {
    if (self->phase_ != Phase::kLinger) return;
    if (error) return self->close();
    self->linger_read();
  });
}

void HttpSession::stream_start(HttpAnswer answer) {
  stream_open_ = true;
  run_on_strand([this, answer = std::move(answer)]() mutable {
    if (phase_ != Phase::kHandler || answered_) {
      stream_open_ = false;
      return;
    }
    begin_stream(std::move(answer));
  });
}

void HttpSession::begin_stream(HttpAnswer answer) {
  answered_ = true;
  if (!keep_alive_ || http_1_0_ || core_.stopping) after_answer_ = AfterAnswer::kClose;
  out_head_ = answer_head(answer, true);
  stream_ending_ = head_only_;
  enter(Phase::kStream, core_.settings.write_deadline_ms);
  if (core_.stopping) stream_open_ = false;
  if (!answer.body.empty() && !head_only_) {
    stream_queued_bytes_ += answer.body.size();
    stream_queue_.push_front(std::move(answer.body));
  }
  stream_pump();
}

bool HttpSession::stream_write(std::string bytes) {
  if (!stream_open_) return false;
  if (bytes.empty()) return true;
  if (stream_queued_bytes_.fetch_add(bytes.size()) + bytes.size() > kStreamQueueBytesMax) {
    stream_open_ = false;
    close_soon();
    return false;
  }
  run_on_strand([this, bytes = std::move(bytes)]() mutable {
    if ((phase_ != Phase::kStream && phase_ != Phase::kHandler) || head_only_) return;
    stream_queue_.push_back(std::move(bytes));
    if (phase_ == Phase::kStream && !stream_writing_) stream_pump();
  });
  return true;
}

void HttpSession::stream_finish() {
  run_on_strand([this] {
    if (phase_ != Phase::kStream) return;
    stream_open_ = false;
    stream_ending_ = true;
    if (!stream_writing_) stream_pump();
  });
}

/// Writes all that waits, then waits for more, or ends.
void HttpSession::stream_pump() {
  uint64_t taken = 0;
  for (const auto& piece : stream_queue_) {
    taken += piece.size();
    if (http_1_0_) {
      out_head_ += piece;
    } else {
      out_head_ += fmt::format("{:x}\r\n", piece.size()) + piece + "\r\n";
    }
  }
  stream_queue_.clear();
  const bool last = stream_ending_;
  if (last && !http_1_0_ && !head_only_) out_head_ += "0\r\n\r\n";
  if (out_head_.empty()) {
    if (last) return stream_done();
    return no_deadline();
  }
  stream_writing_ = true;
  out_sent_ = 0;
  const auto piece = std::make_shared<std::string>(std::move(out_head_));
  out_head_.clear();
  write_stream_piece(piece, taken, last);
}

void HttpSession::write_stream_piece(const std::shared_ptr<std::string>& piece, uint64_t taken, bool last) {
  enter(Phase::kStream, core_.settings.write_deadline_ms);
  const std::array<asio::const_buffer, 2> rest = {
      asio::const_buffer(piece->data() + out_sent_, piece->size() - out_sent_), asio::const_buffer()};
  transport_->write_some(rest, [self = shared_from_this(), piece, taken, last](ErrorCondition error, size_t sent) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->out_sent_ += sent;
    if (self->out_sent_ < piece->size()) return self->write_stream_piece(piece, taken, last);
    self->stream_writing_ = false;
    self->stream_queued_bytes_ -= taken;
    if (last) return self->stream_done();
    self->stream_pump();
  });
}

void HttpSession::stream_done() {
  stream_open_ = false;
  stream_queued_bytes_ = 0;
  if (after_answer_ == AfterAnswer::kClose || core_.stopping) return linger();
  next_request();
}

}  // namespace sextant::net_detail
