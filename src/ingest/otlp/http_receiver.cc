#include "ingest/otlp/http_receiver.h"

#include <algorithm>
#include <optional>
#include <string>

#include "ingest/otlp/limits.h"
#include "ingest/otlp/refusal_answer.h"

namespace sextant::ingest {
namespace {

using data::OtlpEncoding;

constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::string_view kProtobufType = "application/x-protobuf";
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kCodings = "gzip, deflate, zstd";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Parameters ("; charset=utf-8") do not matter; type names have no case (RFC 9110 section 8.3.1).
std::optional<OtlpEncoding> encoding_of(std::string_view content_type) {
  std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type == kJsonType) return OtlpEncoding::kJson;
  if (type == kProtobufType || type == "application/protobuf") return OtlpEncoding::kProtobuf;
  return std::nullopt;
}

/// A head that says nothing of its encoding gets JSON: that is what a person with curl can read.
OtlpEncoding answer_encoding(const HttpHead& head) {
  return encoding_of(head.headers.get("Content-Type")).value_or(OtlpEncoding::kJson);
}

std::string content_type_of(OtlpEncoding encoding) {
  return std::string(encoding == OtlpEncoding::kJson ? kJsonType : kProtobufType);
}

Result<std::vector<Coding>> codings_of(const HttpHead& head) {
  std::vector<Coding> codings;
  for (const auto& [name, value] : head.headers.entries()) {
    if (name.size() != std::string_view("Content-Encoding").size() ||
        !HttpHeaders{{name, ""}}.has("Content-Encoding")) {
      continue;
    }
    for (std::string_view rest = value; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view text = trimmed(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      const auto coding = parse_coding(text);
      if (!coding) {
        return fail(ErrorCode::kUnsupported, "content encoding '{}' is not known here; known are {}", text, kCodings);
      }
      if (*coding != Coding::kIdentity) codings.push_back(*coding);
    }
  }
  if (codings.size() > kCodingsMax) {
    return fail(ErrorCode::kUnsupported, "more than {} content encodings, one over the other", kCodingsMax);
  }
  return codings;
}

/// The error that keeps a request from being read, if any.
Result<void> check_path(const HttpHead& head) {
  const std::string_view path = head.path();
  if (path == kTracesPath) return {};
  if (path == "/v1/metrics" || path == "/v1/logs" || path == "/v1development/profiles") {
    return fail(ErrorCode::kNotFound, "{} is not received by this version; traces are, at POST {}",
                path.substr(path.rfind('/') + 1), kTracesPath);
  }
  return fail(ErrorCode::kNotFound, "nothing is here; OTLP traces go to POST {}", kTracesPath);
}

ErrorCode code_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::kBadRequest:
    case HttpRefusal::kHeadTooLarge:
      return ErrorCode::kInvalidArgument;
    case HttpRefusal::kBodyTooLarge:
      return ErrorCode::kTooLarge;
    case HttpRefusal::kTooSlow:
      return ErrorCode::kDeadlineExceeded;
    case HttpRefusal::kMemoryFull:
      return ErrorCode::kResourceExhausted;
    case HttpRefusal::kTooManyConnections:
      return ErrorCode::kUnavailable;
    case HttpRefusal::kInternal:
      break;
  }
  return ErrorCode::kInternal;
}

/// `status` 0: the one that belongs to the error.
HttpAnswer failure(OtlpEncoding encoding, const Error& error, int status) {
  const RefusalAnswer refusal = answer_to(error);
  HttpAnswer answer{.status = status != 0 ? status : refusal.http_status,
                    .content_type = content_type_of(encoding),
                    .body = data::encode_rpc_status(encoding, refusal.status)};
  if (refusal.status.retry_after_seconds) {
    answer.headers.add("Retry-After", std::to_string(*refusal.status.retry_after_seconds));
  }
  return answer;
}

}  // namespace

HeadDecision HttpReceiver::on_head(const HttpHead& head) {
  if (const auto path = check_path(head); !path) return refuse(head, path.error());
  if (head.method != HttpMethod::kPost) {
    HttpAnswer answer = refuse(head, Error(ErrorCode::kUnsupported, "only POST is answered here"), 405);
    answer.headers.add("Allow", "POST");
    return answer;
  }
  if (!tokens_.allows(head.headers.get("Authorization"))) {
    HttpAnswer answer = refuse(
        head, Error(ErrorCode::kUnauthenticated, "a token is needed: send the header \"Authorization: Bearer TOKEN\""));
    answer.headers.add("WWW-Authenticate", "Bearer");
    return answer;
  }
  const std::string_view type = head.headers.get("Content-Type");
  if (!encoding_of(type)) {
    HttpAnswer answer = refuse(
        head,
        Error(ErrorCode::kUnsupported, fmt::format("content type '{}' is not taken here; send {} or {}",
                                                   type.substr(0, kRefusalCharactersMax), kProtobufType, kJsonType)));
    answer.headers.add("Accept", fmt::format("{}, {}", kProtobufType, kJsonType));
    return answer;
  }
  if (const auto codings = codings_of(head); !codings) {
    HttpAnswer answer = refuse(head, codings.error());
    answer.headers.add("Accept-Encoding", std::string(kCodings));
    return answer;
  }
  return BodyPlan{.bytes_max = request_bytes_max_};
}

void HttpReceiver::on_request(HttpRequest& request, HttpResponder responder) {
  const OtlpEncoding encoding = answer_encoding(request.head);
  auto codings = codings_of(request.head);
  if (!codings) return responder.answer(refuse(request.head, codings.error()));
  const IntakeRequest bytes{
      .protocol = Protocol::kHttp, .encoding = encoding, .codings = std::move(*codings), .body = request.body};
  intake_->take(bytes, [encoding, responder = std::move(responder)](Result<Accepted> taken) mutable {
    if (!taken) return responder.answer(failure(encoding, taken.error(), 0));
    responder.answer({.status = 200,
                      .content_type = content_type_of(encoding),
                      .body = data::encode_export_traces_response(encoding, taken->rejected_spans, taken->reason)});
  });
}

HttpAnswer HttpReceiver::on_refusal(const HttpHead& head, HttpRefusal refusal, std::string_view message) {
  // A full ledger is 429, as everywhere in the receivers; for the rest the server knows the status.
  const int status = refusal == HttpRefusal::kMemoryFull ? 429 : http_status(refusal);
  return refuse(head, Error(code_of(refusal), std::string(message)), status);
}

HttpAnswer HttpReceiver::refuse(const HttpHead& head, const Error& error, int status) {
  intake_->refused(Protocol::kHttp, error.code(), error.message());
  return failure(answer_encoding(head), error, status);
}

}  // namespace sextant::ingest
