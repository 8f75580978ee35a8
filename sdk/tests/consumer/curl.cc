// A program whose HTTP requests are spans.
#include <sextant/curl.h>

int main() {
  CURL* handle = curl_easy_init();
  const CURLcode code = sextant::curl_perform(handle);
  curl_easy_cleanup(handle);
  return code == CURLE_OK ? 1 : 0;  // no address was set
}
