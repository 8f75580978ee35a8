#include "base/net/bearer_tokens.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

#include "base/core/text.h"

namespace sextant {
namespace {

/// The token in "Bearer TOKEN"; the scheme's name has any case (RFC 9110 section 11.1).
std::optional<std::string_view> token_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != kScheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(kScheme.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  return authorization;
}

}  // namespace

Result<BearerTokens> BearerTokens::make(const std::vector<TokenSettings>& settings) {
  BearerTokens tokens;
  for (const auto& setting : settings) {
    const auto raw = from_hex(setting.sha256);
    Token token{.name = setting.name, .digest = {}};
    if (!raw || raw->size() != token.digest.size()) {
      return fail(ErrorCode::kInvalidArgument, "token '{}': sha256 must be 64 hexadecimal digits", setting.name);
    }
    std::memcpy(token.digest.data(), raw->data(), raw->size());
    tokens.tokens_.push_back(std::move(token));
  }
  return tokens;
}

bool BearerTokens::allows(std::string_view authorization) const {
  if (!required()) return true;
  const auto token = token_of(authorization);
  if (!token) return false;
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token->data()), token->size(), digest.data());
  bool known = false;
  for (const Token& candidate : tokens_) {
    known |= CRYPTO_memcmp(candidate.digest.data(), digest.data(), digest.size()) == 0;
  }
  return known;
}

}  // namespace sextant
