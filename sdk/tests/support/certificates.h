// Certificates for tests of TLS, made with OpenSSL where they are needed.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/folder.h"
#include "tests/support/receiver.h"

namespace sextant::test {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

struct Identity {
  Key key;
  Certificate certificate;
};

struct CertificateWish {
  std::string common_name = "test";
  std::string alternative_names = "IP:127.0.0.1";  // as OpenSSL writes them
  long valid_from_s = -3'600;                      // from now
  long valid_until_s = 3'600;
};

inline void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Signed by the issuer; by itself, and an authority, where there is none.
inline Identity make_identity(const CertificateWish& wish, const Identity* issuer = nullptr) {
  static long serial = 1;
  Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* const x509 = made.certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), wish.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(x509), wish.valid_until_s);
  X509_set_pubkey(x509, made.key.get());
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(wish.common_name.c_str()),
                             -1, -1, 0);
  X509* const signer = issuer != nullptr ? issuer->certificate.get() : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  add_extension(x509, signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (issuer != nullptr) add_extension(x509, signer, NID_subject_alt_name, wish.alternative_names.c_str());
  X509_sign(x509, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

/// PEM files; both give the path.
inline std::string write_certificate(Folder& folder, const std::string& name, const Identity& identity) {
  return folder.write(name, [&](std::FILE* file) { PEM_write_X509(file, identity.certificate.get()); });
}
inline std::string write_key(Folder& folder, const std::string& name, const Identity& identity) {
  return folder.write(name, [&](std::FILE* file) {
    PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

/// The server's side of TLS over a connection. Lifetime: the context outlives it.
class TlsStream final : public Stream {
 public:
  TlsStream(int descriptor, SSL_CTX* context) : Stream(descriptor), ssl_(SSL_new(context)) {
    SSL_set_fd(ssl_, descriptor);
  }
  ~TlsStream() override { SSL_free(ssl_); }
  bool accept() override {
    sigset_t pipe;  // of this thread, which is the connection's own
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    return SSL_accept(ssl_) == 1;
  }
  ssize_t read(char* out, std::size_t bytes) override { return SSL_read(ssl_, out, static_cast<int>(bytes)); }
  bool write(std::string_view bytes) override {
    return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

 private:
  SSL* ssl_;
};

/// What a TLS server shows, and whether it wants a client's certificate of that authority.
class TlsContext {
 public:
  explicit TlsContext(const Identity& server, const Identity* client_authority = nullptr)
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_, server.certificate.get());
    SSL_CTX_use_PrivateKey(context_, server.key.get());
    if (client_authority == nullptr) return;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), client_authority->certificate.get());
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  ~TlsContext() { SSL_CTX_free(context_); }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  Receiver::Wrap wrap() const {
    return [this](int descriptor) { return std::make_unique<TlsStream>(descriptor, context_); };
  }

 private:
  SSL_CTX* context_;
};

}  // namespace sextant::test
