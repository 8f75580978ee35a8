#include "serve/api/problem.h"

#include "base/codec/json_writer.h"
#include "serve/api/limits.h"

namespace sextant::serve {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
      return 409;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnsupported:
      return 415;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDiskFull:
    case ErrorCode::kCancelled:
      return 503;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kDataLoss:
    case ErrorCode::kIo:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace

Problem::Problem(const Error& error)
    : status(status_of(error.code())), code(to_string(error.code())), message(error.message()) {
  if (status == 503) retry_after_seconds = kRetryAfterSeconds;
}

Problem bad_parameter(std::string_view parameter, std::string message, size_t offset) {
  Problem problem(400, std::string(to_string(ErrorCode::kInvalidArgument)), std::move(message));
  problem.position = Position{std::string(parameter), offset};
  return problem;
}

HttpAnswer to_answer(const Problem& problem) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").string(problem.code);
  json.key("message").string(problem.message);
  json.key("position");
  if (problem.position) {
    json.begin_object().key("parameter").string(problem.position->parameter);
    json.key("offset").unsigned_integer(problem.position->offset).end_object();
  } else {
    json.null();
  }
  json.end_object().end_object();
  HttpAnswer answer;
  answer.status = problem.status;
  answer.content_type = "application/json";
  answer.body = json.take();
  if (problem.retry_after_seconds) answer.headers.add("Retry-After", std::to_string(*problem.retry_after_seconds));
  return answer;
}

}  // namespace sextant::serve
