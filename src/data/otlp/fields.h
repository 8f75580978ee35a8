// Field numbers of the messages read and written here (opentelemetry-proto 1.x: common/v1, resource/v1, trace/v1).
#pragma once

#include <cstdint>

namespace sextant::data::field {

// TracesData, ExportTraceServiceRequest
inline constexpr uint32_t kTracesResourceSpans = 1;

inline constexpr uint32_t kResourceSpansResource = 1;
inline constexpr uint32_t kResourceSpansScopeSpans = 2;
inline constexpr uint32_t kResourceSpansSchemaUrl = 3;

inline constexpr uint32_t kResourceAttributes = 1;
inline constexpr uint32_t kResourceDroppedAttributes = 2;

inline constexpr uint32_t kScopeSpansScope = 1;
inline constexpr uint32_t kScopeSpansSpans = 2;
inline constexpr uint32_t kScopeSpansSchemaUrl = 3;

inline constexpr uint32_t kScopeName = 1;
inline constexpr uint32_t kScopeVersion = 2;
inline constexpr uint32_t kScopeAttributes = 3;
inline constexpr uint32_t kScopeDroppedAttributes = 4;

inline constexpr uint32_t kSpanTraceId = 1;
inline constexpr uint32_t kSpanSpanId = 2;
inline constexpr uint32_t kSpanTraceState = 3;
inline constexpr uint32_t kSpanParentSpanId = 4;
inline constexpr uint32_t kSpanName = 5;
inline constexpr uint32_t kSpanKind = 6;
inline constexpr uint32_t kSpanStart = 7;
inline constexpr uint32_t kSpanEnd = 8;
inline constexpr uint32_t kSpanAttributes = 9;
inline constexpr uint32_t kSpanDroppedAttributes = 10;
inline constexpr uint32_t kSpanEvents = 11;
inline constexpr uint32_t kSpanDroppedEvents = 12;
inline constexpr uint32_t kSpanLinks = 13;
inline constexpr uint32_t kSpanDroppedLinks = 14;
inline constexpr uint32_t kSpanStatus = 15;
inline constexpr uint32_t kSpanFlags = 16;

inline constexpr uint32_t kEventTime = 1;
inline constexpr uint32_t kEventName = 2;
inline constexpr uint32_t kEventAttributes = 3;
inline constexpr uint32_t kEventDroppedAttributes = 4;

inline constexpr uint32_t kLinkTraceId = 1;
inline constexpr uint32_t kLinkSpanId = 2;
inline constexpr uint32_t kLinkTraceState = 3;
inline constexpr uint32_t kLinkAttributes = 4;
inline constexpr uint32_t kLinkDroppedAttributes = 5;
inline constexpr uint32_t kLinkFlags = 6;

inline constexpr uint32_t kStatusMessage = 2;  // 1 is reserved
inline constexpr uint32_t kStatusCode = 3;

inline constexpr uint32_t kKeyValueKey = 1;
inline constexpr uint32_t kKeyValueValue = 2;

inline constexpr uint32_t kAnyString = 1;
inline constexpr uint32_t kAnyBool = 2;
inline constexpr uint32_t kAnyInt = 3;
inline constexpr uint32_t kAnyDouble = 4;
inline constexpr uint32_t kAnyArray = 5;
inline constexpr uint32_t kAnyMap = 6;
inline constexpr uint32_t kAnyBytes = 7;

// ArrayValue, KeyValueList
inline constexpr uint32_t kListValues = 1;

}  // namespace sextant::data::field
