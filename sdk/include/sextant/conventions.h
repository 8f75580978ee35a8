// What spans of clients say about statements and addresses, without what is secret in them (OpenTelemetry semantic
// conventions, "Database client spans" and "HTTP spans").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sextant {

/// How a database writes what it understands.
enum class SqlDialect : std::uint8_t {
  kSqlite,      // "x", `x` and [x] are names; "x" is a text where a value stands
  kPostgresql,  // $$texts$$, E'escapes', nested comments; "x" is always a name
  kOther        // as MySQL has it: '\' escapes in texts, # comments, `x` is a name, "x" a text where a value stands
};

/// A statement as a span may show it.
struct SqlDescription {
  std::string text;       // db.query.text: literals are `?`, lists of them one `(?)`; no comments, blanks are one blank
  std::string summary;    // db.query.summary: `SELECT users orders`
  std::string operation;  // as it was written; empty where there are several
  std::string collection;  // the table, as it was written; empty where there are several
};

/// Statements that are longer than kSqlBytesMax are described by their beginning. Never fails: what cannot be read as
/// SQL is taken to be literal.
SqlDescription describe_sql(std::string_view statement, SqlDialect dialect = SqlDialect::kOther);

inline constexpr std::size_t kSqlBytesMax = 64 * 1024;     // of what is read
inline constexpr std::size_t kSqlTextBytesMax = 8 * 1024;  // of db.query.text, which ends with a whole word
inline constexpr std::size_t kSqlSummaryBytesMax = 255;    // as OpenTelemetry has it

/// `url.full`: user and password are REDACTED, and so are the values of query parameters that are signatures or
/// secrets (AWSAccessKeyId, Signature, sig, X-Goog-Signature; X-Amz-Signature, X-Amz-Credential,
/// X-Amz-Security-Token; and names that end in key, token, secret, password, passwd, or are auth or code). What is no
/// address comes out empty.
std::string redacted_url(std::string_view url);

}  // namespace sextant
