// A server for tests that speaks as much of PostgreSQL's protocol 3.0 as answers to a script need
// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "net/socket.h"

namespace sextant {

/// Takes one connection. For each simple query, or each Sync of the extended protocol, it sends the next answer of the
/// script and ReadyForQuery; with no answer left it closes the connection.
class FakePostgres {
 public:
  explicit FakePostgres(std::vector<std::string> answers);
  ~FakePostgres();
  std::uint16_t port() const noexcept { return port_; }

  /// RowDescription of one text column, the rows, and CommandComplete.
  static std::string rows(const std::vector<std::string>& values);
  static std::string complete(const std::string& tag) { return message('C', tag + '\0'); }
  static std::string error(const std::string& state, const std::string& text);
  /// Of the extended protocol.
  static std::string parsed() { return message('1', ""); }
  static std::string bound() { return message('2', ""); }
  static std::string message(char type, const std::string& content);

 private:
  void serve();
  bool read_exactly(net::Socket& socket, std::size_t bytes, std::string& out);
  bool send(net::Socket& socket, const std::string& bytes);

  const std::vector<std::string> answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace sextant
