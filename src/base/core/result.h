// How functions say that they failed: Result<T> holds a value or an Error; TRY hands an error up.
//
//   Result<Segment> open(const std::string& path) {
//     std::string bytes = TRY(read_file(path));
//     ...
//     return fail(ErrorCode::kDataLoss, "footer checksum does not match");
//   }
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sextant {

/// Stable classes of failure. Answers on the wire (HTTP, gRPC) and exit codes are derived from them.
enum class ErrorCode {
  kInvalidArgument,     // the caller's input is wrong and will be wrong again
  kUnauthenticated,     // no or unknown credentials
  kPermissionDenied,    // known credentials that may not do this
  kNotFound,            // what was asked for does not exist
  kAlreadyExists,       // what was to be made exists
  kTooLarge,            // one item or request is over its limit
  kUnsupported,         // a content type, encoding, version or operation we do not have
  kResourceExhausted,   // the memory ledger or a queue is full: try again later
  kUnavailable,         // cannot serve now (starting, stopping, disk refuses): try again later
  kDiskFull,            // no space left; reads go on
  kDeadlineExceeded,    // the time given has run out
  kCancelled,           // the caller went away
  kDataLoss,            // stored bytes do not match their checksum or format
  kIo,                  // the operating system refused
  kFailedPrecondition,  // the state does not allow it (locked, read-only, wrong version)
  kInternal,            // our own fault
};

/// snake_case name, as it stands in API answers: "invalid_argument".
std::string_view to_string(ErrorCode code);

/// A failure: a stable code and a sentence. Value type.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The same error with "context: " in front, for use on the way up.
  Error with_context(std::string_view context) && {
    message_.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
};

template <typename T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::kIo, "open {}: {}", path, reason);`
template <typename... Args>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

}  // namespace sextant

/// The value of a Result, or return its error from the enclosing function.
#define TRY(expression) SEXTANT_TRY_(expression, SEXTANT_JOIN_(try_result_, __COUNTER__), .error())

/// As TRY, with a context put in front of the error's message.
#define TRY_CONTEXT(expression, context) \
  SEXTANT_TRY_(expression, SEXTANT_JOIN_(try_result_, __COUNTER__), .error().with_context(context))

// The name is unique, so that one TRY may stand inside another.
#define SEXTANT_JOIN_(a, b) SEXTANT_JOIN_AGAIN_(a, b)
#define SEXTANT_JOIN_AGAIN_(a, b) a##b
#define SEXTANT_TRY_(expression, name, error_of)        \
  __extension__({                                       \
    auto&& name = (expression);                         \
    if (!name) [[unlikely]]                             \
      return std::unexpected(std::move(name) error_of); \
    std::move(name).value();                            \
  })
