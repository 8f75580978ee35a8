#include "logs/time_text.h"

#include <charconv>
#include <cstring>

namespace sextant::logs {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

char* write_digits(char* out, std::int64_t value, int digits) noexcept {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

struct Date {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
};

/// Of days since 1970-01-01, in the Gregorian calendar: years are counted from March, so that the day that is not in
/// all of them is their last; 400 years have 146,097 days.
Date date_of(std::int64_t days) noexcept {
  constexpr std::int64_t kEraDays = 146'097;
  const std::int64_t since = days + 719'468;  // since 0000-03-01
  const std::int64_t era = floor_divide(since, kEraDays);
  const std::int64_t day_of_era = since - era * kEraDays;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

char* write_seconds(char* out, std::int64_t seconds) noexcept {
  const std::int64_t days = floor_divide(seconds, kDaySeconds);
  const Date date = date_of(days);
  const std::int64_t of_day = seconds - days * kDaySeconds;
  out = write_digits(out, date.year, 4);
  *out++ = '-';
  out = write_digits(out, date.month, 2);
  *out++ = '-';
  out = write_digits(out, date.day, 2);
  *out++ = 'T';
  out = write_digits(out, of_day / 3600, 2);
  *out++ = ':';
  out = write_digits(out, of_day / 60 % 60, 2);
  *out++ = ':';
  return write_digits(out, of_day % 60, 2);
}

char* write_calendar(char* out, std::int64_t wall_ns, int fraction_digits, std::int64_t unit_ns,
                     const char* zone) noexcept {
  const std::int64_t seconds = floor_divide(wall_ns, kSecondNs);
  out = write_seconds(out, seconds);
  if (fraction_digits > 0) {
    *out++ = '.';
    out = write_digits(out, (wall_ns - seconds * kSecondNs) / unit_ns, fraction_digits);
  }
  const std::size_t bytes = std::strlen(zone);
  std::memcpy(out, zone, bytes);
  return out + bytes;
}

char* write_number(char* out, std::int64_t number) noexcept {
  return std::to_chars(out, out + kTimeBytesMax, number).ptr;
}

}  // namespace

char* write_time(char* out, std::int64_t wall_ns, LogTimeFormat format) noexcept {
  switch (format) {
    case LogTimeFormat::kNone:
      return out;
    case LogTimeFormat::kRfc3339:
      return write_calendar(out, wall_ns, 0, kSecondNs, "Z");
    case LogTimeFormat::kRfc3339Ms:
      return write_calendar(out, wall_ns, 3, 1'000'000, "Z");
    case LogTimeFormat::kRfc3339Nano:
      return write_calendar(out, wall_ns, 9, 1, "Z");
    case LogTimeFormat::kIso8601:
      return write_calendar(out, wall_ns, 3, 1'000'000, "+0000");
    case LogTimeFormat::kUnix:
      return write_number(out, floor_divide(wall_ns, kSecondNs));
    case LogTimeFormat::kUnixMs:
      return write_number(out, floor_divide(wall_ns, 1'000'000));
    case LogTimeFormat::kUnixUs:
      return write_number(out, floor_divide(wall_ns, 1'000));
    case LogTimeFormat::kUnixNs:
      return write_number(out, wall_ns);
  }
  return out;
}

}  // namespace sextant::logs
