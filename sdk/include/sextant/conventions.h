// What spans of clients say about statements and addresses, without what is secret in them (OpenTelemetry semantic
// conventions 1.4x, "Database client spans" and "HTTP spans").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant {

/// How a database writes what it understands.
enum class SqlDialect : std::uint8_t {
  kSqlite,      // "x", `x` and [x] are names
  kPostgresql,  // $$texts$$, E'escapes', nested comments, :: casts
  kOther        // '\' escapes in texts, as MySQL has it; "x" is a name
};

/// A statement as a span may show it.
struct SqlDescription {
  std::string text;     // db.query.text: literals are `?`, lists of them one `(?)`, no comments, blanks are one blank
  std::string summary;  // db.query.summary: `SELECT users orders`, at most 255 bytes
  std::string operation;   // the first word, as it was written; empty for an empty statement
  std::string collection;  // the table, where the statement has just one
};

/// Statements that are longer than kSqlBytesMax are described by their beginning. Never fails: what cannot be read as
/// SQL is taken to be literal.
SqlDescription describe_sql(std::string_view statement, SqlDialect dialect = SqlDialect::kOther);

inline constexpr std::size_t kSqlBytesMax = 64 * 1024;  // of what is read
inline constexpr std::size_t kSqlTextBytesMax = 8 * 1024;  // of db.query.text
inline constexpr std::size_t kSqlSummaryBytesMax = 255;

/// `url.full`: user and password are REDACTED, and so are the values of query parameters that are signatures or
/// secrets (AWSAccessKeyId, Signature, sig, X-Goog-Signature; X-Amz-Signature, X-Amz-Credential,
/// X-Amz-Security-Token; and names that end in key, token, secret, password, passwd, or are auth or code). What is no
/// address comes out empty.
std::string redacted_url(std::string_view url);

}  // namespace sextant
