#include "export/retry_after.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace sextant::exporting {

std::chrono::milliseconds retry_after(std::string_view header, std::chrono::system_clock::time_point now) {
  constexpr std::chrono::milliseconds kMax = std::chrono::hours(1);
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error == std::errc::result_out_of_range) return kMax;
  if (error == std::errc() && end == header.data() + header.size()) {
    return std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), kMax);
  }
  std::tm date{};
  const char* const rest = strptime(std::string(header).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr) return std::chrono::milliseconds(0);
  const auto until = std::chrono::system_clock::from_time_t(timegm(&date));
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(until - now);
  return std::clamp<std::chrono::milliseconds>(pause, std::chrono::milliseconds(0), kMax);
}

}  // namespace sextant::exporting
