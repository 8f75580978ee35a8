// A program that sends over TLS.
#include <sextant/http.h>
#include <sextant/sextant.h>

int main() {
  sextant::OtlpHttpSettings settings;
  settings.endpoint = "https://collector.test";
  settings.transport = sextant::tls_http();
  return sextant::otlp_http(settings)->wants(sextant::Signal::kTraces) ? 0 : 1;
}
