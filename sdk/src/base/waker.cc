#include "base/waker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>

namespace sextant {

Waker::Waker() noexcept : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Waker::~Waker() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Waker::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the count is full, which wakes as well.
  [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof(one));
}

void Waker::renew() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void Waker::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(descriptor_, &count, sizeof(count));
}

void Waker::wait_for(std::chrono::nanoseconds time) noexcept {
  const auto ns = time.count() > 0 ? time.count() : 0;
  const timespec limit{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  pollfd entry{descriptor_, POLLIN, 0};
  ppoll(&entry, 1, &limit, nullptr);
  clear();
}

}  // namespace sextant
