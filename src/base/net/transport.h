// One accepted connection as a byte stream, plain or TLS, behind one interface: sessions are compiled once. Private to
// base/net.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <functional>
#include <memory>
#include <string>

namespace sextant::net_detail {

namespace asio = boost::asio;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
using ErrorCondition = boost::system::error_code;

/// Thread-confined: everything happens on the connection's strand, callbacks too. A callback never runs inside the call
/// that started it. One read and one write may be under way at the same time.
class Transport {
 public:
  using Done = std::move_only_function<void(ErrorCondition, size_t)>;

  virtual ~Transport() = default;
  virtual void handshake(Done done) = 0;
  virtual void read_some(asio::mutable_buffer into, Done done) = 0;
  virtual void write_some(const std::array<asio::const_buffer, 2>& bytes, Done done) = 0;
  /// Says to the other side that nothing more comes; reading goes on.
  virtual void finish_writing(Done done) = 0;
  virtual Socket& socket() = 0;
  /// Subject of the client's verified certificate; "" without one.
  virtual std::string client_subject() const = 0;
  virtual bool encrypted() const = 0;

  /// Outstanding operations end with an error; the connection can still be written to.
  void cancel();
  void close();
};

std::unique_ptr<Transport> make_plain_transport(Socket socket);
std::unique_ptr<Transport> make_tls_transport(Socket socket, asio::ssl::context& context);

}  // namespace sextant::net_detail
