#include "ingest/otlp/intake.h"

#include <algorithm>

#include "base/core/text.h"
#include "data/otlp/traces.h"
#include "ingest/otlp/limits.h"

namespace sextant::ingest {

std::string_view to_string(Protocol protocol) {
  return protocol == Protocol::kHttp ? "http" : "grpc";
}

Intake::Intake(data::Consumer& consumer, MemoryLedger& ledger, Metrics& metrics, Log& log, const Clock& clock,
               uint64_t request_bytes_max)
    : consumer_(consumer),
      ledger_(ledger),
      metrics_(metrics),
      log_(log),
      clock_(clock),
      request_bytes_max_(request_bytes_max) {
  for (const Protocol protocol : {Protocol::kHttp, Protocol::kGrpc}) {
    const std::string_view name = to_string(protocol);
    meters(protocol) = {.accepted = &metrics.counter(Metric::kReceiverRequests, {name, "accepted"}),
                        .spans_accepted = &metrics.counter(Metric::kReceiverSpans, {name, "accepted"}),
                        .spans_refused = &metrics.counter(Metric::kReceiverSpans, {name, "refused"}),
                        .spans_failed = &metrics.counter(Metric::kReceiverSpans, {name, "failed"}),
                        .bytes_wire = &metrics.counter(Metric::kReceiverBytes, {name, "wire"}),
                        .bytes_unpacked = &metrics.counter(Metric::kReceiverBytes, {name, "unpacked"}),
                        .seconds = &metrics.histogram(Metric::kReceiverSeconds, {name})};
  }
}

void Intake::take(const IntakeRequest& request, Done done) {
  const uint64_t begun = clock_.steady_nanos();
  Meters& meter = meters(request.protocol);
  meter.bytes_wire->add(request.body.size());
  const auto give_up = [&](Error error) {
    refused(request.protocol, error.code(), error.message());
    done(std::unexpected(std::move(error)));
  };

  Scratch scratch = take_scratch();
  const auto bytes = unpack(request, scratch);
  if (!bytes) return give_up(bytes.error());
  meter.bytes_unpacked->add(bytes->size());

  LedgerHold hold = ledger_.open();
  const bool is_json = request.encoding == data::OtlpEncoding::kJson;
  const data::DecodeOptions options{.hold = &hold, .scratch = &scratch.decode};
  auto decoded = is_json ? data::decode_traces_json(*bytes, options) : data::decode_traces_protobuf(*bytes, options);
  if (!decoded) return give_up(decoded.error());
  const uint64_t spans = decoded->batch.span_count();
  give_back(std::move(scratch));

  Accepted accepted{.rejected_spans = decoded->rejected_spans, .reason = std::move(decoded->reason)};
  auto stored = [self = shared_from_this(), protocol = request.protocol, spans, begun, accepted = std::move(accepted),
                 done = std::move(done)](Result<void> result) mutable {
    self->finish(protocol, spans, begun, std::move(accepted), std::move(result), std::move(done));
  };
  if (spans == 0) return stored({});
  consumer_.consume(std::move(decoded->batch), std::move(hold), std::move(stored));
}

void Intake::finish(Protocol protocol, uint64_t spans, uint64_t begun_nanos, Accepted accepted, Result<void> stored,
                    Done done) {
  Meters& meter = meters(protocol);
  meter.seconds->observe_nanos(clock_.steady_nanos() - begun_nanos);
  if (!stored) {
    meter.spans_failed->add(spans + accepted.rejected_spans);
    refused(protocol, stored.error().code(), stored.error().message());
    return done(std::unexpected(std::move(stored).error()));
  }
  meter.accepted->add();
  meter.spans_accepted->add(spans);
  meter.spans_refused->add(accepted.rejected_spans);
  done(std::move(accepted));
}

/// Undoes the codings, the last one first. The result stands in the request or in `scratch`.
Result<std::string_view> Intake::unpack(const IntakeRequest& request, Scratch& scratch) {
  std::string_view bytes = request.body;
  Scratch before;  // what the outer coding held, while the inner one is undone
  for (auto coding = request.codings.rbegin(); coding != request.codings.rend(); ++coding) {
    if (coding != request.codings.rbegin()) {
      before = {.text = std::exchange(scratch.text, {}), .hold = std::exchange(scratch.hold, ledger_.open())};
      bytes = before.text;
    }
    TRY(inflate(*coding, bytes, request_bytes_max_, scratch.text, scratch.hold));
    bytes = scratch.text;
  }
  return bytes;
}

Intake::Scratch Intake::take_scratch() {
  auto pool = scratch_.lock();
  if (pool->empty()) return {.text = {}, .hold = ledger_.open()};
  Scratch scratch = std::move(pool->back());
  pool->pop_back();
  return scratch;
}

void Intake::give_back(Scratch scratch) {
  if (scratch.text.capacity() > kPooledBufferBytesMax) {
    scratch.text = {};
    scratch.hold = ledger_.open();
  }
  if (scratch.decode.byte_size() > kPooledTableBytesMax) scratch.decode = {};
  auto pool = scratch_.lock();
  if (pool->size() < kPooledBuffersMax) pool->push_back(std::move(scratch));
}

void Intake::refused(Protocol protocol, ErrorCode code, std::string_view message) {
  metrics_.counter(Metric::kReceiverRequests, {to_string(protocol), sextant::to_string(code)}).add();
  ++refused_;
  // Not the message: it may quote what was sent.
  log_.warn("request refused", {{"protocol", to_string(protocol)}, {"reason", sextant::to_string(code)}});
  Refusal refusal{.time = clock_.unix_nanos(),
                  .protocol = protocol,
                  .message = std::string(utf8_prefix(message, kRefusalCharactersMax))};
  auto recent = recent_.lock();
  if (recent->size() == kRecentRefusalsMax) recent->erase(recent->begin());
  recent->push_back(std::move(refusal));
}

ReceiverCounts Intake::counts() const {
  ReceiverCounts counts{.requests_refused = refused_};
  for (const Meters& meter : meters_) {
    counts.requests_accepted += meter.accepted->value();
    counts.spans_accepted += meter.spans_accepted->value();
    counts.spans_refused += meter.spans_refused->value() + meter.spans_failed->value();
  }
  return counts;
}

std::vector<Refusal> Intake::recent_refusals() const {
  const auto recent = recent_.lock();
  return {recent->rbegin(), recent->rend()};
}

}  // namespace sextant::ingest
