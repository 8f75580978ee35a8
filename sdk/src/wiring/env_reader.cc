#include "wiring/env_reader.h"

namespace sextant::wiring {
namespace {

/// As messages show it: what came from outside is cut.
std::string shown(std::string_view value) {
  constexpr std::size_t kMax = 100;
  return value.size() > kMax ? std::string(value.substr(0, kMax)) + "..." : std::string(value);
}

}  // namespace

std::optional<std::string> EnvReader::text(std::string_view name) const {
  const std::optional<std::string> value = environment_ ? environment_(name) : std::nullopt;
  if (!value) return std::nullopt;
  const std::string_view trimmed = trim(*value);
  if (trimmed.empty()) return std::nullopt;
  return std::string(trimmed);
}

void EnvReader::text(std::string_view name, std::string& out) const {
  if (std::optional<std::string> value = text(name)) out = std::move(*value);
}

void EnvReader::boolean(std::string_view name, bool& out) {
  const std::optional<std::string> value = text(name);
  if (!value) return;
  const std::string lower = to_lower(*value);
  out = lower == "true";
  if (!out && lower != "false") {
    say(std::string(name) + " is '" + shown(*value) + "', which counts as false: it takes true or false");
  }
}

std::optional<std::uint64_t> EnvReader::whole(std::string_view name, std::uint64_t least, std::uint64_t most) {
  const std::optional<std::string> value = text(name);
  if (!value) return std::nullopt;
  const Result<std::uint64_t> number = parse_integer(*value, least, most);
  if (number) return *number;
  wrong(name, *value, number.error());
  return std::nullopt;
}

void EnvReader::number(std::string_view name, double& out, double least, double most) {
  const std::optional<std::string> value = text(name);
  if (!value) return;
  const Result<double> number = parse_number(*value, least, most);
  if (number) {
    out = *number;
  } else {
    wrong(name, *value, number.error());
  }
}

void EnvReader::milliseconds(std::string_view name, std::uint64_t least, Milliseconds& out) {
  const std::optional<std::string> value = text(name);
  if (!value) return;
  const Result<std::uint64_t> number = parse_integer(*value, least, static_cast<std::uint64_t>(kDurationMax.count()));
  if (number) {
    out = Milliseconds(static_cast<std::int64_t>(*number));
  } else {
    wrong(name, *value, number.error() + ", in milliseconds");
  }
}

void EnvReader::timeout(std::string_view name, std::optional<Milliseconds>& out) {
  const std::size_t before = problems();
  Milliseconds value = kDurationMax;
  milliseconds(name, 0, value);
  if (problems() == before && text(name)) out = value.count() == 0 ? kDurationMax : value;
}

void EnvReader::say(std::string sentence) {
  for (char& c : sentence) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  problems_.push_back(std::move(sentence));
}

void EnvReader::wrong(std::string_view name, std::string_view value, std::string_view what_is_right) {
  say(std::string(name) + " is '" + shown(value) + "', which is ignored: it " + std::string(what_is_right));
}

void EnvReader::wrong_secret(std::string_view name, std::string_view what_is_wrong) {
  say(std::string(name) + " is ignored: " + std::string(what_is_wrong));
}

}  // namespace sextant::wiring
