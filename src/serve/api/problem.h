// What went wrong with a request, as the JSON body that every 4xx and 5xx answer has.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/core/result.h"
#include "base/net/http_message.h"

namespace sextant::serve {

/// Where in the request it went wrong.
struct Position {
  std::string parameter;
  size_t offset = 0;  // byte of the parameter's value
};

/// A refusal. Made from an Error by itself, so that TRY works in handlers. Value.
struct Problem {
  // NOLINTNEXTLINE(google-explicit-constructor): TRY hands Errors up as Problems
  Problem(const Error& error);
  Problem(int http_status, std::string stable_code, std::string sentence)
      : status(http_status), code(std::move(stable_code)), message(std::move(sentence)) {}

  int status;
  std::string code;     // snake_case, stable
  std::string message;  // what was wrong, and what would be right
  std::optional<Position> position;
  std::optional<uint32_t> retry_after_seconds;
};

template <typename T>
using ApiResult = std::expected<T, Problem>;

/// 400 at a place in a parameter.
Problem bad_parameter(std::string_view parameter, std::string message, size_t offset = 0);

HttpAnswer to_answer(const Problem& problem);

}  // namespace sextant::serve
