#include "persist/format/tombstones.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/core/hash.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

constexpr std::string_view kEntries = ", entries ";
constexpr size_t kChecksumDigits = 8;

std::string with_checksum(const std::string& content) {
  return fmt::format("{} {:08x}\n", content, crc32c(content));
}

/// A line without its checksum; nothing when that does not fit.
std::optional<std::string_view> checked(std::string_view line) {
  if (line.size() <= kChecksumDigits) return std::nullopt;
  const std::string_view content = line.substr(0, line.size() - kChecksumDigits - 1);
  if (line.substr(content.size()) != fmt::format(" {:08x}", crc32c(content))) return std::nullopt;
  return content;
}

/// Reads a number from the beginning of `text`, which is cut.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

std::optional<Tombstone> tombstone_in(std::string_view content) {
  constexpr size_t kIdDigits = 32;
  if (content.size() <= kIdDigits || content[kIdDigits] != ' ') return std::nullopt;
  const auto id = data::TraceId::from_hex_text(content.substr(0, kIdDigits));
  content.remove_prefix(kIdDigits + 1);
  const auto sequence = take_number(content);
  if (!id || !sequence || !content.starts_with(' ')) return std::nullopt;
  content.remove_prefix(1);
  const auto deleted_at = take_number(content);
  if (!deleted_at || !content.empty()) return std::nullopt;
  return Tombstone{*id, *sequence, *deleted_at};
}

struct FileHead {
  uint64_t version;
  uint64_t entries;
};

std::optional<FileHead> head_in(std::string_view content) {
  if (!content.starts_with(kTombstonesMark)) return std::nullopt;
  content.remove_prefix(kTombstonesMark.size());
  const auto version = take_number(content);
  // Another version may say something else behind its number.
  if (version && *version != kFormatVersion) return FileHead{*version, 0};
  if (!version || !content.starts_with(kEntries)) return std::nullopt;
  content.remove_prefix(kEntries.size());
  const auto entries = take_number(content);
  if (!entries || !content.empty()) return std::nullopt;
  return FileHead{*version, *entries};
}

}  // namespace

const Tombstone* Tombstones::find(const data::TraceId& id) const {
  const auto found = std::ranges::lower_bound(list_, id, {}, &Tombstone::trace_id);
  return found != list_.end() && found->trace_id == id ? &*found : nullptr;
}

uint64_t Tombstones::last_sequence() const {
  uint64_t last = 0;
  for (const Tombstone& tombstone : list_) last = std::max(last, tombstone.sequence);
  return last;
}

UnixNanos Tombstones::oldest() const {
  UnixNanos oldest = UINT64_MAX;
  for (const Tombstone& tombstone : list_) oldest = std::min(oldest, tombstone.deleted_at);
  return oldest;
}

void Tombstones::add(const Tombstone& tombstone) {
  const auto place = std::ranges::lower_bound(list_, tombstone.trace_id, {}, &Tombstone::trace_id);
  if (place != list_.end() && place->trace_id == tombstone.trace_id) {
    *place = tombstone;
  } else {
    list_.insert(place, tombstone);
  }
}

void Tombstones::remove(const Tombstone& tombstone) {
  std::erase_if(list_, [&](const Tombstone& known) {
    return known.trace_id == tombstone.trace_id && known.sequence == tombstone.sequence;
  });
}

std::string Tombstones::encode() const {
  std::string text = with_checksum(fmt::format("{}{}{}{}", kTombstonesMark, kFormatVersion, kEntries, list_.size()));
  for (const Tombstone& tombstone : list_) {
    text += with_checksum(fmt::format("{} {} {}", tombstone.trace_id.hex(), tombstone.sequence, tombstone.deleted_at));
  }
  return text;
}

Result<Tombstones::Decoded> Tombstones::decode(std::string_view text) {
  Decoded out;
  std::optional<FileHead> head;
  uint64_t bad = 0;
  for (size_t line = 0; !text.empty() && line <= kTombstonesMax; ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const auto content = checked(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == 0 && content) head = head_in(*content);
    if (line == 0) continue;
    const auto tombstone = content ? tombstone_in(*content) : std::nullopt;
    if (tombstone) {
      out.tombstones.add(*tombstone);
    } else {
      ++bad;
    }
  }
  if (head && head->version != kFormatVersion) {
    return fail(ErrorCode::kUnsupported, "it is in format {}, this program reads format {}", head->version,
                kFormatVersion);
  }
  if (!head) out.damages.emplace_back("its first line is damaged");
  if (bad > 0) out.damages.push_back(fmt::format("{} lines are damaged", bad));
  const bool short_of = head && out.tombstones.size() + bad < head->entries;
  if (short_of) {
    out.damages.push_back(
        fmt::format("{} of {} entries are missing", head->entries - out.tombstones.size() - bad, head->entries));
  }
  if (!text.empty()) out.damages.push_back(fmt::format("it has more than {} entries", kTombstonesMax));
  return out;
}

}  // namespace sextant::persist
