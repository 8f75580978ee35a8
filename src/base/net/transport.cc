#include "base/net/transport.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/stream.hpp>

namespace sextant::net_detail {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  void handshake(Done done) override {
    asio::post(socket_.get_executor(), [done = std::move(done)]() mutable { done({}, 0); });
  }
  void read_some(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write_some(const std::array<asio::const_buffer, 2>& bytes, Done done) override {
    socket_.async_write_some(bytes, std::move(done));
  }
  void finish_writing(Done done) override {
    ErrorCondition error;
    (void)socket_.shutdown(Socket::shutdown_send, error);
    asio::post(socket_.get_executor(), [done = std::move(done), error]() mutable { done(error, 0); });
  }
  Socket& socket() override { return socket_; }
  std::string client_subject() const override { return {}; }
  bool encrypted() const override { return false; }

 private:
  Socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  void handshake(Done done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](ErrorCondition error) mutable { done(error, 0); });
  }
  void read_some(asio::mutable_buffer into, Done done) override {
    if (finished_) {
      stream_.next_layer().async_read_some(into, std::move(done));
    } else {
      stream_.async_read_some(into, std::move(done));
    }
  }
  void write_some(const std::array<asio::const_buffer, 2>& bytes, Done done) override {
    // OpenSSL takes one buffer at a time.
    stream_.async_write_some(bytes[0].size() > 0 ? bytes[0] : bytes[1], std::move(done));
  }
  void finish_writing(Done done) override {
    // close_notify goes out; what the other side still sends is not decrypted any more, only read away.
    stream_.async_shutdown([this, done = std::move(done)](ErrorCondition) mutable {
      finished_ = true;
      ErrorCondition error;
      (void)stream_.next_layer().shutdown(Socket::shutdown_send, error);
      done(error, 0);
    });
  }
  Socket& socket() override { return stream_.next_layer(); }
  std::string client_subject() const override {
    X509* certificate = SSL_get1_peer_certificate(stream_native());
    if (certificate == nullptr) return {};
    char text[512] = {};
    X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text) - 1);
    X509_free(certificate);
    return text;
  }
  bool encrypted() const override { return true; }

 private:
  SSL* stream_native() const { return const_cast<asio::ssl::stream<Socket>&>(stream_).native_handle(); }
  asio::ssl::stream<Socket> stream_;
  bool finished_ = false;
};

}  // namespace

void Transport::cancel() {
  ErrorCondition ignored;
  (void)socket().cancel(ignored);
}

void Transport::close() {
  ErrorCondition ignored;
  (void)socket().close(ignored);
}

std::unique_ptr<Transport> make_plain_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

}  // namespace sextant::net_detail
