#include "base/net/request_body.h"

#include <algorithm>
#include <cstring>

#include "base/net/limits.h"

namespace sextant::net_detail {
namespace {

/// Makes `buffer` `bytes` long and keeps what is in it. Why: resize() would write zeros over memory that the socket
/// fills right after.
void extend(std::string& buffer, uint64_t bytes) {
  buffer.resize_and_overwrite(bytes, [](char*, size_t size) { return size; });
}

}  // namespace

bool BufferPool::take(uint64_t bytes, std::string& buffer, LedgerHold& hold) {
  {
    auto free = free_.lock();
    const auto fits = std::find_if(free->begin(), free->end(),
                                   [bytes](const Pooled& pooled) { return pooled.buffer.capacity() >= bytes; });
    if (fits != free->end()) {
      buffer = std::move(fits->buffer);
      hold = std::move(fits->hold);
      free->erase(fits);
      return true;
    }
  }
  if (!ledger_.reserve(bytes, hold)) {
    free_.lock()->clear();
    if (!ledger_.reserve(bytes, hold)) return false;
  }
  buffer.reserve(bytes);
  return true;
}

void BufferPool::give_back(std::string&& buffer, LedgerHold&& hold) {
  if (hold.bytes() == 0 || buffer.capacity() < kChunkedReserveBytes || buffer.capacity() > kPooledBufferBytesMax)
    return;
  if (hold.bytes() != buffer.capacity() && !hold.resize(buffer.capacity())) return;
  auto free = free_.lock();
  if (free->size() < kPooledBuffersMax) free->push_back({std::move(buffer), std::move(hold)});
}

RequestBody::Outcome RequestBody::start(uint64_t expected, uint64_t bytes_max) {
  drop();
  if (expected > bytes_max) return Outcome::kTooLarge;
  expected_ = expected;
  bytes_max_ = bytes_max;
  const uint64_t first = expected > 0 ? std::min(expected, kBodyReserveBytesMax) : kChunkedReserveBytes;
  if (!pool_.take(first, buffer_, hold_)) return Outcome::kMemoryFull;
  extend(buffer_, first);
  return Outcome::kOk;
}

RequestBody::Outcome RequestBody::append(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - filled_) return Outcome::kTooLarge;
  if (bytes.size() > buffer_.size() - filled_) {
    const Outcome grown = grow(filled_ + bytes.size());
    if (grown != Outcome::kOk) return grown;
  }
  std::memcpy(buffer_.data() + filled_, bytes.data(), bytes.size());
  filled_ += bytes.size();
  return Outcome::kOk;
}

std::span<char> RequestBody::prepare(uint64_t bytes_max, Outcome& outcome) {
  outcome = filled_ < buffer_.size() ? Outcome::kOk : grow(filled_ + 1);
  if (outcome != Outcome::kOk) return {};
  return {buffer_.data() + filled_, std::min<uint64_t>(buffer_.size() - filled_, bytes_max)};
}

/// Doubles, so that moving what is there costs at most as much as receiving it.
RequestBody::Outcome RequestBody::grow(uint64_t bytes) {
  uint64_t target = std::max(bytes, buffer_.size() * 2);
  target = std::min(target, std::max(bytes, expected_ > 0 ? expected_ : bytes_max_));
  // While the string moves, both copies exist.
  if (!hold_.resize(buffer_.size() + target)) return Outcome::kMemoryFull;
  std::string larger;
  extend(larger, target);
  std::memcpy(larger.data(), buffer_.data(), filled_);
  buffer_ = std::move(larger);
  return hold_.resize(buffer_.capacity()) ? Outcome::kOk : Outcome::kMemoryFull;
}

std::pair<std::string, LedgerHold> RequestBody::take() {
  extend(buffer_, filled_);
  filled_ = 0;
  return {std::exchange(buffer_, {}), std::move(hold_)};
}

void RequestBody::drop() {
  if (!buffer_.empty()) pool_.give_back(std::move(buffer_), std::move(hold_));
  buffer_ = {};
  hold_.release();
  filled_ = 0;
}

}  // namespace sextant::net_detail
