#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libpq/fake_postgres.h"

namespace sextant {
namespace {

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int at = bytes - 1; at >= 0; --at) out += static_cast<char>(value >> (8 * at) & 0xff);
  return out;
}

}  // namespace

FakePostgres::FakePostgres(std::vector<std::string> answers)
    : answers_(std::move(answers)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(listener_, 1), 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakePostgres::~FakePostgres() {
  thread_.join();
  close(listener_);
}

std::string FakePostgres::message(char type, const std::string& content) {
  return std::string(1, type) + number(static_cast<std::uint32_t>(content.size() + 4), 4) + content;
}

std::string FakePostgres::rows(const std::vector<std::string>& values) {
  const std::string column = std::string("name") + '\0' + number(0, 4) + number(0, 2) + number(25, 4) +
                             number(0xffff, 2) + number(0xffffffff, 4) + number(0, 2);
  std::string out = message('T', number(1, 2) + column);
  for (const std::string& value : values)
    out += message('D', number(1, 2) + number(static_cast<std::uint32_t>(value.size()), 4) + value);
  return out + complete("SELECT " + std::to_string(values.size()));
}

std::string FakePostgres::error(const std::string& state, const std::string& text) {
  const auto field = [](char type, const std::string& value) { return type + value + '\0'; };
  return message('E', field('S', "ERROR") + field('V', "ERROR") + field('C', state) + field('M', text) + '\0');
}

bool FakePostgres::read_exactly(net::Socket& socket, std::size_t bytes, std::string& out) {
  out.resize(bytes);
  for (std::size_t at = 0; at < bytes;) {
    const Result<std::size_t> got =
        socket.read_some(out.data() + at, bytes - at, Deadline::after(std::chrono::seconds(30)));
    if (!got || *got == 0) return false;
    at += *got;
  }
  return true;
}

bool FakePostgres::send(net::Socket& socket, const std::string& bytes) {
  return socket.write_all(bytes, {}, Deadline::after(std::chrono::seconds(30))).empty();
}

void FakePostgres::serve() {
  const auto length = [](const std::string& bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return std::size_t{value};
  };
  net::Socket socket(accept(listener_, nullptr, nullptr));
  std::string bytes;
  const std::string ready = message('Z', "I");
  if (!read_exactly(socket, 4, bytes) || !read_exactly(socket, length(bytes) - 4, bytes)) return;  // StartupMessage
  if (!send(socket, message('R', number(0, 4)) + ready)) return;                                   // AuthenticationOk
  for (const std::string& answer : answers_) {
    char type = 0;
    do {
      if (!read_exactly(socket, 1, bytes)) return;
      type = bytes[0];
      if (!read_exactly(socket, 4, bytes) || !read_exactly(socket, length(bytes) - 4, bytes)) return;
    } while (type != 'Q' && type != 'S' && type != 'X');
    if (type == 'X' || !send(socket, answer + ready)) return;
  }
  if (!read_exactly(socket, 1, bytes)) return;  // what is asked now gets no answer
}

}  // namespace sextant
