// How a connection reads its requests: head, decision, body, handler.
#include <algorithm>
#include <tuple>

#include "base/net/http_session.h"
#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

constexpr size_t kHeadReadBytes = 4096;
constexpr size_t kBodyReadBytes = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view view_of(const boost::beast::flat_buffer& buffer) {
  const auto data = buffer.data();
  return {static_cast<const char*>(data.data()), data.size()};
}

}  // namespace

void HttpSession::next_request() {
  if (core_.stopping) return close();
  parser_.reset();
  body_.drop();
  head_ = {};
  head_only_ = false;
  http_1_0_ = false;
  keep_alive_ = true;
  after_answer_ = AfterAnswer::kNextRequest;
  if (input_.size() > 0) return begin_head();
  if (input_.capacity() > kHeadReadBytes) input_ = {};  // an idle connection holds little
  enter(Phase::kIdle, core_.settings.idle_deadline_ms);
  read_more(&HttpSession::begin_head);
}

void HttpSession::begin_head() {
  enter(Phase::kHead, core_.settings.head_deadline_ms);
  parse_head();
}

void HttpSession::parse_head() {
  size_t consumed = 0;
  const HttpParser::State state = parser_.put(view_of(input_), consumed, body_);
  input_.consume(consumed);
  switch (state) {
    case HttpParser::State::kHeadDone:
      return head_done();
    case HttpParser::State::kHeadTooLarge:
      return refuse(HttpRefusal::kHeadTooLarge, "the request's head is too large");
    case HttpParser::State::kNeedMore:
      if (input_.size() <= kHeadBytesMax) return read_more(&HttpSession::parse_head);
      return refuse(HttpRefusal::kHeadTooLarge, "the request's head is too large");
    default:
      return refuse(HttpRefusal::kBadRequest, parser_.message());
  }
}

void HttpSession::head_done() {
  ++core_.counters.requests;
  no_deadline();
  keep_alive_ = parser_.keep_alive();
  http_1_0_ = parser_.http_1_0();
  head_ = parser_.take_head();
  head_.peer = peer_;
  head_.encrypted = transport_->encrypted();
  head_.client_subject = client_subject_;
  head_only_ = head_.method == HttpMethod::kHead;
  body_rest_ = head_.content_length.value_or(0);
  if (admission_ == Admission::kRefuse) return refuse(HttpRefusal::kTooManyConnections, "too many connections");

  HeadDecision decision = decide();
  if (auto* answer = std::get_if<HttpAnswer>(&decision)) return refuse_early(std::move(*answer));
  body_limit_ = std::get<BodyPlan>(decision).bytes_max;
  begin_body();
}

/// Asks the handler. Whatever it throws (std::bad_alloc, a library's exception) costs its request, not the process.
HeadDecision HttpSession::decide() {
  try {
    return core_.handler.on_head(head_);
  } catch (...) {
    return core_.handler.on_refusal(head_, HttpRefusal::kInternal, "the request could not be handled");
  }
}

void HttpSession::begin_body() {
  if (!head_.has_body) return body_done();
  const auto started = body_.start(body_rest_, body_limit_);
  if (started != RequestBody::Outcome::kOk) return body_failed(started);
  body_started_nanos_ = core_.clock.steady_nanos();
  window_bytes_ = 0;
  enter(Phase::kBody, core_.settings.body_window_ms);
  const bool waits = !http_1_0_ && input_.size() == 0 && head_.headers.get("Expect") == "100-continue";
  return waits ? ask_for_body() : read_body();
}

void HttpSession::ask_for_body() {
  const std::array<asio::const_buffer, 2> bytes = {asio::const_buffer(kContinue.data(), kContinue.size()), {}};
  transport_->write_some(bytes, [self = shared_from_this()](ErrorCondition error, size_t sent) {
    if (self->phase_ == Phase::kClosed) return;
    // The socket's buffer is empty here: less than all means that the connection is broken.
    if (error || sent != kContinue.size()) return self->close();
    self->read_body();
  });
}

void HttpSession::read_body() {
  return head_.content_length ? read_sized_body() : read_chunked_body();
}

void HttpSession::read_sized_body() {
  const uint64_t there = std::min<uint64_t>(input_.size(), body_rest_);
  if (there > 0) {
    const auto appended = body_.append(view_of(input_).substr(0, there));
    if (appended != RequestBody::Outcome::kOk) return body_failed(appended);
    input_.consume(there);
    body_rest_ -= there;
    window_bytes_ += there;
  }
  if (body_rest_ == 0) return body_done();
  RequestBody::Outcome outcome{};
  const auto room = body_.prepare(body_rest_, outcome);
  if (outcome != RequestBody::Outcome::kOk) return body_failed(outcome);
  transport_->read_some(asio::mutable_buffer(room.data(), room.size()),
                        [self = shared_from_this()](ErrorCondition error, size_t size) {
                          if (self->read_failed(error)) return;
                          self->body_.commit(size);
                          self->body_rest_ -= size;
                          self->window_bytes_ += size;
                          self->read_sized_body();
                        });
}

void HttpSession::read_chunked_body() {
  size_t consumed = 0;
  const HttpParser::State state = parser_.put(view_of(input_), consumed, body_);
  input_.consume(consumed);
  window_bytes_ += consumed;
  switch (state) {
    case HttpParser::State::kNeedMore:
      if (input_.size() <= kHeadBytesMax) return read_more(&HttpSession::read_chunked_body);
      return refuse(HttpRefusal::kBadRequest, "a chunk's head or the trailer is too large");
    case HttpParser::State::kBodyDone:
      return body_done();
    case HttpParser::State::kBodyTooLarge:
      return body_failed(RequestBody::Outcome::kTooLarge);
    case HttpParser::State::kMemoryFull:
      return body_failed(RequestBody::Outcome::kMemoryFull);
    default:
      return refuse(HttpRefusal::kBadRequest, parser_.message());
  }
}

void HttpSession::read_more(void (HttpSession::*then)()) {
  const bool in_body = phase_ == Phase::kBody || phase_ == Phase::kDrain;
  const auto room = input_.prepare(in_body ? kBodyReadBytes : kHeadReadBytes);
  transport_->read_some(room, [self = shared_from_this(), then](ErrorCondition error, size_t size) {
    if (self->read_failed(error)) return;
    self->input_.commit(size);
    ((*self).*then)();
  });
}

/// True when reading is over: closed, too slow, or gone.
bool HttpSession::read_failed(ErrorCondition error) {
  if (phase_ == Phase::kClosed) return true;
  if (too_slow_) {
    refuse(HttpRefusal::kTooSlow,
           phase_ == Phase::kHead ? "the request's head did not come in time" : "the request's body came too slowly");
    return true;
  }
  if (error) close();
  return static_cast<bool>(error);
}

void HttpSession::body_done() {
  phase_ = Phase::kHandler;
  no_deadline();
  answered_ = false;
  HttpRequest request;
  request.head = std::move(head_);
  std::tie(request.body, request.hold) = body_.take();
  HttpResponder responder(core_.shared_from_this(), shared_from_this());
  try {
    core_.handler.on_request(request, std::move(responder));
  } catch (...) {
    answer_dropped();  // the responder may have been moved to where nobody will use it
  }
  head_ = std::move(request.head);
  core_.buffers.give_back(std::move(request.body), std::move(request.hold));
}

void HttpSession::body_failed(RequestBody::Outcome outcome) {
  const bool untouched = body_.size() == 0 && head_.content_length;
  const bool never_fits = head_.content_length.value_or(0) > core_.ledger.limit_bytes();
  const auto refusal =
      outcome == RequestBody::Outcome::kTooLarge || never_fits ? HttpRefusal::kBodyTooLarge : HttpRefusal::kMemoryFull;
  const std::string message =
      refusal == HttpRefusal::kBodyTooLarge
          ? fmt::format("the request's body is larger than {} bytes", std::min(body_limit_, core_.ledger.limit_bytes()))
          : "no memory for the request's body now; try again later";
  body_.drop();
  if (untouched) return refuse_early(core_.handler.on_refusal(head_, refusal, message));
  refuse(refusal, message);
}

/// Refuses what cannot be read on from: the connection ends with the answer.
void HttpSession::refuse(HttpRefusal refusal, std::string_view message) {
  too_slow_ = false;
  after_answer_ = AfterAnswer::kClose;
  HttpAnswer answer = core_.handler.on_refusal(head_, refusal, message);
  body_.drop();
  write_answer(std::move(answer), {});
}

/// Refuses on the head. A small body is read away and the connection lives on; a large one, or one that the client
/// waits to be asked for, ends it.
void HttpSession::refuse_early(HttpAnswer answer) {
  if (!head_.has_body) {
    after_answer_ = AfterAnswer::kNextRequest;
  } else if (head_.content_length && body_rest_ <= kDrainBytesMax && !head_.headers.has("Expect") && keep_alive_) {
    after_answer_ = AfterAnswer::kDrainBody;
  } else {
    after_answer_ = AfterAnswer::kClose;
  }
  write_answer(std::move(answer), {});
}

}  // namespace sextant::net_detail
