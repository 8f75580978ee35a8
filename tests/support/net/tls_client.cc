#include "tests/support/net/tls_client.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sextant::testing {

struct TlsClient::Impl {
  int socket = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  bool connected = false;
};

TlsClient::TlsClient(const TlsClientSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(impl_->context, settings.ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(impl_->context, SSL_VERIFY_PEER, nullptr);
  if (settings.version_max != 0) SSL_CTX_set_max_proto_version(impl_->context, settings.version_max);
  if (!settings.certificate_file.empty()) {
    SSL_CTX_use_certificate_chain_file(impl_->context, settings.certificate_file.c_str());
    SSL_CTX_use_PrivateKey_file(impl_->context, settings.key_file.c_str(), SSL_FILETYPE_PEM);
  }
  impl_->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval deadline{.tv_sec = 20, .tv_usec = 0};
  setsockopt(impl_->socket, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(settings.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (impl_->socket < 0) return;
  if (connect(impl_->socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
  impl_->ssl = SSL_new(impl_->context);
  if (!settings.protocol.empty()) {
    const std::string offer = static_cast<char>(settings.protocol.size()) + settings.protocol;
    SSL_set_alpn_protos(impl_->ssl, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }
  SSL_set_fd(impl_->ssl, impl_->socket);
  impl_->connected = SSL_connect(impl_->ssl) == 1;
}

TlsClient::~TlsClient() {
  SSL_free(impl_->ssl);
  SSL_CTX_free(impl_->context);
  if (impl_->socket >= 0) close(impl_->socket);
}

bool TlsClient::connected() const {
  return impl_->connected;
}

std::string TlsClient::exchange(std::string_view bytes, bool& clean) {
  clean = false;
  std::string received;
  if (!impl_->connected) return received;
  if (!bytes.empty() && SSL_write(impl_->ssl, bytes.data(), static_cast<int>(bytes.size())) <= 0) return received;
  char buffer[4096];
  while (true) {
    const int size = SSL_read(impl_->ssl, buffer, sizeof(buffer));
    if (size <= 0) {
      clean = SSL_get_error(impl_->ssl, size) == SSL_ERROR_ZERO_RETURN;
      return received;
    }
    received.append(buffer, static_cast<size_t>(size));
  }
}

std::string TlsClient::chosen_protocol() const {
  const unsigned char* text = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(impl_->ssl, &text, &size);
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

}  // namespace sextant::testing
