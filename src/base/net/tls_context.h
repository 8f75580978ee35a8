// OpenSSL contexts for listeners. Private to base/net.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/core/result.h"
#include "base/net/tls_settings.h"

namespace sextant::net_detail {

/// Errors: kInvalidArgument naming the file that cannot be used and why. Requires: settings.enabled().
Result<boost::asio::ssl::context> make_tls_context(const TlsSettings& settings);

}  // namespace sextant::net_detail
