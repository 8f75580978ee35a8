#include "base/net/tls_context.h"

#include <openssl/ssl.h>

#include <string_view>

namespace sextant::net_detail {
namespace {

namespace ssl = boost::asio::ssl;

/// Chooses http/1.1 when the client offers it; a client that offers only others goes on without ALPN and is told by the
/// answer (RFC 7301 section 3.2 lets a server ignore the extension).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, chosen_size, kHttp11, sizeof(kHttp11) - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

std::unexpected<Error> cannot(std::string_view what, const std::string& file, const boost::system::error_code& error) {
  return fail(ErrorCode::kInvalidArgument, "{} {}: {}", what, file, error.message());
}

}  // namespace

Result<ssl::context> make_tls_context(const TlsSettings& settings) {
  ssl::context context(ssl::context::tls_server);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Why: an idle connection then holds no 32 KiB of record buffers.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);

  boost::system::error_code error;
  if (context.use_certificate_chain_file(settings.certificate_file, error))
    return cannot("TLS certificate", settings.certificate_file, error);
  if (context.use_private_key_file(settings.key_file, ssl::context::pem, error))
    return cannot("TLS key", settings.key_file, error);
  if (SSL_CTX_check_private_key(native) != 1) {
    return fail(ErrorCode::kInvalidArgument, "TLS key {} does not belong to certificate {}", settings.key_file,
                settings.certificate_file);
  }
  if (settings.client_ca_file.empty()) return context;

  if (context.load_verify_file(settings.client_ca_file, error))
    return cannot("TLS client CA", settings.client_ca_file, error);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(settings.client_ca_file.c_str());
  if (names != nullptr) SSL_CTX_set_client_CA_list(native, names);
  if (context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error))
    return cannot("TLS client CA", settings.client_ca_file, error);
  // Sessions of one context may be resumed only within it (OpenSSL asks for this when clients are verified).
  static constexpr unsigned char kSessionContext[] = "sextant";
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof(kSessionContext) - 1);
  return context;
}

}  // namespace sextant::net_detail
