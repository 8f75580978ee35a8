#include "persist/format/shared_prefixes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/core/hash.h"

namespace sextant::persist {
namespace {

/// A donor is found by its first bytes: by many of them where that is possible, because conversations of one agent
/// often begin alike and part later.
constexpr size_t kProbeBytes[] = {2048, 64};

size_t equal_prefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
    uint64_t left;
    uint64_t right;
    std::memcpy(&left, a.data() + i, sizeof left);
    std::memcpy(&right, b.data() + i, sizeof right);
    if (left != right) return i + static_cast<size_t>(std::countr_zero(left ^ right)) / 8;
  }
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

/// The newest value that begins with the same bytes. Only a guess: what is shared is compared. Thread-confined.
class Donors {
 public:
  explicit Donors(size_t values) : slots_(std::bit_ceil(std::max<size_t>(4 * values, 16))) {}

  /// The number of the newest one known under this hash, 0 for none; from now on it is `number`.
  uint32_t replace(uint64_t hash, uint32_t number) {
    return std::exchange(slots_[(hash >> 32) & (slots_.size() - 1)], number);
  }

 private:
  std::vector<uint32_t> slots_;
};

}  // namespace

std::vector<SharedPrefix> find_shared_prefixes(const data::ValueDictionary& values) {
  std::vector<std::string_view> texts;
  for (data::ValueCode code = 1; code < values.size(); ++code) {
    const std::string_view bytes = values.view(code).bytes;
    if (bytes.size() >= kPrefixValueBytesMin) texts.push_back(bytes);
  }
  std::vector<SharedPrefix> shared(texts.size());
  Donors donors(texts.size());
  for (uint32_t i = 0; i < texts.size(); ++i) {
    for (const size_t probe : kProbeBytes) {
      if (texts[i].size() < probe) continue;
      const uint32_t donor = donors.replace(hash64(texts[i].substr(0, probe), probe), i + 1);
      // Both probes of one value may lead to the same place: a value is no donor of its own.
      if (donor == 0 || donor == i + 1 || shared[i].back != 0) continue;
      const size_t bytes = equal_prefix(texts[i], texts[donor - 1]);
      if (bytes >= kProbeBytes[1]) shared[i] = {i + 1 - donor, static_cast<uint32_t>(bytes)};
    }
  }
  return shared;
}

}  // namespace sextant::persist
