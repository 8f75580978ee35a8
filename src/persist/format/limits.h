// Bounds of what stored bytes may claim, each with its reason. A reader refuses what goes beyond as damage, so that no
// bytes on disk can make it allocate without measure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::persist {

/// Version written into every file. Until the first release it may change without notice; another version is refused.
inline constexpr uint32_t kFormatVersion = 2;

/// One encoded batch. A request has at most 80 MiB, in which every value is stored once; columns add some bytes a span.
inline constexpr uint64_t kBatchBytesMax = 256ULL << 20;

/// Rows of a stripe of a segment. A stripe is what a look-up of one trace reads.
inline constexpr uint32_t kBlockRowsMax = 65'536;

/// Blocks of one segment: beyond what the largest head can hold (one row a block).
inline constexpr uint32_t kBlocksMax = 4'000'000;

/// Runs that are compressed together in a segment, and the bytes they may unfold to.
inline constexpr uint32_t kRunChunkRuns = 64;
inline constexpr uint64_t kRunChunkBytesTarget = 1ULL << 20;
inline constexpr uint64_t kRunChunkBytesMax = 16ULL << 20;

/// One text of a run's summary; longer ones are shortened in the summary, whole in the span. Lists have at most
/// kRunListMax names, so a run takes at most 4.5 MiB.
inline constexpr uint64_t kRunTextBytesMax = 16ULL << 10;

/// Entries of the history of one run's start in one segment. Each earlier start than the one before is an entry; a
/// client that sends thousands of spans in reverse order loses exact places in pages only.
inline constexpr uint32_t kStartChangesMax = 4096;

/// Sections of a segment, traces of one.
inline constexpr uint32_t kSectionsMax = 1U << 20;
inline constexpr uint32_t kTracesMax = 1U << 30;

/// Any section of a segment when unfolded.
inline constexpr uint64_t kSectionBytesMax = 256ULL << 20;

/// Traces whose deletion is still to be carried out, and their file: a line of at most 87 bytes for each. Every
/// deletion writes the file anew, and every question of a segment's rows looks for each of them there.
inline constexpr size_t kTombstonesMax = 4096;
inline constexpr uint64_t kTombstoneFileBytesMax = (kTombstonesMax + 1) * 128;

/// Distinct names that a segment lists; a name per span is a client's error, listing all of them helps nobody.
inline constexpr uint32_t kOperationsMax = 10'000;
inline constexpr uint32_t kKeysMax = 10'000;
/// Distinct values counted for a key while a segment is made, and those of them that are kept, most frequent first.
inline constexpr uint32_t kValuesCountedMax = 2'000;
inline constexpr uint32_t kValuesKeptMax = 100;
/// Longest value that is listed.
inline constexpr uint32_t kListedValueBytesMax = 128;

}  // namespace sextant::persist
