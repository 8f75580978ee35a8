#include "export/answer.h"

#include <algorithm>

#include "base/json_reader.h"
#include "base/utf8.h"
#include "otlp/wire.h"

namespace sextant::exporting {
namespace {

constexpr std::size_t kReasonBytesMax = 200;
constexpr std::size_t kSecretBytesMin = 8;  // of a header's value; shorter ones are words like `true`

bool has_type(const HttpResponse& response, std::string_view type) noexcept {
  return response.header("content-type").rfind(type, 0) == 0;
}

// google.rpc.Status { int32 code = 1; string message = 2; repeated Any details = 3 }
std::string message_of_status(std::string_view status) {
  std::string message;
  otlp::Reader fields(status);
  while (fields.next()) {
    if (fields.field() == 2) message = std::string(fields.bytes());
  }
  return fields.failed() ? std::string() : message;
}

std::string message_of_json(std::string_view text) {
  using Piece = JsonReader::Piece;
  JsonReader json(text);
  bool wanted = false;
  for (Piece piece = json.next(); piece != Piece::kEnd && piece != Piece::kBad; piece = json.next()) {
    if (wanted && piece == Piece::kText) return json.text();
    wanted = piece == Piece::kKey && json.depth() == 1 && json.text() == "message";
  }
  return {};
}

}  // namespace

bool says_json(const HttpResponse& response) noexcept {
  return has_type(response, "application/json");
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, std::min(text.find_first_of("\r\n"), kReasonBytesMax)));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  repair_utf8(line.data(), line.size());
  return line;
}

std::string reason_of(const HttpResponse& response) {
  std::string reason;
  if (has_type(response, "application/x-protobuf")) reason = message_of_status(response.body);
  if (says_json(response)) reason = message_of_json(response.body);
  return one_line(reason.empty() ? std::string_view(response.body) : reason);
}

std::string without_values(std::string message, const HttpHeaders& headers) {
  for (const auto& header : headers) {
    // `Bearer KEY`: the key may be repeated without the word before it.
    const std::string_view value = header.second;
    const std::string_view key = value.substr(value.rfind(' ') + 1);
    if (key.size() < kSecretBytesMin) continue;
    for (std::size_t at = message.find(key); at != std::string::npos; at = message.find(key, at))
      message.replace(at, key.size(), "***");
  }
  return message;
}

}  // namespace sextant::exporting
