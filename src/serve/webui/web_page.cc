#include "serve/webui/web_page.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sextant::serve {
namespace {

/// What the page shows under addresses of its own (ui/src/lib/url.ts). A name stands for itself and all below it.
constexpr std::array<std::string_view, 9> kViews = {"runs",    "run",  "compare", "sessions", "services",
                                                    "explore", "logs", "alerts",  "start"};

constexpr std::string_view kForever = "public, max-age=31536000, immutable";

bool is_view(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  return std::ranges::find(kViews, path.substr(0, path.find('/'))) != kViews.end();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `use` with each element of a list in a header.
template <typename Use>
void each_element(std::string_view list, Use use) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    use(trimmed(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The weight in "gzip;q=0.5"; 1 when none stands there.
double weight_of(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return 1;
  double weight = 0;
  std::from_chars(parameters.data() + at + 2, parameters.data() + parameters.size(), weight);
  return weight;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  double any = 0;
  double named = -1;
  each_element(accept_encoding, [&](std::string_view element) {
    const size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view coding = trimmed(element.substr(0, semicolon));
    const double weight = weight_of(element.substr(semicolon));
    if (coding == "*") any = weight;
    if (equal_without_case(coding, "gzip") || equal_without_case(coding, "x-gzip")) named = weight;
  });
  return named >= 0 ? named > 0 : any > 0;
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  const auto strong = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
  bool matches = false;
  each_element(if_none_match,
               [&](std::string_view element) { matches |= element == "*" || strong(element) == strong(etag); });
  return matches;
}

const AssetRow* WebPage::find(std::string_view path) const {
  const auto row = std::ranges::find(rows_, path, &AssetRow::path);
  return row == rows_.end() ? nullptr : &*row;
}

HttpAnswer WebPage::serve(const AssetRow& row, const HttpHeaders& headers) const {
  HttpAnswer answer;
  answer.headers.add("ETag", std::string(row.etag));
  answer.headers.add("Cache-Control", std::string(row.caching == Caching::kImmutable ? kForever : "no-cache"));
  answer.headers.add("Vary", "Accept-Encoding");
  if (etag_matches(headers.get("If-None-Match"), row.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = row.content_type;
  const bool packed = row.gzip.size > 0 && accepts_gzip(headers.get("Accept-Encoding"));
  if (packed) answer.headers.add("Content-Encoding", "gzip");
  answer.body = bytes_at(packed ? row.gzip : row.plain);
  return answer;
}

std::optional<HttpAnswer> WebPage::answer(std::string_view path, const HttpHeaders& headers) const {
  if (!present()) return std::nullopt;
  const AssetRow* row = find(path);
  if (row == nullptr && is_view(path)) row = find("/index.html");
  if (row == nullptr) return std::nullopt;
  return serve(*row, headers);
}

}  // namespace sextant::serve
