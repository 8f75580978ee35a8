#include "http/exchange.h"

#include <algorithm>
#include <cctype>

namespace sextant::http {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool append(List& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

}  // namespace

bool Exchange::prepare(CURL* easy, const HttpRequest& request) {
  bool complete = append(headers_, "Expect:");  // no waiting for leave to send the body
  for (const auto& [name, value] : request.headers)
    complete = append(headers_, value.empty() ? name + ";" : name + ": " + value) && complete;
  const bool has_type = std::any_of(request.headers.begin(), request.headers.end(),
                                    [](const auto& header) { return lower(header.first) == "content-type"; });
  if (!has_type) complete = append(headers_, "Content-Type:") && complete;  // libcurl would name one of forms
  complete = set_method(easy, request) && complete;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  return curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str()) == CURLE_OK && complete;
}

bool Exchange::set_method(CURL* easy, const HttpRequest& request) {
  if (request.method == "HEAD") return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
  if (request.method == "GET" && request.body.empty()) return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str()) == CURLE_OK;
}

std::size_t Exchange::take_header(char* data, std::size_t size, std::size_t count, void* self) {
  Exchange& exchange = *static_cast<Exchange*>(self);
  exchange.head_bytes_ += size * count;
  if (exchange.head_too_large()) return 0;
  exchange.add_header({data, size * count});
  return size * count;
}

void Exchange::add_header(std::string_view line) {
  if (line.rfind("HTTP/", 0) == 0) return response_.headers.clear();  // after an interim answer, or a proxy's
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  response_.headers.emplace_back(lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
}

std::size_t Exchange::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  HttpResponse& response = static_cast<Exchange*>(self)->response_;
  const std::size_t taken = std::min(size * count, kHttpBodyBytesMax - response.body.size());
  response.body.append(data, taken);
  response.cut = taken < size * count;
  return taken;  // less than there is ends the request
}

}  // namespace sextant::http
