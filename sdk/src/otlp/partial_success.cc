#include "otlp/partial_success.h"

#include <charconv>

#include "base/json_reader.h"
#include "otlp/wire.h"

namespace sextant::otlp {
namespace {

/// Counts are int64 on the wire; one below zero is nonsense, and taken for none.
std::size_t count_of(std::int64_t rejected) noexcept {
  return rejected > 0 ? static_cast<std::size_t>(rejected) : 0;
}

std::int64_t integer_of(const std::string& text) noexcept {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

// Export…ServiceResponse { partial_success = 1 }, Export…PartialSuccess { int64 rejected_… = 1; string error_message =
// 2 }.
PartialSuccess read_partial_success(std::string_view response) {
  PartialSuccess read;
  Reader fields(response);
  while (fields.next()) {
    if (fields.field() != 1) continue;
    Reader partial(fields.bytes());
    while (partial.next()) {
      if (partial.field() == 1 && partial.type() == WireType::kVarint)
        read.rejected = count_of(static_cast<std::int64_t>(partial.number()));
      if (partial.field() == 2) read.message = std::string(partial.bytes());
    }
  }
  return fields.failed() ? PartialSuccess{} : read;
}

// {"partialSuccess": {"rejectedSpans" | "rejectedDataPoints" | "rejectedLogRecords": "5", "errorMessage": "…"}}, the
// number with or without quotes.
PartialSuccess read_partial_success_json(std::string_view response) {
  using Piece = JsonReader::Piece;
  PartialSuccess read;
  JsonReader json(response);
  std::string outer;
  std::string key;
  for (Piece piece = json.next(); piece != Piece::kEnd; piece = json.next()) {
    if (piece == Piece::kBad) return {};
    if (piece == Piece::kKey) (json.depth() == 1 ? outer : key) = json.text();
    if (json.depth() != 2 || outer != "partialSuccess") continue;
    if (piece != Piece::kText && piece != Piece::kNumber) continue;
    if (key == "errorMessage") {
      read.message = json.text();
    } else if (key.rfind("rejected", 0) == 0) {
      read.rejected = count_of(integer_of(json.text()));
    }
  }
  return read;
}

}  // namespace sextant::otlp
