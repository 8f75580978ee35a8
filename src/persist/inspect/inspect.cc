#include "persist/inspect/inspect.h"

#include <algorithm>

#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"
#include "persist/format/tombstones.h"
#include "persist/segment/frame_walk.h"
#include "persist/segment/segment.h"
#include "persist/stripe/column_filter.h"
#include "persist/stripe/stripe_directory.h"
#include "persist/wal/log_reader.h"

namespace sextant::persist {
namespace {

/// Enough to tell what a file is.
constexpr size_t kHeadBytes = kLogHeaderOffsets[1] + kLogHeaderBytes;
/// Texts longer than this are shortened.
constexpr size_t kShownBytesMax = 100;

/// Memory for reading one segment's rows.
constexpr uint64_t kInspectBytesMax = 1ULL << 30;

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kShownBytesMax)) {
    const bool plain = c >= ' ' && c < 127 && c != '"' && c != '\\';
    out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
  }
  return text.size() > kShownBytesMax ? fmt::format("\"{}\"… ({} bytes)", out, text.size()) : "\"" + out + "\"";
}

void print_spans(const data::Batch& batch, const LineSink& line) {
  const data::SpanColumns& s = batch.spans;
  for (uint32_t row = 0; row < batch.span_count(); ++row) {
    line(
        fmt::format("    span {}/{} parent {} start {} end {} kind {} status {} attributes {} events {} links {} "
                    "service {} name {}",
                    s.trace_id[row].hex(), s.span_id[row].hex(), s.parent_span_id[row].hex(), s.start_unix_nanos[row],
                    s.end_unix_nanos[row], s.kind[row], s.status[row], batch.shapes.key_count(s.attributes[row].shape),
                    batch.events_of(row).size(), batch.links_of(row).size(), shown(batch.service_of(row)),
                    shown(batch.values.text(s.name[row]))));
  }
}

/// A batch of a record or block: its counts, and its spans when asked for. False when it cannot be decoded.
bool print_batch(std::string_view bytes, InspectDetail detail, const LineSink& line) {
  const Result<data::Batch> batch = decode_batch(bytes);
  if (!batch) {
    line("    DAMAGED: " + batch.error().message());
    return false;
  }
  line(fmt::format("    {} spans, {} events, {} links, {} values, {} keys, {} shapes, {} resources, {} scopes",
                   batch->span_count(), batch->events.name.size(), batch->links.span_id.size(),
                   batch->values.size() - 1, batch->keys.size(), batch->shapes.size() - 1, batch->resources.size(),
                   batch->scopes.size()));
  if (detail == InspectDetail::kSpans) print_spans(*batch, line);
  return true;
}

Result<InspectSummary> inspect_log(const File& file, InspectDetail detail, const LineSink& line) {
  InspectSummary summary;
  std::vector<std::string> damages;
  const LogFileHeader header = TRY(read_log_header(file, damages));
  line(fmt::format("log file, format {}, {} bytes, generation {}, first sequence {}, created {}", header.version,
                   header.file_bytes, header.generation, header.base_sequence, header.created_unix_nanos));
  const auto visit = [&](const LogRecordHeader& record, uint64_t offset, std::string_view payload) -> Result<void> {
    line(fmt::format("  record at {}: sequence {}, synced {}, arrived {}, {} bytes, checksum {:08x}", offset,
                     record.sequence, record.synced_sequence, record.arrival_unix_nanos, record.payload_bytes,
                     record.payload_checksum));
    if (!print_batch(payload, detail, line)) ++summary.damages;
    return {};
  };
  const LogScan scan = TRY(scan_log(file, visit));
  for (const std::string& damage : scan.damages) line("  DAMAGED: " + damage);
  if (!scan.torn.empty()) line("  unfinished: " + scan.torn);
  line(fmt::format("  {} records, next one at {}", scan.records, scan.end_offset));
  summary.damages += scan.damages.size();
  return summary;
}

std::string_view name_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::kStripe:
      return "stripe";
    case FrameKind::kRuns:
      return "runs";
    case FrameKind::kIndex:
      return "index";
    case FrameKind::kNames:
      return "names";
    case FrameKind::kGlobals:
      return "keys and resources";
    case FrameKind::kDictionaries:
      return "dictionaries";
    case FrameKind::kTextBlock:
      return "texts";
    case FrameKind::kTextTable:
      return "table of texts";
    case FrameKind::kVocabulary:
      return "vocabulary";
    case FrameKind::kFilters:
      return "filters";
    case FrameKind::kWordFilter:
      return "filter of words";
  }
  return "?";
}

std::string_view name_of(ColumnFamily family) {
  switch (family) {
    case ColumnFamily::kSpanField:
      return "span field";
    case ColumnFamily::kSpanAttribute:
      return "span attribute";
    case ColumnFamily::kEventField:
      return "event field";
    case ColumnFamily::kEventAttribute:
      return "event attribute";
    case ColumnFamily::kLinkField:
      return "link field";
    case ColumnFamily::kLinkAttribute:
      return "link attribute";
  }
  return "?";
}

bool print_filters(std::string_view raw, InspectDetail detail, const LineSink& line) {
  ByteReader in(raw);
  while (!in.failed() && !in.at_end()) {
    const auto family = static_cast<ColumnFamily>(in.varint_max(kColumnFamilyLast));
    const uint64_t number = in.varint_max(UINT32_MAX);
    const std::string_view bytes = in.text(kSectionBytesMax);
    if (in.failed()) break;
    const Result<ColumnFilters> filters = ColumnFilters::decode(bytes);
    if (!filters) {
      line("    DAMAGED: " + filters.error().message());
      return false;
    }
    if (detail == InspectDetail::kRecords) continue;
    line(fmt::format("    column {} {}: {} values in {} stripes, {} bytes", name_of(family), number,
                     filters->value_count(), filters->stripe_count(), bytes.size()));
  }
  if (in.failed()) line("    DAMAGED: the filters do not follow the format");
  return !in.failed();
}

bool print_stripe(std::string_view raw, InspectDetail detail, const LineSink& line) {
  const uint64_t directory_bytes = StripeDirectory::measure(raw);
  const Result<StripeDirectory> directory = StripeDirectory::parse(raw.substr(0, directory_bytes), raw.size());
  if (!directory) {
    line("    DAMAGED: " + directory.error().message());
    return false;
  }
  line(fmt::format("    {} traces, {} events, {} links, {} columns", directory->traces, directory->events,
                   directory->links, directory->slices.size()));
  if (detail == InspectDetail::kRecords) return true;
  for (const StripeDirectory::Slice& slice : directory->slices) {
    line(fmt::format("    column {} {}: {} values, {} bytes", name_of(slice.id.family), slice.id.number, slice.count,
                     slice.bytes));
  }
  return true;
}

void print_runs(std::string_view raw, uint32_t count, const LineSink& line) {
  ByteReader in(raw);
  for (uint32_t i = 0; i < count; ++i) in.varint();
  for (uint32_t i = 0; i < count; ++i) {
    const RunPart part = decode_run(in);
    if (in.failed()) return line("    DAMAGED: the list of runs does not follow the format");
    line(fmt::format("    run {} start {} end {} spans {} errors {} sequences {} to {} name {}",
                     part.summary.trace_id.hex(), part.summary.start, part.summary.end, part.summary.span_count,
                     part.summary.error_count, part.first_sequence(), part.last_sequence, shown(part.summary.name)));
  }
}

bool print_frame(const FrameWalk::Frame& frame, uint64_t file_bytes, InspectDetail detail, const LineSink& line) {
  line(fmt::format("  {} at {}: {} rows, {} bytes stored, {} unfolded, checksum {:08x}", name_of(frame.header.kind),
                   frame.offset, frame.header.rows, frame.header.stored_bytes, frame.header.raw_bytes,
                   frame.header.checksum));
  switch (frame.header.kind) {
    case FrameKind::kStripe:
      return print_stripe(frame.raw, detail, line);
    case FrameKind::kGlobals:
      return print_batch(frame.raw, detail, line);
    case FrameKind::kDictionaries:
    case FrameKind::kTextBlock:
    case FrameKind::kTextTable:
    case FrameKind::kVocabulary:
      return true;
    case FrameKind::kFilters:
      return print_filters(frame.raw, detail, line);
    case FrameKind::kWordFilter: {
      const Result<WordFilter> filter = WordFilter::decode(std::string(frame.raw));
      line(filter ? fmt::format("    {} words", filter->word_count()) : "    DAMAGED: " + filter.error().message());
      return filter.has_value();
    }
    case FrameKind::kRuns:
      if (detail == InspectDetail::kSpans) print_runs(frame.raw, frame.header.rows, line);
      return true;
    case FrameKind::kIndex: {
      const Result<SegmentIndex> index = SegmentIndex::decode(frame.raw, file_bytes);
      line(index
               ? fmt::format("    {} blocks, {} traces, {} lists of runs, {} services, {} names", index->blocks.size(),
                             index->traces.size(), index->chunks.size(), index->services.size(), index->names.size())
               : "    DAMAGED: " + index.error().message());
      return index.has_value();
    }
    case FrameKind::kNames: {
      const Result<NamesTable> names = NamesTable::decode(frame.raw);
      line(names ? fmt::format("    {} operations, {} span attributes", names->operations().size(),
                               names->keys(data::AttributeScope::kSpan).size())
                 : "    DAMAGED: " + names.error().message());
      return names.has_value();
    }
  }
  return true;
}

Result<InspectSummary> inspect_segment(const File& file, uint64_t file_bytes, std::string_view head,
                                       InspectDetail detail, const LineSink& line) {
  InspectSummary summary;
  const auto header = decode_segment_header(head);
  std::optional<SegmentInfo> footer;
  if (file_bytes >= kSegmentFooterBytes) {
    std::string tail(kSegmentFooterBytes, '\0');
    tail.resize(TRY(file.read_at(file_bytes - kSegmentFooterBytes, tail.data(), tail.size())));
    footer = decode_segment_footer(tail);
  }
  if (const auto& info = footer ? footer : header) {
    line(fmt::format("segment, format {}, {} bytes, id {:016x}, sequences {} to {}, arrived {} to {}", info->version,
                     file_bytes, info->file_id, info->first_sequence, info->last_sequence, info->first_arrival,
                     info->last_arrival));
  } else {
    line(fmt::format("segment, {} bytes", file_bytes));
  }
  if (!header) line("  DAMAGED: the header");
  if (!footer) line("  DAMAGED: the footer");
  summary.damages += (header ? 0 : 1) + (footer ? 0 : 1);
  FrameWalk walk(file, file_bytes, footer ? footer->file_id : header ? header->file_id : 0);
  for (auto frame = TRY(walk.next()); frame; frame = TRY(walk.next())) {
    if (!print_frame(*frame, file_bytes, detail, line)) ++summary.damages;
  }
  for (const std::string& damage : walk.damages()) line("  DAMAGED: " + damage);
  summary.damages += walk.damages().size();
  if (footer) {
    line(fmt::format("  {} spans of {} runs, from {} to {}", footer->rows, footer->runs, footer->start_min,
                     footer->end_max));
  }
  return summary;
}

/// The spans of all stripes that can be read, as the server would read them.
Result<void> print_rows(Files& files, const std::string& path, const std::string& name, InspectSummary& summary,
                        const LineSink& line) {
  MemoryLedger ledger(kInspectBytesMax);
  SliceCache cache(kInspectBytesMax / 4, ledger);
  const auto segment = TRY(Segment::open(files, path, name, ledger, cache));
  const auto contents = TRY(segment->contents());
  for (const BlockEntry& block : contents->index().blocks) {
    const Result<data::Batch> batch = segment->read_block(*contents, block);
    line(fmt::format("  spans of the stripe at {}:", block.offset));
    if (batch) {
      print_spans(*batch, line);
    } else {
      ++summary.damages;
      line("    DAMAGED: " + batch.error().message());
    }
  }
  return {};
}

Result<InspectSummary> inspect_tombstones(Files& files, const std::string& path, const LineSink& line) {
  const std::string text = TRY(read_file(files, path, kTombstoneFileBytesMax));
  const Tombstones::Decoded decoded = TRY_CONTEXT(Tombstones::decode(text), path);
  line(fmt::format("deleted traces, {} entries", decoded.tombstones.size()));
  for (const Tombstone& tombstone : decoded.tombstones.list()) {
    line(fmt::format("  trace {} up to sequence {}, deleted at {}", tombstone.trace_id.hex(), tombstone.sequence,
                     tombstone.deleted_at));
  }
  for (const std::string& damage : decoded.damages) line("  DAMAGED: " + damage);
  return InspectSummary{decoded.damages.size()};
}

}  // namespace

Result<InspectSummary> inspect_file(Files& files, const std::string& path, InspectDetail detail, const LineSink& line) {
  const auto file = TRY(files.open(path, Files::Open::kRead));
  const uint64_t size = TRY(file->size());
  std::string head(std::min<uint64_t>(size, kHeadBytes), '\0');
  head.resize(TRY(file->read_at(0, head.data(), head.size())));
  const std::string name = path.substr(path.rfind('/') + 1);
  // The name helps where the first bytes are damaged.
  if (decode_segment_header(head) || parse_segment_file_name(name)) {
    InspectSummary summary = TRY(inspect_segment(*file, size, head, detail, line));
    if (detail == InspectDetail::kSpans) TRY(print_rows(files, path, name, summary, line));
    return summary;
  }
  const bool is_log =
      decode_log_header(head).has_value() ||
      (head.size() == kHeadBytes && decode_log_header(std::string_view(head).substr(kLogHeaderOffsets[1])));
  if (is_log || name.find(".log") != std::string::npos) return inspect_log(*file, detail, line);
  if (name == "deleted" || head.starts_with(kTombstonesMark)) return inspect_tombstones(files, path, line);
  if (name == "FORMAT" || name == "sealed") {
    line(shown(head.substr(0, head.find('\n'))));
    return InspectSummary{};
  }
  return fail(ErrorCode::kInvalidArgument, "{} is no file of a store", path);
}

}  // namespace sextant::persist
