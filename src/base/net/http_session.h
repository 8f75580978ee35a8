// One HTTP connection: reads requests one after the other, lets the handler decide and answer, watches its deadlines.
// Private to base/net.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <deque>
#include <memory>
#include <string>

#include "base/net/http_core.h"
#include "base/net/http_parser.h"
#include "base/net/request_body.h"
#include "base/net/transport.h"

namespace sextant::net_detail {

/// Thread-confined to its strand, but for what is marked "any thread". Owned by its pending operations and by the
/// responder of the request it works on.
///
/// handshake → idle → head → body → handler → write ⟲ idle
///                     └───── refused ──────→ write → linger → closed
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  enum class Admission : uint8_t { kServe, kRefuse };  // kRefuse: every request is answered with 503

  HttpSession(HttpCore& core, std::unique_ptr<Transport> transport, Strand strand, std::string peer,
              Admission admission);
  ~HttpSession();

  void start();

  // Any thread.
  void answer(HttpAnswer answer, LedgerHold hold);
  void answer_dropped();
  void stream_start(HttpAnswer answer);
  bool stream_write(std::string bytes);
  void stream_finish();
  bool stream_is_open() const { return stream_open_; }
  void server_stopping();
  void close_soon();
  uint64_t deadline_nanos() const { return deadline_nanos_.load(std::memory_order_relaxed); }
  void deadline_passed();

 private:
  enum class Phase : uint8_t { kHandshake, kIdle, kHead, kBody, kHandler, kWrite, kStream, kDrain, kLinger, kClosed };
  enum class AfterAnswer : uint8_t { kNextRequest, kDrainBody, kClose };

  template <typename Function>
  void run_on_strand(Function function);

  // Reading (http_session_read.cc).
  void next_request();
  void begin_head();
  void parse_head();
  void head_done();
  HeadDecision decide();
  void begin_body();
  void ask_for_body();
  void read_body();
  void read_sized_body();
  void read_chunked_body();
  void body_done();
  void read_more(void (HttpSession::*then)());
  bool read_failed(ErrorCondition error);
  void refuse(HttpRefusal refusal, std::string_view message);
  void refuse_early(HttpAnswer answer);
  void body_failed(RequestBody::Outcome outcome);

  // Writing and ending (http_session.cc).
  void write_answer(HttpAnswer answer, LedgerHold hold);
  std::string answer_head(const HttpAnswer& answer, bool chunked) const;
  void write_pending();
  void answer_written();
  void begin_stream(HttpAnswer answer);
  void stream_pump();
  void write_stream_piece(const std::shared_ptr<std::string>& piece, uint64_t taken, bool last);
  void stream_done();
  void drain_body();
  void linger();
  void linger_read();
  void close();
  void unregister();

  void enter(Phase phase, uint32_t deadline_ms);
  void no_deadline() { deadline_nanos_ = kNever; }
  void slow_body();
  static constexpr uint64_t kNever = ~0ULL;

  HttpCore& core_;
  Strand strand_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_;
  const Admission admission_;
  std::string client_subject_;
  std::atomic<uint64_t> deadline_nanos_{kNever};
  Phase phase_ = Phase::kHandshake;

  // The request under way.
  boost::beast::flat_buffer input_;
  HttpParser parser_;
  HttpHead head_;
  RequestBody body_;
  uint64_t body_limit_ = 0;
  uint64_t body_rest_ = 0;  // of a body with Content-Length: still to come
  uint64_t body_started_nanos_ = 0;
  uint64_t window_bytes_ = 0;
  bool head_only_ = false;  // HEAD
  bool keep_alive_ = true;
  bool http_1_0_ = false;
  bool answered_ = true;   // a responder may answer only once
  bool too_slow_ = false;  // a deadline cancelled the read under way

  // The answer under way.
  std::string out_head_;
  std::string out_body_;
  LedgerHold out_hold_;
  size_t out_sent_ = 0;
  AfterAnswer after_answer_ = AfterAnswer::kNextRequest;

  // The streamed answer under way.
  std::atomic<bool> stream_open_{false};
  std::atomic<uint64_t> stream_queued_bytes_{0};
  std::deque<std::string> stream_queue_;
  bool stream_writing_ = false;
  bool stream_ending_ = false;
};

}  // namespace sextant::net_detail
