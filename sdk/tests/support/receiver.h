// A server of the tests' own that answers as it is told to: well, badly, slowly, or never.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/http_reader.h"
#include "sextant/transport.h"

namespace sextant::test {

/// A connection as the server sees it.
class Stream {
 public:
  explicit Stream(int descriptor) : descriptor_(descriptor) {}
  virtual ~Stream() { ::close(descriptor_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// False where no conversation comes about.
  virtual bool accept() { return true; }
  /// 0 or less: the end.
  virtual ssize_t read(char* out, std::size_t bytes) { return recv(descriptor_, out, bytes, 0); }
  virtual bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Wakes whoever reads or writes.
  void shut() { shutdown(descriptor_, SHUT_RDWR); }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

struct Received {
  std::string start_line;
  HttpHeaders headers;
  std::string body;
  std::size_t connection = 0;  // counted from 1

  std::string_view header(std::string_view lower_case_name) const { return net::find_header(headers, lower_case_name); }
};

struct Answer {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};

  enum class Manner {
    kProper,
    kRaw,              // the body is all of the answer
    kHang,             // nothing, and the connection stays
    kClose,            // nothing, and the connection goes
    kEndless,          // a body of the length that its header says, or for ever
    kProperThenClose,  // without having said that it will
  } manner = Manner::kProper;
};

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port that is ours, at which nobody listens unless a Receiver is made for it: connections are refused.
class Port {
 public:
  Port() : socket_(bound_socket(0)) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    number_ = ntohs(address.sin_port);
  }
  ~Port() { ::close(socket_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  int number() const { return number_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(number_); }
  /// From now on connections come about, and nobody ever takes them.
  void listen_without_accepting() { listen(socket_, 64); }

  static int bound_socket(int port) {
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));  // a Receiver stands beside a Port
    const sockaddr_in address = loopback(port);
    if (bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) std::abort();
    return made;
  }

 private:
  const int socket_;
  int number_ = 0;
};

/// Internally locked. Thread: one that accepts, one for each connection; all end with it.
class Receiver {
 public:
  using Handler = std::function<Answer(const Received&)>;
  using Wrap = std::function<std::unique_ptr<Stream>(int descriptor)>;

  /// Answers everything with an empty 200 unless told otherwise; at the number of a Port, or at any.
  explicit Receiver(Handler handler = {}, Wrap wrap = {}, int port = 0)
      : handler_(std::move(handler)), wrap_(std::move(wrap)), listener_(Port::bound_socket(port)) {
    listen(listener_, 64);
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~Receiver() {
    stop();
    ::close(listener_);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1", const std::string& scheme = "http") const {
    return scheme + "://" + host + ":" + std::to_string(port_);
  }

  /// Blocks until that many requests have come.
  void wait_for(std::size_t requests) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return requests_.size() >= requests; });
  }
  void wait_for_connections(std::size_t connections) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return connections_ >= connections; });
  }
  std::vector<Received> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }
  std::size_t connections() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return connections_;
  }
  /// From now on requests are counted and shown to the handler, but not kept.
  void keep_no_bodies() {
    const std::lock_guard<std::mutex> lock(mutex_);
    keeps_bodies_ = false;
  }
  void set_handler(Handler handler) {
    const std::lock_guard<std::mutex> lock(mutex_);
    handler_ = std::move(handler);
  }
  /// Ends all connections; the port refuses new ones once it is destroyed.
  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      for (const auto& stream : streams_) stream->shut();
      changed_.notify_all();
    }
    shutdown(listener_, SHUT_RDWR);
    if (accepting_.joinable()) accepting_.join();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void accept_all() {
    for (;;) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (descriptor < 0 || stopping_) {
        if (descriptor >= 0) ::close(descriptor);
        return;
      }
      std::shared_ptr<Stream> stream = wrap_ ? wrap_(descriptor) : std::make_unique<Stream>(descriptor);
      streams_.push_back(stream);
      const std::size_t number = ++connections_;
      changed_.notify_all();
      threads_.emplace_back([this, stream, number] { talk(stream, number); });
    }
  }

  void talk(const std::shared_ptr<Stream>& stream, std::size_t number) {
    if (stream->accept()) {
      std::string left;
      while (serve(*stream, number, left)) {
      }
    }
    stream->shut();
    const std::lock_guard<std::mutex> lock(mutex_);
    streams_.remove(stream);
  }

  /// One request and its answer. False: the connection is done with.
  bool serve(Stream& stream, std::size_t number, std::string& left) {
    net::HttpReader reader(net::HttpReader::Kind::kRequest, {64 * 1024, std::size_t{64} << 20});
    reader.add(std::exchange(left, {}));
    std::vector<char> bytes(64 * 1024);
    while (reader.state() != net::HttpReader::State::kDone) {
      const ssize_t got = stream.read(bytes.data(), bytes.size());
      if (got <= 0) return false;
      if (reader.add({bytes.data(), static_cast<std::size_t>(got)}) == net::HttpReader::State::kBad) return false;
    }
    left = std::string(reader.leftover());
    const Received received{reader.start_line(), reader.headers(), std::move(reader.body()), number};
    return give(stream, answer_to(received));
  }

  Answer answer_to(const Received& received) {
    Handler handler;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      handler = handler_;
    }
    Answer answer = handler ? handler(received) : Answer{};
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back(keeps_bodies_ ? received : Received{});
    changed_.notify_all();
    return answer;
  }

  bool give(Stream& stream, const Answer& answer) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Told\r\n";
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    switch (answer.manner) {
      case Answer::Manner::kProper:
      case Answer::Manner::kProperThenClose:
        return stream.write(head + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
                            answer.body) &&
               answer.manner == Answer::Manner::kProper;
      case Answer::Manner::kRaw:
        stream.write(answer.body);
        return false;
      case Answer::Manner::kClose:
        return false;
      case Answer::Manner::kEndless: {
        const std::string piece(64 * 1024, 'x');
        bool open = stream.write(head + "\r\n");
        while (open) open = stream.write(piece);
        return false;
      }
      case Answer::Manner::kHang: {
        char byte = 0;
        return stream.read(&byte, 1) > 0;  // until the client or stop() ends it
      }
    }
    return false;
  }

  Handler handler_;
  const Wrap wrap_;
  const int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::shared_ptr<Stream>> streams_;
  std::vector<Received> requests_;
  std::size_t connections_ = 0;
  bool stopping_ = false;
  bool keeps_bodies_ = true;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace sextant::test
