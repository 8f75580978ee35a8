#include "query/traces/literals.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>

namespace sextant::query {
namespace {

using data::AttributeScope;
using data::Condition;
using data::SpanFilter;

constexpr std::array<std::pair<std::string_view, AttributeScope>, 5> kScopes = {{
    {"span", AttributeScope::kSpan},
    {"resource", AttributeScope::kResource},
    {"scope", AttributeScope::kScope},
    {"event", AttributeScope::kEvent},
    {"link", AttributeScope::kLink},
}};

constexpr std::array<std::pair<std::string_view, double>, 10> kUnits = {{
    {"ns", 1.0},
    {"us", 1e3},
    {"\xC2\xB5s", 1e3},  // micro sign
    {"\xCE\xBCs", 1e3},  // Greek mu
    {"ms", 1e6},
    {"s", 1e9},
    {"m", 60e9},
    {"h", 3600e9},
    {"d", 86400e9},
    {"w", 604800e9},
}};

constexpr std::string_view kDurationHelp = "a duration is a number and a unit: 250ms, 1.5s, 2m, 1h30m";
constexpr std::string_view kTimeHelp = "a time is Unix nanoseconds, RFC 3339 (2026-04-01T12:00:00Z), now, or now-15m";

std::unexpected<TextError> wrong(size_t offset, std::string message) {
  return std::unexpected(TextError{std::move(message), offset});
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Length of the number (digits with at most one point) at the start of `text`.
size_t number_length(std::string_view text) {
  size_t i = 0;
  bool point = false;
  while (i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point))) point |= text[i++] == '.';
  return i;
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted by eras of 400 years.
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

Date date_of(int64_t days) {
  days += 719468;
  const int64_t era = days / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

int64_t days_in_month(int64_t year, int64_t month) {
  return (month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1)) - days_of(year, month, 1);
}

/// Reads a text from left to right; the first thing that does not fit is remembered by its place.
class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  /// Exactly `digits` digits, at most `max`.
  int64_t number(size_t digits, int64_t max) {
    if (failed_) return 0;
    int64_t value = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      if (at_ >= text_.size() || !is_digit(text_[at_])) return fail();
      value = value * 10 + (text_[at_] - '0');
    }
    if (value > max) at_ -= digits;
    return value > max ? fail() : value;
  }
  bool take(std::string_view any_of) {
    if (failed_ || at_ >= text_.size() || any_of.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view any_of) {
    if (!take(any_of)) fail();
  }
  int64_t fail() {
    failed_ = true;
    return 0;
  }
  char before() const { return text_[at_ - 1]; }
  bool digit_next() const { return at_ < text_.size() && is_digit(text_[at_]); }
  bool at_end() const { return at_ == text_.size(); }
  bool failed() const { return failed_; }
  size_t at() const { return at_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
  bool failed_ = false;
};

/// The part of a second after the point, as nanoseconds; digits beyond the ninth are below our resolution.
int64_t read_fraction(Reading& reading) {
  int64_t nanos = 0;
  int64_t unit = 100'000'000;
  if (!reading.digit_next()) return reading.fail();
  for (; reading.digit_next(); unit /= 10) nanos += reading.number(1, 9) * unit;
  return nanos;
}

/// "Z" or "+02:00" as seconds east of UTC.
int64_t read_zone(Reading& reading) {
  if (reading.take("Zz")) return 0;
  reading.expect("+-");
  if (reading.failed()) return 0;
  const int64_t sign = reading.before() == '-' ? -1 : 1;
  const int64_t hours = reading.number(2, 23);
  reading.expect(":");
  return sign * (hours * 3600 + reading.number(2, 59) * 60);
}

Parsed<UnixNanos> parse_rfc3339(std::string_view text) {
  Reading reading(text);
  const int64_t year = reading.number(4, 9999);
  reading.expect("-");
  const int64_t month = reading.number(2, 12);
  reading.expect("-");
  const int64_t day = reading.number(2, 31);
  if (!reading.failed() && (month == 0 || day == 0 || day > days_in_month(year, month))) reading.fail();
  reading.expect("Tt ");
  const int64_t hour = reading.number(2, 23);
  reading.expect(":");
  const int64_t minute = reading.number(2, 59);
  reading.expect(":");
  const int64_t second = reading.number(2, 60);  // 60: a leap second counts as the next one
  const int64_t nanos = reading.take(".") ? read_fraction(reading) : 0;
  const int64_t zone = read_zone(reading);
  if (reading.failed() || !reading.at_end()) {
    return wrong(reading.at(), fmt::format("\"{}\" is not a time; {}", text, kTimeHelp));
  }
  const int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone;
  constexpr int64_t kSecondsMax = static_cast<int64_t>(UINT64_MAX / kNanosPerSecond);
  if (seconds < 0 || seconds >= kSecondsMax) return wrong(0, "times lie between the years 1970 and 2554");
  return static_cast<uint64_t>(seconds) * kNanosPerSecond + static_cast<uint64_t>(nanos);
}

Condition condition_on(std::optional<AttributeScope> scope, std::string key) {
  Condition condition;
  condition.scope = scope;
  condition.key = std::move(key);
  return condition;
}

SpanFilter leaf(Condition condition) {
  SpanFilter filter;
  filter.kind = SpanFilter::Kind::kCondition;
  filter.condition = std::move(condition);
  return filter;
}

/// The number or bool that a bare word may also mean.
std::optional<Condition> typed_reading(const Condition& base, std::string_view word) {
  Condition typed = base;
  typed.bytes.clear();
  if (word == "true" || word == "false") {
    typed.type = data::ValueType::kBool;
    typed.number = word == "true" ? 1 : 0;
    return typed;
  }
  const char* end = word.data() + word.size();
  int64_t whole = 0;
  if (const auto read = std::from_chars(word.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
    typed.type = data::ValueType::kInt;
    typed.number = whole;
    return typed;
  }
  double real = 0;
  if (const auto read = std::from_chars(word.data(), end, real); read.ec == std::errc() && read.ptr == end) {
    typed.type = data::ValueType::kDouble;
    typed.number = std::bit_cast<int64_t>(real);
    return typed;
  }
  return std::nullopt;
}

/// Reads "…" with \" and \\ inside, from `at`, which moves behind it.
Parsed<std::string> read_quoted(std::string_view text, size_t& at) {
  const size_t opening = at++;
  std::string out;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out += text[at];
  }
  if (at >= text.size()) return wrong(opening, "the quotation that begins here has no closing \"");
  ++at;
  return out;
}

/// Takes "span." and the like from the front of `text`; a leading dot says that there is none.
std::optional<AttributeScope> take_scope(std::string_view text, size_t& at) {
  if (text.starts_with('.')) {
    at = 1;
    return std::nullopt;
  }
  for (const auto& [name, scope] : kScopes) {
    if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '.') {
      at = name.size() + 1;
      return scope;
    }
  }
  return std::nullopt;
}

}  // namespace

Parsed<uint64_t> parse_duration(std::string_view text) {
  double total = 0;
  if (text.empty()) return wrong(0, fmt::format("the duration is empty; {}", kDurationHelp));
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const size_t digits = number_length(rest);
    double number = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + digits, number);
    if (digits == 0 || read.ec != std::errc() || read.ptr != rest.data() + digits) {
      return wrong(at, fmt::format("\"{}\" is not a duration; {}", text, kDurationHelp));
    }
    const std::string_view after = rest.substr(digits);
    size_t unit_length = 0;
    while (unit_length < after.size() && !is_digit(after[unit_length]) && after[unit_length] != '.') ++unit_length;
    const std::string_view unit = after.substr(0, unit_length);
    double factor = 0;
    for (const auto& [name, nanos] : kUnits) factor = name == unit ? nanos : factor;
    if (factor == 0) {
      return wrong(at + digits, fmt::format("\"{}\" is no unit of time; {}", unit, kDurationHelp));
    }
    total += number * factor;
    at += digits + unit_length;
  }
  if (total >= 0x1.0p63) return wrong(0, "the duration is longer than 292 years");
  return static_cast<uint64_t>(std::llround(total));
}

Parsed<UnixNanos> parse_time(std::string_view text, UnixNanos now) {
  if (text == "now") return now;
  if (text.starts_with("now-")) {
    auto back = parse_duration(text.substr(4));
    if (!back) return wrong(back.error().offset + 4, std::move(back.error().message));
    return *back > now ? 0 : now - *back;
  }
  if (!text.empty() && number_length(text) == text.size() && text.find('.') == std::string_view::npos) {
    uint64_t nanos = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), nanos);
    if (read.ec != std::errc()) return wrong(0, "times lie between the years 1970 and 2554");
    return nanos;
  }
  return parse_rfc3339(text);
}

std::string format_time(UnixNanos time) {
  const uint64_t seconds = time / kNanosPerSecond;
  const Date date = date_of(static_cast<int64_t>(seconds / 86400));
  const uint64_t of_day = seconds % 86400;
  // By hand: an answer has two of them a span, and fmt takes as long for one as the rest of the span does.
  std::string text = "0000-00-00T00:00:00.000000000Z";
  const auto put = [&text](size_t end, uint64_t number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  put(4, static_cast<uint64_t>(date.year));  // UnixNanos ends in 2554
  put(7, static_cast<uint64_t>(date.month));
  put(10, static_cast<uint64_t>(date.day));
  put(13, of_day / 3600);
  put(16, of_day / 60 % 60);
  put(19, of_day % 60);
  put(29, time % kNanosPerSecond);
  return text;
}

Parsed<data::SpanFilter> parse_attribute(std::string_view text) {
  size_t at = 0;
  const auto scope = take_scope(text, at);
  std::string key;
  if (at < text.size() && text[at] == '"') {
    auto quoted = read_quoted(text, at);
    if (!quoted) return std::unexpected(std::move(quoted.error()));
    key = std::move(*quoted);
  } else {
    const size_t equals = text.find('=', at);
    key = text.substr(at, equals == std::string_view::npos ? equals : equals - at);
    at += key.size();
    if (at < text.size() && key.ends_with('*')) {
      key.pop_back();
      --at;
    }
  }
  const bool contains = at + 1 < text.size() && text[at] == '*' && text[at + 1] == '=';
  if (!contains && (at >= text.size() || text[at] != '=')) {
    return wrong(at, "an attribute filter reads key=value, as in span.http.route=/login; \"=\" is missing here");
  }
  if (key.empty()) return wrong(at, fmt::format("the attribute's key is missing before \"{}\"", contains ? "*=" : "="));
  at += contains ? 2 : 1;

  Condition as_text = condition_on(scope, std::move(key));
  if (contains) {
    as_text.op = data::CompareOp::kContains;
    if (at == text.size() || text.substr(at) == "\"\"")
      return wrong(at, "what the value contains is missing behind \"*=\"");
  }
  if (at < text.size() && text[at] == '"') {
    auto quoted = read_quoted(text, at);
    if (!quoted) return std::unexpected(std::move(quoted.error()));
    if (at != text.size()) return wrong(at, "there is more after the closing \"; write \\\" for one inside the value");
    as_text.bytes = std::move(*quoted);
    return leaf(std::move(as_text));
  }
  as_text.bytes = text.substr(at);
  auto typed = contains ? std::nullopt : typed_reading(as_text, as_text.bytes);
  if (!typed) return leaf(std::move(as_text));
  SpanFilter either;
  either.kind = SpanFilter::Kind::kOr;
  either.children.push_back(leaf(std::move(as_text)));
  either.children.push_back(leaf(std::move(*typed)));
  return either;
}

Parsed<data::SpanColumn> parse_attribute_name(std::string_view text) {
  size_t at = 0;
  data::SpanColumn column;
  column.scope = take_scope(text, at);
  if (at < text.size() && text[at] == '"') {
    auto quoted = read_quoted(text, at);
    if (!quoted) return std::unexpected(std::move(quoted.error()));
    if (at != text.size()) return wrong(at, "there is more after the closing \"; write \\\" for one inside the name");
    column.key = std::move(*quoted);
  } else {
    column.key = text.substr(at);
  }
  if (column.key.empty()) return wrong(at, "the attribute's key is missing");
  return column;
}

std::optional<data::AttributeScope> scope_named(std::string_view name) {
  for (const auto& [text, scope] : kScopes) {
    if (text == name) return scope;
  }
  return std::nullopt;
}

std::string_view to_string(data::AttributeScope scope) {
  return kScopes[static_cast<size_t>(scope)].first;
}

}  // namespace sextant::query
