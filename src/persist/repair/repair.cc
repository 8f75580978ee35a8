#include "persist/repair/repair.h"

#include <algorithm>
#include <span>

#include "persist/format/limits.h"
#include "persist/format/tombstones.h"
#include "persist/repair/limits.h"
#include "persist/repair/mend_log.h"
#include "persist/repair/mend_segment.h"
#include "persist/repair/replace.h"
#include "persist/store/layout.h"
#include "persist/store/limits.h"
#include "persist/store/small_files.h"
#include "persist/wal/log_writer.h"

namespace sextant::persist {
namespace {

/// One repair. Thread-confined.
class Repair {
 public:
  Repair(Files& files, const std::string& data_dir, RepairMode mode, const RepairSink& line)
      : files_(files), layout_(data_dir), mode_(mode), line_(line) {}

  Result<RepairReport> run() {
    // A folder "default" alone says nothing: other programs have one too.
    const bool is_store = TRY(files_.exists(layout_.format_file())) || TRY(files_.exists(layout_.log)) ||
                          TRY(files_.exists(layout_.segments));
    if (!is_store) {
      return fail(ErrorCode::kInvalidArgument, "{} is not the data directory of a store", layout_.root);
    }
    const auto lock = TRY(files_.lock_directory(layout_.root));
    TRY(format_file());
    TRY(sealed_file());
    TRY(deleted_file());
    TRY(segments());
    TRY(logs());
    return report_;
  }

 private:
  bool mends() const { return mode_ == RepairMode::kMend; }

  /// Paths are shown as they stand in the directory.
  std::string shown(const std::string& path) const { return path.substr(layout_.root.size() + 1); }

  void say_damages(const std::string& path, std::span<const std::string> damages) {
    ++report_.files_damaged;
    line_(shown(path) + " is damaged");
    for (const std::string& damage : damages.first(std::min(damages.size(), kDamagesShownMax))) {
      // The path stands in the line above.
      const std::string prefix = path + ": ";
      line_("  " + (damage.starts_with(prefix) ? damage.substr(prefix.size()) : damage));
    }
    if (damages.size() > kDamagesShownMax) line_(fmt::format("  and {} more", damages.size() - kDamagesShownMax));
  }

  Result<void> move_aside(const std::string& path) {
    if (!mends()) {
      line_("  would be set aside");
      return {};
    }
    line_("  set aside as " + shown(TRY(set_aside(files_, path))));
    return {};
  }

  Result<void> put_in_place(const std::string& fresh, const std::string& path) {
    line_("  written again; as it was it is kept as " + shown(TRY(replace_file(files_, fresh, path))));
    return {};
  }

  Result<void> format_file() {
    const std::string path = layout_.format_file();
    ++report_.files;
    if (TRY(files_.exists(path))) {
      const auto version = number_in(TRY(read_file(files_, path, kSmallFileBytesMax)), kFormatPrefix);
      if (version == kFormatVersion) return {};
      if (version) {
        return fail(ErrorCode::kFailedPrecondition, "{} was written in format {}, this program mends format {}",
                    layout_.root, *version, kFormatVersion);
      }
      say_damages(path, std::vector<std::string>{"it does not say which format the store is in"});
      TRY(move_aside(path));
    } else {
      ++report_.files_damaged;
      line_("FORMAT is missing");
    }
    if (!mends()) return {};
    line_("  written again");
    return write_file_atomically(files_, path, text_with_number(kFormatPrefix, kFormatVersion));
  }

  /// Nothing else says what it said. Without it the log may bring back what retention removed, until that is due again.
  Result<void> sealed_file() {
    const std::string path = layout_.sealed_file();
    if (!TRY(files_.exists(path))) return {};
    ++report_.files;
    const auto sequence = number_in(TRY(read_file(files_, path, kSmallFileBytesMax)), kSealedPrefix);
    if (sequence) {
      sealed_sequence_ = std::max(sealed_sequence_, *sequence);
      return {};
    }
    say_damages(path, std::vector<std::string>{"it does not say up to where retention removed"});
    return move_aside(path);
  }

  /// Each line stands for itself: those that are whole are kept.
  Result<void> deleted_file() {
    const std::string path = layout_.deleted_file();
    if (!TRY(files_.exists(path))) return {};
    ++report_.files;
    const Result<std::string> text = read_file(files_, path, kTombstoneFileBytesMax);
    if (!text && text.error().code() != ErrorCode::kTooLarge) return std::unexpected(text.error());
    Tombstones::Decoded decoded;
    if (text) {
      decoded = TRY_CONTEXT(Tombstones::decode(*text), path);
      if (decoded.damages.empty()) return {};
    } else {
      decoded.damages.push_back(text.error().message());
    }
    decoded.damages.emplace_back("traces that were deleted may be shown again");
    say_damages(path, decoded.damages);
    line_(fmt::format("  {} deletions can be read", decoded.tombstones.size()));
    if (decoded.tombstones.empty()) return move_aside(path);
    if (!mends()) return {};
    const std::string fresh = path + kTemporarySuffix;
    if (TRY(files_.exists(fresh))) TRY(files_.remove(fresh));
    TRY(write_whole(fresh, decoded.tombstones.encode()));
    return put_in_place(fresh, path);
  }

  Result<void> segments() {
    if (!TRY(files_.exists(layout_.segments))) return {};
    for (const DirectoryEntry& partition : TRY(files_.list(layout_.segments))) {
      if (!partition.is_directory) continue;
      const std::string directory = layout_.segments + "/" + partition.name;
      for (const DirectoryEntry& entry : TRY(files_.list(directory))) {
        if (entry.is_directory || !parse_segment_file_name(entry.name)) continue;
        TRY(segment(directory + "/" + entry.name, entry.name));
      }
    }
    return {};
  }

  Result<void> segment(const std::string& path, const std::string& name) {
    ++report_.files;
    const auto state = TRY(SegmentState::look(files_, path, name));
    if (!state->damages().empty()) {
      say_damages(path, state->damages());
      count_rows(*state);
      if (state->rows_readable() == 0) return move_aside(path);
      if (mends()) TRY(rewrite(*state, path, name));
    }
    sealed_sequence_ = std::max(sealed_sequence_, state->info().last_sequence);
    return {};
  }

  void count_rows(const SegmentState& state) {
    const uint64_t kept = state.rows_readable();
    report_.spans_kept += kept;
    if (state.rows_before() == 0) {
      ++report_.losses_unknown;
      line_(fmt::format("  {} spans can be read; how many there were is not known", kept));
      return;
    }
    const uint64_t lost = state.rows_before() - std::min(kept, state.rows_before());
    report_.spans_lost += lost;
    line_(fmt::format("  {} spans can be read, {} are lost", kept, lost));
  }

  /// Read back before it takes its place.
  Result<void> rewrite(SegmentState& state, const std::string& path, const std::string& name) {
    const std::string fresh = path + kTemporarySuffix;
    if (TRY(files_.exists(fresh))) TRY(files_.remove(fresh));
    const auto write = [&]() -> Result<void> {
      TRY(state.write_readable(files_, fresh));
      const auto again = TRY(SegmentState::look(files_, fresh, name));
      if (again->damages().empty() && again->rows_readable() == state.rows_readable()) return {};
      return fail(ErrorCode::kIo, "{} of {} spans came back from the disk", again->rows_readable(),
                  state.rows_readable());
    };
    const Result<void> written = write();
    if (written) return put_in_place(fresh, path);
    (void)files_.remove(fresh);
    return std::unexpected(Error(written.error()).with_context(path));
  }

  Result<void> logs() {
    if (!TRY(files_.exists(layout_.log))) return {};
    for (const DirectoryEntry& entry : TRY(files_.list(layout_.log))) {
      if (entry.is_directory || !log_file_number(entry.name)) continue;
      TRY(log(layout_.log + "/" + entry.name));
    }
    return {};
  }

  Result<void> log(const std::string& path) {
    ++report_.files;
    const LogState state = TRY(look_at_log(files_, path, sealed_sequence_));
    if (state.is_well() || state.never_used) return {};
    std::vector<std::string> damages = state.damages;
    if (!state.torn.empty()) damages.push_back("its end is not finished: " + state.torn);
    say_damages(path, damages);
    if (!state.readable) {
      ++report_.losses_unknown;
      line_("  nothing of it can be read");
      return move_aside(path);
    }
    report_.spans_kept += state.spans;
    report_.losses_unknown += state.losses;
    line_(fmt::format("  {} spans that are in no segment can be read", state.spans));
    if (!mends()) return {};
    const std::string fresh = path + kTemporarySuffix;
    if (TRY(files_.exists(fresh))) TRY(files_.remove(fresh));
    TRY(write_whole(fresh, state.content));
    return put_in_place(fresh, path);
  }

  Result<void> write_whole(const std::string& path, std::string_view content) {
    const auto file = TRY(files_.open(path, Files::Open::kCreate));
    TRY(file->write_at(0, content));
    return file->sync();
  }

  Files& files_;
  const StoreLayout layout_;
  const RepairMode mode_;
  const RepairSink& line_;
  RepairReport report_;
  uint64_t sealed_sequence_ = 0;
};

}  // namespace

Result<RepairReport> repair_store(Files& files, const std::string& data_dir, RepairMode mode, const RepairSink& line) {
  return Repair(files, data_dir, mode, line).run();
}

}  // namespace sextant::persist
