// Bounds of what clients may make the network layer do, each with its reason.
#pragma once

#include <cstdint>

namespace sextant {

/// Start line and headers together. Browsers send up to 8 KiB of cookies; bearer tokens (JWT) reach 8 KiB as well.
inline constexpr uint32_t kHeadBytesMax = 32 * 1024;

/// Connections of one listener. An idle one costs about 8 KiB and a descriptor.
inline constexpr uint32_t kConnectionsMax = 10'000;

/// Beyond the limit so many more are accepted only to be told 503; what comes after those is closed without a word.
inline constexpr uint32_t kRefusedConnectionsMax = 64;

/// Descriptors that listeners leave to the store and to everything else of the process.
inline constexpr uint32_t kDescriptorsReserved = 128;

/// From a request's first byte to the end of its headers.
inline constexpr uint32_t kHeadDeadlineMs = 10'000;

/// A connection with no request on it. OTLP exporters send every 5 s (batch span processor) to 60 s (metrics).
inline constexpr uint32_t kIdleDeadlineMs = 120'000;

/// In every window of this length a body must bring kBodyWindowBytesMin, or end.
inline constexpr uint32_t kBodyWindowMs = 30'000;
inline constexpr uint32_t kBodyWindowBytesMin = 4096;

/// A whole body: a client that keeps just above the least rate must not hold memory for hours.
inline constexpr uint32_t kBodyDeadlineMs = 600'000;

/// An answer must make progress within this time.
inline constexpr uint32_t kWriteDeadlineMs = 30'000;

/// After a refusal the unread body is thrown away for so long, so that a client that is still sending sees the answer
/// instead of a reset connection.
inline constexpr uint32_t kLingerMs = 5'000;
/// An unread body up to this size is read to its end after a refusal, and the connection lives on.
inline constexpr uint64_t kDrainBytesMax = 256 * 1024;

/// What Retry-After says when memory or connections are short: long enough for a sealing or a burst to pass.
inline constexpr uint32_t kRetryAfterSeconds = 5;

inline constexpr uint32_t kSweepIntervalMs = 500;

/// How long accepting pauses when the process is out of descriptors.
inline constexpr uint32_t kAcceptPauseMs = 100;

/// Up to here a body's buffer is reserved at once as its Content-Length says; beyond, it doubles as bytes come in, so
/// that a head alone cannot take memory.
inline constexpr uint64_t kBodyReserveBytesMax = 4 << 20;
/// Without a Content-Length.
inline constexpr uint64_t kChunkedReserveBytes = 64 * 1024;

/// Body buffers kept for further requests, and the largest that is kept.
inline constexpr uint32_t kPooledBuffersMax = 8;
inline constexpr uint64_t kPooledBufferBytesMax = 4 << 20;

/// Bytes of a streamed answer that may wait for a slow reader.
inline constexpr uint64_t kStreamQueueBytesMax = 1 << 20;

// gRPC. One connection of one exporter carries few calls at a time.
inline constexpr uint32_t kGrpcStreamsMax = 128;
inline constexpr uint32_t kGrpcMetadataBytesMax = kHeadBytesMax;
/// From the call to the end of its message; 80 MiB at 1 MiB/s takes 80 s.
inline constexpr uint32_t kGrpcMessageDeadlineMs = 300'000;
/// Clients that vanished without a word are found by a ping after so long, and have so long to answer.
inline constexpr uint32_t kGrpcKeepaliveMs = 60'000;
inline constexpr uint32_t kGrpcKeepaliveAnswerMs = 20'000;
/// Pings of clients that come faster than this are abuse; exporters with keepalive use 10 s and more.
inline constexpr uint32_t kGrpcPingIntervalMs = 5'000;
inline constexpr uint32_t kGrpcPingStrikesMax = 3;
/// A connection without calls. Exporters that come back later connect again by themselves.
inline constexpr uint32_t kGrpcIdleMs = 600'000;
/// What the library may use for buffers at least; below a few messages it would stall.
inline constexpr uint64_t kGrpcMemoryBytesMin = 64 << 20;
/// Calls asked for in advance on each queue, so that a burst need not wait for the thread to ask again.
inline constexpr uint32_t kGrpcCallsWaiting = 16;

/// Calls broken off before their message, one after the other on one connection, until it is ended: an exporter breaks
/// off a call when its own deadline has passed, and then it does so once in many seconds.
inline constexpr uint32_t kGrpcBrokenCallsMax = 200;

/// Waiting connections in the kernel.
inline constexpr int kListenBacklog = 4096;

}  // namespace sextant
