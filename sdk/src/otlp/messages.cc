#include "otlp/messages.h"

namespace sextant::otlp {
namespace {

template <std::size_t kCount>
constexpr MessageShape shape(const FieldShape (&fields)[kCount]) noexcept {
  static_assert(kCount <= kFieldsMax);
  return {View<FieldShape>(fields, kCount)};
}

// A message stands above those that hold it; only values hold each other, and so are declared first.
struct Values {
  static const MessageShape any, array, pairs, pair;
};

using K = FieldKind;
constexpr Arity kMany = Arity::kMany;

const FieldShape kAnyValue[] = {{1, "stringValue", K::kText},
                                {2, "boolValue", K::kBool},
                                {3, "intValue", K::kInt64},
                                {4, "doubleValue", K::kDouble},
                                {5, "arrayValue", K::kMessage, Arity::kOne, &Values::array},
                                {6, "kvlistValue", K::kMessage, Arity::kOne, &Values::pairs},
                                {7, "bytesValue", K::kBytes}};
const FieldShape kArrayValue[] = {{1, "values", K::kMessage, kMany, &Values::any}};
const FieldShape kKeyValueList[] = {{1, "values", K::kMessage, kMany, &Values::pair}};
const FieldShape kKeyValue[] = {{1, "key", K::kText}, {2, "value", K::kMessage, Arity::kOne, &Values::any}};

const MessageShape Values::any = shape(kAnyValue);
const MessageShape Values::array = shape(kArrayValue);
const MessageShape Values::pairs = shape(kKeyValueList);
const MessageShape Values::pair = shape(kKeyValue);

constexpr FieldShape pairs(std::uint32_t number, std::string_view name) noexcept {
  return {number, name, K::kMessage, kMany, &Values::pair};
}
constexpr FieldShape one(std::uint32_t number, std::string_view name, const MessageShape& message) noexcept {
  return {number, name, K::kMessage, Arity::kOne, &message};
}
constexpr FieldShape many(std::uint32_t number, std::string_view name, const MessageShape& message) noexcept {
  return {number, name, K::kMessage, kMany, &message};
}

const FieldShape kScopeFields[] = {
    {1, "name", K::kText}, {2, "version", K::kText}, pairs(3, "attributes"), {4, "droppedAttributesCount", K::kUint32}};
const MessageShape kScope = shape(kScopeFields);

const FieldShape kEntityRefFields[] = {{1, "schemaUrl", K::kText},
                                       {2, "type", K::kText},
                                       {3, "idKeys", K::kText, kMany},
                                       {4, "descriptionKeys", K::kText, kMany}};
const MessageShape kEntityRef = shape(kEntityRefFields);

const FieldShape kResourceFields[] = {
    pairs(1, "attributes"), {2, "droppedAttributesCount", K::kUint32}, many(3, "entityRefs", kEntityRef)};
const MessageShape kResource = shape(kResourceFields);

const FieldShape kEventFields[] = {{1, "timeUnixNano", K::kFixed64},
                                   {2, "name", K::kText},
                                   pairs(3, "attributes"),
                                   {4, "droppedAttributesCount", K::kUint32}};
const MessageShape kEvent = shape(kEventFields);

const FieldShape kLinkFields[] = {{1, "traceId", K::kId},
                                  {2, "spanId", K::kId},
                                  {3, "traceState", K::kText},
                                  pairs(4, "attributes"),
                                  {5, "droppedAttributesCount", K::kUint32},
                                  {6, "flags", K::kFixed32}};
const MessageShape kLink = shape(kLinkFields);

const FieldShape kStatusFields[] = {{2, "message", K::kText}, {3, "code", K::kEnum}};
const MessageShape kStatus = shape(kStatusFields);

const FieldShape kSpanFields[] = {{1, "traceId", K::kId},
                                  {2, "spanId", K::kId},
                                  {3, "traceState", K::kText},
                                  {4, "parentSpanId", K::kId},
                                  {16, "flags", K::kFixed32},
                                  {5, "name", K::kText},
                                  {6, "kind", K::kEnum},
                                  {7, "startTimeUnixNano", K::kFixed64},
                                  {8, "endTimeUnixNano", K::kFixed64},
                                  pairs(9, "attributes"),
                                  {10, "droppedAttributesCount", K::kUint32},
                                  many(11, "events", kEvent),
                                  {12, "droppedEventsCount", K::kUint32},
                                  many(13, "links", kLink),
                                  {14, "droppedLinksCount", K::kUint32},
                                  one(15, "status", kStatus)};
const MessageShape kSpan = shape(kSpanFields);

const FieldShape kExemplarFields[] = {pairs(7, "filteredAttributes"), {2, "timeUnixNano", K::kFixed64},
                                      {3, "asDouble", K::kDouble},    {6, "asInt", K::kSfixed64},
                                      {4, "spanId", K::kId},          {5, "traceId", K::kId}};
const MessageShape kExemplar = shape(kExemplarFields);

const FieldShape kNumberFields[] = {pairs(7, "attributes"),           {2, "startTimeUnixNano", K::kFixed64},
                                    {3, "timeUnixNano", K::kFixed64}, {4, "asDouble", K::kDouble},
                                    {6, "asInt", K::kSfixed64},       many(5, "exemplars", kExemplar),
                                    {8, "flags", K::kUint32}};
const MessageShape kNumber = shape(kNumberFields);

const FieldShape kHistogramPointFields[] = {pairs(9, "attributes"),
                                            {2, "startTimeUnixNano", K::kFixed64},
                                            {3, "timeUnixNano", K::kFixed64},
                                            {4, "count", K::kFixed64},
                                            {5, "sum", K::kDouble},
                                            {6, "bucketCounts", K::kFixed64, kMany},
                                            {7, "explicitBounds", K::kDouble, kMany},
                                            many(8, "exemplars", kExemplar),
                                            {10, "flags", K::kUint32},
                                            {11, "min", K::kDouble},
                                            {12, "max", K::kDouble}};
const MessageShape kHistogramPoint = shape(kHistogramPointFields);

const FieldShape kBucketsFields[] = {{1, "offset", K::kSint32}, {2, "bucketCounts", K::kUint64, kMany}};
const MessageShape kBuckets = shape(kBucketsFields);

const FieldShape kExponentialPointFields[] = {pairs(1, "attributes"),           {2, "startTimeUnixNano", K::kFixed64},
                                              {3, "timeUnixNano", K::kFixed64}, {4, "count", K::kFixed64},
                                              {5, "sum", K::kDouble},           {6, "scale", K::kSint32},
                                              {7, "zeroCount", K::kFixed64},    one(8, "positive", kBuckets),
                                              one(9, "negative", kBuckets),     {10, "flags", K::kUint32},
                                              many(11, "exemplars", kExemplar), {12, "min", K::kDouble},
                                              {13, "max", K::kDouble},          {14, "zeroThreshold", K::kDouble}};
const MessageShape kExponentialPoint = shape(kExponentialPointFields);

const FieldShape kQuantileFields[] = {{1, "quantile", K::kDouble}, {2, "value", K::kDouble}};
const MessageShape kQuantile = shape(kQuantileFields);

const FieldShape kSummaryPointFields[] = {pairs(7, "attributes"),           {2, "startTimeUnixNano", K::kFixed64},
                                          {3, "timeUnixNano", K::kFixed64}, {4, "count", K::kFixed64},
                                          {5, "sum", K::kDouble},           many(6, "quantileValues", kQuantile),
                                          {8, "flags", K::kUint32}};
const MessageShape kSummaryPoint = shape(kSummaryPointFields);

const FieldShape kGaugeFields[] = {many(1, "dataPoints", kNumber)};
const MessageShape kGauge = shape(kGaugeFields);
const FieldShape kSumFields[] = {
    many(1, "dataPoints", kNumber), {2, "aggregationTemporality", K::kEnum}, {3, "isMonotonic", K::kBool}};
const MessageShape kSum = shape(kSumFields);
const FieldShape kHistogramFields[] = {many(1, "dataPoints", kHistogramPoint), {2, "aggregationTemporality", K::kEnum}};
const MessageShape kHistogram = shape(kHistogramFields);
const FieldShape kExponentialFields[] = {many(1, "dataPoints", kExponentialPoint),
                                         {2, "aggregationTemporality", K::kEnum}};
const MessageShape kExponential = shape(kExponentialFields);
const FieldShape kSummaryFields[] = {many(1, "dataPoints", kSummaryPoint)};
const MessageShape kSummary = shape(kSummaryFields);

const FieldShape kMetricFields[] = {{1, "name", K::kText},
                                    {2, "description", K::kText},
                                    {3, "unit", K::kText},
                                    one(5, "gauge", kGauge),
                                    one(7, "sum", kSum),
                                    one(9, "histogram", kHistogram),
                                    one(10, "exponentialHistogram", kExponential),
                                    one(11, "summary", kSummary),
                                    pairs(12, "metadata")};
const MessageShape kMetric = shape(kMetricFields);

const FieldShape kLogFields[] = {{1, "timeUnixNano", K::kFixed64},
                                 {11, "observedTimeUnixNano", K::kFixed64},
                                 {2, "severityNumber", K::kEnum},
                                 {3, "severityText", K::kText},
                                 one(5, "body", Values::any),
                                 pairs(6, "attributes"),
                                 {7, "droppedAttributesCount", K::kUint32},
                                 {8, "flags", K::kFixed32},
                                 {9, "traceId", K::kId},
                                 {10, "spanId", K::kId},
                                 {12, "eventName", K::kText}};
const MessageShape kLog = shape(kLogFields);

/// The three signals' requests differ in what their innermost list holds, and in names.
#define SEXTANT_REQUEST(Name, items, item, scope_list, resource_list)                                  \
  const FieldShape k##Name##ScopeFields[] = {                                                          \
      one(1, "scope", kScope), many(2, items, item), {3, "schemaUrl", K::kText}};                      \
  const MessageShape k##Name##Scope = shape(k##Name##ScopeFields);                                     \
  const FieldShape k##Name##ResourceFields[] = {                                                       \
      one(1, "resource", kResource), many(2, scope_list, k##Name##Scope), {3, "schemaUrl", K::kText}}; \
  const MessageShape k##Name##Resource = shape(k##Name##ResourceFields);                               \
  const FieldShape k##Name##RequestFields[] = {many(1, resource_list, k##Name##Resource)};             \
  const MessageShape k##Name##Request = shape(k##Name##RequestFields)

SEXTANT_REQUEST(Trace, "spans", kSpan, "scopeSpans", "resourceSpans");
SEXTANT_REQUEST(Metrics, "metrics", kMetric, "scopeMetrics", "resourceMetrics");
SEXTANT_REQUEST(Logs, "logRecords", kLog, "scopeLogs", "resourceLogs");

#undef SEXTANT_REQUEST

}  // namespace

const MessageShape& request_shape(Signal signal) noexcept {
  return signal == Signal::kTraces ? kTraceRequest : signal == Signal::kMetrics ? kMetricsRequest : kLogsRequest;
}

}  // namespace sextant::otlp
