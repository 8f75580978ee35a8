// Bearer tokens (RFC 6750), known only by their SHA-256: neither the configuration nor the process's memory gives one
// away.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant {

struct TokenSettings {
  std::string name;    // for logs
  std::string sha256;  // 64 hexadecimal digits
};

/// Immutable after construction.
class BearerTokens {
 public:
  /// No tokens: nobody is asked for one.
  BearerTokens() = default;
  /// Errors: kInvalidArgument naming the token whose digest is not 64 hexadecimal digits.
  static Result<BearerTokens> make(const std::vector<TokenSettings>& settings);

  bool required() const { return !tokens_.empty(); }
  /// True for the value of an Authorization header that carries one of the tokens, and always when none is required.
  /// Takes the same time whichever token it is and however much of it is right.
  bool allows(std::string_view authorization) const;

 private:
  struct Token {
    std::string name;
    std::array<uint8_t, 32> digest{};
  };
  std::vector<Token> tokens_;
};

}  // namespace sextant
