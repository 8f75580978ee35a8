// The address that Prometheus scrapes.
#pragma once

#include <functional>
#include <string>

#include "net/http_server.h"
#include "sextant/prometheus.h"

namespace sextant::expose {

/// All metrics in a format. Called by one thread at a time for each route or pusher.
using MetricsText = std::function<std::string(PrometheusFormat)>;

/// `/metrics`, in the format that the request's Accept header prefers, compressed where it takes gzip.
void add_metrics_route(net::HttpServer::Routes& routes, MetricsText text);

/// Whether an Accept-Encoding header takes gzip (RFC 9110, 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace sextant::expose
