#include "expose/metrics_route.h"

#include <utility>

#include "base/gzip.h"

namespace sextant::expose {
namespace {

constexpr std::size_t kGzipBytesMin = 1'024;  // less is one packet anyway

std::string lower_without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  }
  return out;
}

/// Whether parameters of a coding, as in `;q=0.5`, forbid it: a weight of nothing but zeros.
bool is_forbidden(std::string_view parameters) {
  const std::size_t at = parameters.find(";q=");
  if (at == std::string_view::npos) return false;
  std::string_view weight = parameters.substr(at + 3);
  weight = weight.substr(0, weight.find(';'));
  return weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  const std::string all = lower_without_spaces(accept_encoding);
  bool any = false;
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(one.size() == rest.size() ? rest.size() : one.size() + 1);
    const std::string_view coding = one.substr(0, one.find(';'));
    const bool allowed = !is_forbidden(one.substr(coding.size()));
    if (coding == "gzip" || coding == "x-gzip") return allowed;
    if (coding == "*") any = allowed;
  }
  return any;
}

void add_metrics_route(net::HttpServer::Routes& routes, MetricsText text) {
  routes["/metrics"] = [text = std::move(text)](const net::RequestHead& request, const net::HttpServer::Reply& reply) {
    const PrometheusFormat format = prometheus_format_for(std::string(request.header("accept")));
    net::HttpAnswer answer;
    answer.content_type = prometheus_content_type(format);
    answer.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    answer.body = text(format);
    if (answer.body.size() >= kGzipBytesMin && accepts_gzip(request.header("accept-encoding"))) {
      if (std::string packed = gzip(answer.body); !packed.empty()) {
        answer.body = std::move(packed);
        answer.headers.emplace_back("Content-Encoding", "gzip");
      }
    }
    reply.send(std::move(answer));
  };
}

}  // namespace sextant::expose
