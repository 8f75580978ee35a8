// A server that passes a trace on: it takes a JSON list of {"url": …, "arguments": […]}, and posts each `arguments` to
// its `url`, with the context that the request came with. This is the service that the W3C's test harness for trace
// context calls (https://github.com/w3c/trace-context, folder test):
//
//   http_echo 5000 &
//   SERVICE_ENDPOINT=http://127.0.0.1:5000/test python -m unittest
//
// Usage: http_echo [--trace-state-keys 1|2] [PORT]
//
// PORT 0, or none, is a free one; the address is printed. Spans go to OTEL_EXPORTER_OTLP_ENDPOINT where that is set.
// Keys of tracestate are by default those of level 1 of the specification, which are what the harness tests; 2 is the
// looser rule of level 2, which is what the SDK has by default.
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "examples/http_echo/actions.h"
#include "examples/http_echo/http_server.h"
#include "sextant/conventions.h"
#include "sextant/sextant.h"

namespace {

using http_echo::Action;
using http_echo::Request;
using http_echo::Response;

constexpr std::chrono::seconds kCallTimeout{5};

sextant::Tracer tracer() {
  static const sextant::Tracer made = sextant::tracer("http_echo", sextant::kVersion);
  return made;
}

/// One call, as a client span whose context goes along.
void call(const Action& action) {
  sextant::ScopedSpan span(
      tracer(), "POST",
      sextant::SpanOptions()
          .kind(sextant::SpanKind::kClient)
          .attributes({{"http.request.method", "POST"}, {"url.full", sextant::redacted_url(action.url)}}));
  sextant::HttpRequest request;
  request.url = action.url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = action.arguments;
  sextant::HeaderWriter writer(request.headers);
  sextant::inject(writer);
  const auto response = sextant::plain_http()->send(request, sextant::Deadline::after(kCallTimeout));
  if (!response) {
    span->set("error.type", "connection").set_status(sextant::StatusCode::kError, response.error());
    return;
  }
  span->set("http.response.status_code", response->status);
  if (response->status >= 400)
    span->set("error.type", std::to_string(response->status)).set_status(sextant::StatusCode::kError);
}

/// Each request is a server span: a child of the caller's, if the caller has one.
Response handle(const Request& request) {
  // Current first, so that its baggage goes on too.
  const sextant::Scope incoming(sextant::extract(sextant::HeaderReader(request.headers), sextant::Context()));
  sextant::ScopedSpan span(tracer(), request.method,
                           sextant::SpanOptions()
                               .kind(sextant::SpanKind::kServer)
                               .attributes({{"http.request.method", request.method},
                                            {"url.path", request.target.substr(0, request.target.find('?'))},
                                            {"url.scheme", "http"}}));
  Response response;
  if (request.method != "POST") {
    response = {405, "\"a POST is expected, with a list of url and arguments\""};
  } else if (auto actions = http_echo::parse_actions(request.body); !actions) {
    response = {400, "\"the body cannot be read\""};
    std::fprintf(stderr, "http_echo: %s\n", actions.error().c_str());
  } else {
    for (const Action& action : *actions) call(action);
  }
  span->set("http.response.status_code", response.status);
  return response;
}

struct Arguments {
  std::uint16_t port = 0;
  sextant::TraceStateKeys keys = sextant::TraceStateKeys::kLevel1;
};

/// False where they cannot be understood.
bool parse_arguments(int count, char** texts, Arguments& out) {
  for (int i = 1; i < count; ++i) {
    const std::string text = texts[i];
    if (text == "--trace-state-keys") {
      const std::string level = i + 1 < count ? texts[++i] : "";
      if (level != "1" && level != "2") return false;
      out.keys = level == "1" ? sextant::TraceStateKeys::kLevel1 : sextant::TraceStateKeys::kLevel2;
      continue;
    }
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return false;
    const unsigned long port = std::strtoul(text.c_str(), nullptr, 10);
    if (port > UINT16_MAX) return false;
    out.port = static_cast<std::uint16_t>(port);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse_arguments(argc, argv, arguments)) {
    std::fprintf(stderr, "usage: http_echo [--trace-state-keys 1|2] [PORT]\n");
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  sextant::Options options;
  options.service_name = "http_echo";
  options.propagators = sextant::composite({sextant::trace_context(arguments.keys), sextant::w3c_baggage()});
  if (const char* endpoint = std::getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint != nullptr && *endpoint != '\0') {
    sextant::OtlpHttpSettings settings;
    settings.endpoint = endpoint;
    options.exporters.push_back(sextant::otlp_http(settings));
  }
  auto sdk = sextant::Sdk::start(std::move(options));
  auto started = http_echo::HttpServer::start(arguments.port, handle);
  if (!started) {
    std::fprintf(stderr, "http_echo: %s\n", started.error().c_str());
    return 1;
  }
  const std::unique_ptr<http_echo::HttpServer> server(*started);
  std::printf("listening on http://127.0.0.1:%u/\n", static_cast<unsigned>(server->port()));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}
