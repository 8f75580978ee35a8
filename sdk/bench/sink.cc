#include "bench/sink.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace sextant::bench {
namespace {

/// One connection: how much of the present body is still to come, or the head so far.
struct Talk {
  int descriptor;
  std::string head = {};
  std::size_t body_left = 0;
};

std::size_t length_of(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string_view::npos ? 0 : std::strtoull(head.data() + at + kName.size(), nullptr, 10);
}

void answer(const Talk& talk, SinkManner manner) {
  constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  if (manner == SinkManner::kAnswer) [[maybe_unused]]
    const ssize_t sent = send(talk.descriptor, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

void take(Talk& talk, std::string_view bytes, SinkManner manner) {
  while (!bytes.empty()) {
    if (talk.body_left == 0) {
      talk.head.append(bytes);
      const std::size_t end = talk.head.find("\r\n\r\n");
      if (end == std::string::npos) return;
      bytes.remove_prefix(bytes.size() - (talk.head.size() - end - 4));
      talk.body_left = length_of(talk.head);
      talk.head.clear();
    }
    const std::size_t taken = bytes.size() < talk.body_left ? bytes.size() : talk.body_left;
    bytes.remove_prefix(taken);
    talk.body_left -= taken;
    if (talk.body_left == 0) answer(talk, manner);
  }
}

[[noreturn]] void serve(int listener, SinkManner manner) {
  std::vector<Talk> talks;
  std::vector<pollfd> polled;
  std::vector<char> bytes(1 << 20);
  for (;;) {
    polled.assign(1, {listener, POLLIN, 0});
    for (const Talk& talk : talks) polled.push_back({talk.descriptor, POLLIN, 0});
    poll(polled.data(), polled.size(), -1);
    for (std::size_t i = talks.size(); i > 0; --i) {
      if (polled[i].revents == 0) continue;
      const ssize_t got = recv(talks[i - 1].descriptor, bytes.data(), bytes.size(), 0);
      if (got > 0) {
        take(talks[i - 1], {bytes.data(), static_cast<std::size_t>(got)}, manner);
      } else {
        close(talks[i - 1].descriptor);
        talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(i - 1));
      }
    }
    if ((polled[0].revents & POLLIN) != 0) talks.push_back({accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)});
  }
}

int listen_at(int port, int& bound) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener, 16) != 0) {
    std::perror("sink");
    std::exit(1);
  }
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  bound = ntohs(address.sin_port);
  return listener;
}

}  // namespace

Sink::Sink(SinkManner manner, int port) {
  const int listener = listen_at(port, port_);
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(listener, manner);
  }
  close(listener);
}

Sink::~Sink() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

}  // namespace sextant::bench
