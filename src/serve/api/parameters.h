// The parameters of one request: known names only, each read as what it is meant to be, every mistake answered with the
// place and the nearest name that would have been right.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/uri.h"
#include "query/traces/literals.h"
#include "serve/api/problem.h"

namespace sextant::serve {

/// Value.
class Parameters {
 public:
  /// Errors: a broken escape; a name that is not among `known`.
  static ApiResult<Parameters> read(std::string_view query, std::span<const std::string_view> known);

  /// Every value given under the name, in order.
  std::vector<std::string_view> all(std::string_view name) const;
  /// As all(), but an empty value is an error: it would ask for nothing.
  ApiResult<std::vector<std::string>> texts(std::string_view name) const;
  /// The value of a parameter that may be given once.
  ApiResult<std::optional<std::string_view>> one(std::string_view name) const;

  /// A whole number within [least, most]; `otherwise` when it was not given.
  ApiResult<uint64_t> number(std::string_view name, uint64_t least, uint64_t most, uint64_t otherwise) const;
  /// True for "1" and "true".
  ApiResult<bool> flag(std::string_view name) const;
  /// Position among `words` of the value; nothing when it was not given.
  ApiResult<std::optional<size_t>> word(std::string_view name, std::span<const std::string_view> words) const;

  /// What `parse` makes of the one value given.
  template <typename T, typename Parse>
  ApiResult<T> parsed(std::string_view name, T otherwise, Parse parse) const {
    const auto value = TRY(one(name));
    if (!value) return otherwise;
    auto result = parse(*value);
    if (!result) return std::unexpected(bad_parameter(name, result.error().message, result.error().offset));
    return *std::move(result);
  }

 private:
  QueryParameters entries_;
};

/// The Problem of a word that is none of `words`, naming the nearest.
Problem unknown_word(std::string_view parameter, std::string_view given, std::span<const std::string_view> words);

}  // namespace sextant::serve
