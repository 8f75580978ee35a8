// A client for tests of the SDK's small server, which sends whatever bytes a test wants.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_reader.h"
#include "net/socket.h"

namespace sextant::net {

struct TestAnswer {
  int status = 0;  // 0: the connection ended without an answer
  HttpHeaders headers;
  std::string body;
  bool keeps_alive = false;
};

/// Thread-confined. Every wait ends after a minute.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port) {
    Result<Socket> socket = connect_tcp("127.0.0.1", port, Deadline::after(kPatience));
    if (socket) socket_ = std::move(*socket);
  }

  /// A socket that is connected later.
  static TestClient unconnected() {
    TestClient client;
    client.socket_ = Socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return client;
  }
  void connect_to(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    fcntl(socket_.descriptor(), F_SETFL, O_NONBLOCK);
  }

  bool connected() const { return socket_.open(); }
  int descriptor() const { return socket_.descriptor(); }
  void close() { socket_.close(); }
  bool send(std::string_view bytes) { return socket_.write_all(bytes, {}, Deadline::after(kPatience)).empty(); }
  void end_of_requests() { shutdown(socket_.descriptor(), SHUT_WR); }

  /// The next answer. `to_head`: it has no body although its length says so.
  TestAnswer receive(bool to_head = false) {
    HttpReader reader(HttpReader::Kind::kResponse, {});
    reader.add(std::exchange(rest_, {}));
    char bytes[16384];
    while (reader.state() == HttpReader::State::kHead || (reader.state() == HttpReader::State::kBody && !to_head)) {
      const Result<std::size_t> got = socket_.read_some(bytes, sizeof(bytes), Deadline::after(kPatience));
      if (!got || *got == 0) break;
      reader.add({bytes, *got});
    }
    TestAnswer answer;
    if (reader.start_line().empty()) return answer;
    answer.status = std::stoi(reader.start_line().substr(9, 3));
    answer.headers = reader.headers();
    answer.body = reader.body();
    answer.keeps_alive = reader.keeps_alive();
    rest_ = std::string(reader.leftover());
    return answer;
  }
  TestAnswer get(const std::string& path, const std::string& headers = {}) {
    if (!send("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n")) return {};
    return receive();
  }
  /// Whether the server ends the connection, without sending more.
  bool is_ended() {
    char byte = 0;
    const Result<std::size_t> got = socket_.read_some(&byte, 1, Deadline::after(kPatience));
    return !got ? got.error() != "timed out" : *got == 0;
  }

 private:
  TestClient() = default;
  static constexpr std::chrono::seconds kPatience{60};
  Socket socket_;
  std::string rest_;
};

}  // namespace sextant::net
