// Bounds of the OTLP receivers, each with its reason.
#pragma once

#include <cstdint>

namespace sextant::ingest {

/// One request, on the wire and after decompression. OTLP recommends 64 MiB; ours holds one attribute of 64 MiB and the
/// rest of its request (data/model/limits.h).
inline constexpr uint64_t kRequestBytesMax = 80ULL << 20;

/// Codings one after the other in Content-Encoding. One is what exporters send; a proxy may add a second. More is a
/// bomb.
inline constexpr uint32_t kCodingsMax = 2;

/// Refusals remembered for the page's first start, and how much of each one's message.
inline constexpr uint32_t kRecentRefusalsMax = 5;
inline constexpr uint32_t kRefusalCharactersMax = 300;

/// Unpacking buffers kept for further requests, and the largest that is kept.
inline constexpr uint32_t kPooledBuffersMax = 4;
inline constexpr uint64_t kPooledBufferBytesMax = 4ULL << 20;

/// Lookup tables of decoding kept for further requests: those of a request of some 10,000 spans. Few and small enough
/// to stay out of the ledger.
inline constexpr uint64_t kPooledTableBytesMax = 2ULL << 20;

}  // namespace sextant::ingest
