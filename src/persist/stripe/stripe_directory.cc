#include "persist/stripe/stripe_directory.h"

#include <algorithm>

#include "base/core/hash.h"
#include "persist/format/bytes.h"
#include "persist/format/limits.h"
#include "persist/stripe/limits.h"

namespace sextant::persist {
namespace {

constexpr size_t kChecksumBytes = 4;
/// Least bytes of an entry.
constexpr uint64_t kEntryBytes = 8;

std::unexpected<Error> damage() {
  return fail(ErrorCode::kDataLoss, "the directory of a stripe does not follow the format");
}

}  // namespace

Result<StripeDirectory> StripeDirectory::parse(std::string_view bytes, uint64_t stripe_bytes) {
  if (bytes.size() < kChecksumBytes || stripe_bytes < bytes.size()) return damage();
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (ByteReader(bytes.substr(body.size())).u32() != crc32c(body)) {
    return fail(ErrorCode::kDataLoss, "the checksum of a stripe's directory does not match");
  }
  ByteReader in(body);
  StripeDirectory directory;
  directory.rows = static_cast<uint32_t>(in.varint_max(kBlockRowsMax));
  directory.traces = static_cast<uint32_t>(in.varint_max(directory.rows));
  directory.events = static_cast<uint32_t>(in.varint_max(kStripeItemsMax));
  directory.links = static_cast<uint32_t>(in.varint_max(kStripeItemsMax));
  directory.slices.resize(in.count(kEntryBytes, kSlicesMax));
  uint64_t offset = bytes.size();
  for (Slice& slice : directory.slices) {
    slice.id = {static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast)),
                static_cast<uint32_t>(in.varint_max(UINT32_MAX))};
    slice.count = static_cast<uint32_t>(in.varint_max(UINT32_MAX));
    slice.bytes = in.varint_max(stripe_bytes);
    slice.checksum = in.u32();
    slice.offset = offset;
    offset += slice.bytes;
    if (in.failed() || offset > stripe_bytes) return damage();
  }
  if (in.failed() || !in.at_end() || offset != stripe_bytes || directory.rows == 0) return damage();
  std::ranges::sort(directory.slices, {}, &Slice::id);
  return directory;
}

uint64_t StripeDirectory::measure(std::string_view stripe) {
  ByteReader in(stripe);
  for (int count = 0; count < 4; ++count) in.varint();
  const uint64_t slices = in.count(kEntryBytes, kSlicesMax);
  for (uint64_t i = 0; i < slices && !in.failed(); ++i) {
    in.u8();
    for (int number = 0; number < 3; ++number) in.varint();
    in.u32();
  }
  in.u32();
  return in.failed() ? 0 : stripe.size() - in.left();
}

const StripeDirectory::Slice* StripeDirectory::find(ColumnId id) const {
  const auto found = std::ranges::lower_bound(slices, id, {}, &Slice::id);
  return found != slices.end() && found->id == id ? &*found : nullptr;
}

}  // namespace sextant::persist
