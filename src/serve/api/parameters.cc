#include "serve/api/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/core/text.h"

namespace sextant::serve {
namespace {

/// "; did you mean \"state\"?" or the whole list when nothing is near.
std::string hint(std::string_view given, std::span<const std::string_view> words) {
  if (const auto near = nearest(given, words)) return fmt::format("did you mean \"{}\"?", *near);
  return words.empty() ? "there are none" : fmt::format("there are: {}", fmt::join(words, ", "));
}

}  // namespace

Problem unknown_word(std::string_view parameter, std::string_view given, std::span<const std::string_view> words) {
  return bad_parameter(parameter, fmt::format("\"{}\" is not a {}; {}", given, parameter, hint(given, words)));
}

ApiResult<Parameters> Parameters::read(std::string_view query, std::span<const std::string_view> known) {
  auto entries = parse_query(query);
  if (!entries) {
    return std::unexpected(
        Problem(400, "invalid_argument",
                "the query string has a broken %-escape or more than 1,000 parameters; write %25 for a percent sign"));
  }
  Parameters parameters;
  parameters.entries_ = *std::move(entries);
  for (const auto& [name, value] : parameters.entries_) {
    if (std::ranges::find(known, std::string_view(name)) != known.end()) continue;
    return std::unexpected(
        bad_parameter(name, fmt::format("\"{}\" is not a parameter of this address; {}", name, hint(name, known))));
  }
  return parameters;
}

std::vector<std::string_view> Parameters::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [entry, value] : entries_) {
    if (entry == name) values.emplace_back(value);
  }
  return values;
}

ApiResult<std::vector<std::string>> Parameters::texts(std::string_view name) const {
  std::vector<std::string> values;
  for (const std::string_view value : all(name)) {
    if (value.empty()) {
      return std::unexpected(bad_parameter(name, fmt::format("\"{}\" is empty; leave it out to ask for all", name)));
    }
    values.emplace_back(value);
  }
  return values;
}

ApiResult<std::optional<std::string_view>> Parameters::one(std::string_view name) const {
  const auto values = all(name);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) {
    return std::unexpected(
        bad_parameter(name, fmt::format("\"{}\" may be given once; it was given {} times", name, values.size())));
  }
  return values.front();
}

ApiResult<uint64_t> Parameters::number(std::string_view name, uint64_t least, uint64_t most, uint64_t otherwise) const {
  const auto value = TRY(one(name));
  if (!value) return otherwise;
  uint64_t number = 0;
  const char* end = value->data() + value->size();
  const auto read = std::from_chars(value->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < least || number > most) {
    const size_t offset = read.ec == std::errc() && read.ptr != end ? static_cast<size_t>(read.ptr - value->data()) : 0;
    return std::unexpected(bad_parameter(
        name, fmt::format("\"{}\" is a whole number from {} to {}; \"{}\" is not", name, least, most, *value), offset));
  }
  return number;
}

ApiResult<bool> Parameters::flag(std::string_view name) const {
  constexpr std::string_view kWords[] = {"1", "true", "0", "false"};
  const auto chosen = TRY(word(name, kWords));
  return chosen && *chosen < 2;
}

ApiResult<std::optional<size_t>> Parameters::word(std::string_view name,
                                                  std::span<const std::string_view> words) const {
  const auto value = TRY(one(name));
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(words, *value);
  if (found == words.end()) return std::unexpected(unknown_word(name, *value, words));
  return static_cast<size_t>(found - words.begin());
}

}  // namespace sextant::serve
