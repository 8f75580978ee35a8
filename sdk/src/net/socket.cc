#include "net/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/resolve.h"

namespace sextant::net {
namespace {

constexpr const char* kTooLate = "timed out";
constexpr const char* kCalledOff = "called off";

std::string why(Ready ready) {
  return ready == Ready::kTimeout ? kTooLate : kCalledOff;
}

std::string system_error() {
  char text[128];
  return strerror_r(errno, text, sizeof(text));
}

Result<Socket> connect_to(const Address& address, const Deadline& deadline) {
  Socket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open()) return Error{system_error()};
  const int on = 1;
  setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0)
    return socket;
  if (errno != EINPROGRESS) return Error{system_error()};
  const Ready ready = wait_ready(socket.descriptor(), POLLOUT, deadline);
  if (ready != Ready::kYes) return Error{why(ready)};
  int failure = 0;
  socklen_t size = sizeof(failure);
  getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &failure, &size);
  errno = failure;
  if (failure != 0) return Error{system_error()};
  return socket;
}

}  // namespace

Ready wait_ready(int descriptor, short events, const Deadline& deadline) noexcept {
  pollfd entries[] = {{descriptor, events, 0}, {deadline.cancel_descriptor(), POLLIN, 0}};
  for (;;) {
    const int found = poll(entries, 2, static_cast<int>(deadline.left().count()));
    if (found < 0 && errno == EINTR) continue;
    if (found <= 0) return Ready::kTimeout;
    if ((entries[1].revents & POLLIN) != 0) return Ready::kCancelled;
    return Ready::kYes;
  }
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = other.descriptor_;
  other.descriptor_ = -1;
  return *this;
}

void Socket::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::string Socket::write_all(std::string_view head, std::string_view body, const Deadline& deadline) {
  while (!head.empty() || !body.empty()) {
    iovec parts[] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
      const Ready ready = wait_ready(descriptor_, POLLOUT, deadline);
      if (ready != Ready::kYes) return why(ready);
      continue;
    }
    if (sent < 0) return system_error();
    const auto count = static_cast<std::size_t>(sent);
    const std::size_t of_head = count < head.size() ? count : head.size();
    head.remove_prefix(of_head);
    body.remove_prefix(count - of_head);
  }
  return {};
}

Result<std::size_t> Socket::read_some(char* out, std::size_t bytes, const Deadline& deadline) {
  for (;;) {
    const ssize_t got = recv(descriptor_, out, bytes, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EAGAIN && errno != EINTR) return Error{system_error()};
    const Ready ready = wait_ready(descriptor_, POLLIN, deadline);
    if (ready != Ready::kYes) return Error{why(ready)};
  }
}

bool Socket::stale() const noexcept {
  char byte = 0;
  const ssize_t got = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

Result<Socket> connect_tcp(const std::string& host, std::uint16_t port, const Deadline& deadline) {
  const Result<std::vector<Address>> addresses = resolve(host, port, deadline);
  if (!addresses) return Error{addresses.error()};
  std::string last = "it has no address";
  for (const Address& address : *addresses) {
    Result<Socket> socket = connect_to(address, deadline);
    if (socket) return socket;
    last = socket.error();
  }
  return Error{last};
}

}  // namespace sextant::net
