// Corners of the protobuf decoder: what of a request is refused, span by span or whole, and what is forgiven.
#include <gtest/gtest.h>

#include "base/codec/protobuf_writer.h"
#include "data/otlp/fields.h"
#include "data/otlp/limits.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

const std::string kTraceId = "0123456789abcdef";
const std::string kSpanId = "01234567";

std::string message(uint32_t field, std::string_view content) {
  ProtobufWriter out;
  out.bytes(field, content);
  return out.take();
}

std::string span(std::string_view more = {}, std::string_view trace_id = kTraceId, std::string_view span_id = kSpanId) {
  return message(field::kSpanTraceId, trace_id) + message(field::kSpanSpanId, span_id) + std::string(more);
}

std::string scope_spans(std::initializer_list<std::string> spans) {
  std::string bytes;
  for (const std::string& one : spans) bytes += message(field::kScopeSpansSpans, one);
  return message(field::kResourceSpansScopeSpans, bytes);
}

std::string request(std::initializer_list<std::string> spans) {
  return message(field::kTracesResourceSpans, scope_spans(spans));
}

std::string attribute(std::string_view key, std::string_view any_value) {
  return message(field::kKeyValueKey, key) + message(field::kKeyValueValue, any_value);
}

std::string span_with(std::string_view any_value) {
  return span(message(field::kSpanAttributes, attribute("k", any_value)));
}

/// `levels` arrays one in the other.
std::string nested_arrays(int levels) {
  std::string value;
  for (int i = 0; i < levels; ++i) value = message(field::kAnyArray, i == 0 ? "" : message(field::kListValues, value));
  return value;
}

std::string refusal_of(const std::string& wire) {
  const auto decoded = decode_traces_protobuf(wire);
  if (!decoded) return "whole: " + decoded.error().message();
  return decoded->reason;
}

TEST(DecodeProtobuf, EmptyRequestsAreFine) {
  EXPECT_EQ(refusal_of(""), "");
  const auto decoded = decode_traces_protobuf(message(field::kTracesResourceSpans, ""));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.span_count(), 0U);
  EXPECT_TRUE(decoded->batch.resources.empty());
}

TEST(DecodeProtobuf, SpansAreRefusedOneByOne) {
  const auto decoded = decode_traces_protobuf(request(
      {span(), span({}, std::string(16, '\0')), span({}, "short"), span({}, kTraceId, ""),
       span(message(field::kSpanParentSpanId, "abc")), span(message(field::kSpanLinks, message(1, "x"))), span()}));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  EXPECT_EQ(decoded->batch.span_count(), 2U);
  EXPECT_EQ(decoded->rejected_spans, 5U);
  EXPECT_EQ(decoded->reason,
            "refused: 2 spans with a trace_id that is zero, absent or not 16 bytes long; "
            "1 span with a span_id that is zero, absent or not 8 bytes long; "
            "1 span with a parent_span_id that is not 8 bytes long; "
            "1 span with a link whose ids are not 16 and 8 bytes long");
  EXPECT_TRUE(decoded->batch.links.trace_id.empty());
  EXPECT_EQ(decoded->batch.resources.size(), 1U);
}

TEST(DecodeProtobuf, AnEmptyParentAndAnEmptyLinkAreAbsentIds) {
  const auto decoded =
      decode_traces_protobuf(request({span(message(field::kSpanParentSpanId, "") + message(field::kSpanLinks, ""))}));
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->batch.span_count(), 1U);
  EXPECT_TRUE(decoded->batch.spans.parent_span_id[0].is_zero());
  EXPECT_EQ(decoded->batch.links_of(0).size(), 1U);
}

TEST(DecodeProtobuf, DepthIsRefusedForItsSpanAlone) {
  const auto decoded = decode_traces_protobuf(
      request({span_with(nested_arrays(kValueDepthMax)), span_with(nested_arrays(kValueDepthMax + 1)),
               span_with(nested_arrays(10'000)), span()}));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  EXPECT_EQ(decoded->batch.span_count(), 2U);
  EXPECT_EQ(decoded->reason, "refused: 2 spans with a value nested deeper than 64 levels");
  EXPECT_TRUE(check_nested(decoded->batch.attribute(decoded->batch.spans.attributes[0], "k")).has_value());
}

TEST(DecodeProtobuf, LargeValuesAreKeptUpToTheLimit) {
  const std::string large(kValueBytesMax, 'x');
  const auto kept = decode_traces_protobuf(request({span_with(message(field::kAnyString, large))}));
  ASSERT_TRUE(kept.has_value());
  ASSERT_EQ(kept->batch.span_count(), 1U);
  EXPECT_EQ(kept->batch.attribute(kept->batch.spans.attributes[0], "k").bytes.size(), kValueBytesMax);
  EXPECT_EQ(refusal_of(request({span(), span_with(message(field::kAnyString, large + "x"))})),
            "refused: 1 span with a value, name or other text larger than 64 MiB");
  EXPECT_EQ(refusal_of(request({span(message(field::kSpanName, large + "x"))})),
            "refused: 1 span with a value, name or other text larger than 64 MiB");
}

TEST(DecodeProtobuf, TooManyAttributesRefuseTheirSpan) {
  std::string many;
  const std::string one = message(field::kSpanAttributes, attribute("k", ""));
  for (uint32_t i = 0; i < kAttributesMax; ++i) many += one;
  EXPECT_EQ(refusal_of(request({span(many)})), "");
  EXPECT_EQ(refusal_of(request({span(), span(many + one)})),
            "refused: 1 span with a list of more than 100000 attributes");
}

TEST(DecodeProtobuf, AResourceThatCannotBeKeptRefusesItsSpans) {
  const std::string bad =
      message(field::kResourceSpansResource,
              message(field::kResourceAttributes, attribute("k", nested_arrays(kValueDepthMax + 1))));
  const std::string good =
      message(field::kResourceSpansResource, message(field::kResourceAttributes, attribute("k", "")));
  const auto decoded =
      decode_traces_protobuf(message(field::kTracesResourceSpans, scope_spans({span(), span()}) + bad) +
                             message(field::kTracesResourceSpans, scope_spans({span()}) + good));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.span_count(), 1U);
  EXPECT_EQ(decoded->reason, "refused: 2 spans with a value nested deeper than 64 levels");
  EXPECT_EQ(decoded->batch.resources.size(), 1U);
  EXPECT_EQ(decoded->batch.scopes.size(), 1U);
}

TEST(DecodeProtobuf, TextThatIsNotUtf8IsKeptAsItCame) {
  const auto decoded = decode_traces_protobuf(request(
      {span(message(field::kSpanName, "a\xFF\xC3")), span_with(message(field::kAnyString, std::string("\0\xFE", 2)))}));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.values.text(decoded->batch.spans.name[0]), "a\xFF\xC3");
  EXPECT_EQ(decoded->batch.attribute(decoded->batch.spans.attributes[1], "k"),
            ValueView::string(std::string_view("\0\xFE", 2)));
}

/// Short attributes in the usual order are read apart from all others: both ways must agree at the border.
TEST(DecodeProtobuf, AttributesOfEverySizeAreReadAlike) {
  for (const size_t key_size : {0, 1, 126, 127, 128, 300}) {
    for (const size_t text_size : {0, 1, 123, 124, 125, 126, 127, 128, 300}) {
      const std::string key(key_size, 'k');
      const std::string text(text_size, 't');
      const std::string usual = attribute(key, message(field::kAnyString, text));
      const std::string turned =
          message(field::kKeyValueValue, message(field::kAnyString, text)) + message(field::kKeyValueKey, key);
      const std::string padded = usual + std::string("\x7A\x00", 2);  // an unknown field
      for (const std::string& form : {usual, turned, padded}) {
        const auto decoded = decode_traces_protobuf(request({span(message(field::kSpanAttributes, form))}));
        ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
        bool found = false;
        const Batch& batch = decoded->batch;
        EXPECT_EQ(batch.attribute(batch.spans.attributes.at(0), key, &found), ValueView::string(text));
        EXPECT_TRUE(found) << key_size << " " << text_size;
      }
      for (size_t cut = 0; cut < std::min<size_t>(usual.size(), 8); ++cut) {
        const std::string short_form = usual.substr(0, usual.size() - 1 - cut);
        const std::string other = message(field::kSpanAttributes, short_form);
        // Any answer but a crash or a value that was not sent.
        const auto decoded = decode_traces_protobuf(request({span(other)}));
        if (!decoded || text_size <= 8) continue;
        EXPECT_NE(decoded->batch.attribute(decoded->batch.spans.attributes.at(0), key).bytes, text);
      }
    }
  }
}

TEST(DecodeProtobuf, OfAOneofTheLastCounts) {
  const auto value = [](const std::string& any) {
    const auto decoded = decode_traces_protobuf(request({span_with(any)}));
    EXPECT_TRUE(decoded.has_value());
    const ValueView view = decoded->batch.attribute(decoded->batch.spans.attributes[0], "k");
    return std::make_pair(view.type, view.bytes.size() + static_cast<size_t>(view.number));
  };
  const std::string list = message(field::kAnyArray, message(field::kListValues, ""));
  const std::string text = message(field::kAnyString, "abc");
  EXPECT_EQ(value(list + text), std::make_pair(ValueType::kString, size_t{3}));
  EXPECT_EQ(value(text + list), std::make_pair(ValueType::kArray, size_t{1}));
  EXPECT_EQ(value(list + list), std::make_pair(ValueType::kArray, size_t{2}));         // merged
  EXPECT_EQ(value(list + text + list), std::make_pair(ValueType::kArray, size_t{1}));  // begun anew
  EXPECT_EQ(value(text + std::string("\x10\x01")), std::make_pair(ValueType::kBool, size_t{1}));
  EXPECT_EQ(value(std::string("\x10\x05")), std::make_pair(ValueType::kBool, size_t{1}));
}

TEST(DecodeProtobuf, PiecesOfAMessageHaveABound) {
  std::string any;
  for (int i = 0; i < 1000; ++i) any += message(field::kAnyArray, message(field::kListValues, std::string(4, '\x10')));
  EXPECT_EQ(refusal_of(request({span(), span_with(any)})),
            "refused: 1 span with a message in pieces of more than 1 MiB together");
}

TEST(DecodeProtobuf, UnknownFieldsAreSkipped) {
  ProtobufWriter unknown;
  unknown.varint(100, 5);
  unknown.fixed32(101, 5);
  unknown.fixed64(102, 5);
  unknown.bytes(103, "abc");
  const std::string more = unknown.take();
  const auto decoded =
      decode_traces_protobuf(more + message(field::kTracesResourceSpans,
                                            more + scope_spans({span(more + message(field::kSpanStatus, more))})));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  EXPECT_EQ(decoded->batch.span_count(), 1U);
}

TEST(DecodeProtobuf, FaultsOfTheWireNameTheirByte) {
  const auto whole = [](std::string_view wire) { return refusal_of(std::string(wire)); };
  EXPECT_EQ(whole("\x0A"), "whole: byte 0: a truncated varint");
  EXPECT_EQ(whole("\x0A\x05\x0A"), "whole: byte 0: a length beyond the end of its message");
  EXPECT_EQ(whole("\x08\x05"), "whole: byte 0: a known field with a wire type it cannot have");
  EXPECT_EQ(whole("\x13"), "whole: byte 0: a group, which this format does not have");
  EXPECT_EQ(whole("\x16\x01"), "whole: byte 0: an invalid wire type");
  EXPECT_EQ(whole("\x02\x01"), "whole: byte 0: an invalid field number");
  EXPECT_EQ(whole("\x11\x01\x02"), "whole: byte 0: a truncated number");
  EXPECT_EQ(whole("\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), "whole: byte 0: a varint longer than ten bytes");
  EXPECT_EQ(whole("hello, this is not protobuf").substr(0, 12), "whole: byte ");
  const std::string inner = request({span(message(field::kSpanName, "n")), span("\x2A\x7F")});
  EXPECT_EQ(whole(inner), fmt::format("whole: byte {}: a length beyond the end of its message", inner.size() - 2));
}

TEST(DecodeProtobuf, EveryTruncationIsRefusedOrFewerSpans) {
  const std::string wire = request({span_with(nested_arrays(3)), span(message(field::kSpanStatus, ""))});
  for (size_t size = 0; size < wire.size(); ++size) {
    const auto decoded = decode_traces_protobuf(std::string_view(wire).substr(0, size));
    ASSERT_TRUE(!decoded || decoded->batch.span_count() == 0) << size;
  }
}

TEST(DecodeProtobuf, NumbersOfEnumsThatAreUnknownStay) {
  ProtobufWriter kind;
  kind.sint64(field::kSpanKind, -7);
  const auto decoded = decode_traces_protobuf(request({span(kind.take())}));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->batch.spans.kind[0], -7);
}

TEST(DecodeProtobuf, ManyEmptyOwnersCostNothing) {
  std::string wire;
  for (int i = 0; i < 1'000'000; ++i) wire += std::string_view("\x0A\x02\x12\x00", 4);
  MemoryLedger ledger(8 << 20);
  LedgerHold hold = ledger.open();
  const auto decoded = decode_traces_protobuf(wire, {&hold});
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  EXPECT_TRUE(decoded->batch.resources.empty());
}

TEST(DecodeProtobuf, ABatchCannotOutgrowTheLedger) {
  std::string events;
  for (int i = 0; i < 1'000'000; ++i) events += std::string_view("\x5A\x00", 2);
  MemoryLedger ledger(4 << 20);
  LedgerHold hold = ledger.open();
  const auto decoded = decode_traces_protobuf(request({span(events)}), {&hold});
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_LE(ledger.used_bytes(), ledger.limit_bytes());
}

TEST(DecodeProtobuf, TheHoldCoversTheBatch) {
  MemoryLedger ledger(64 << 20);
  LedgerHold hold = ledger.open();
  const auto decoded =
      decode_traces_protobuf(request({span_with(message(field::kAnyString, std::string(5000, 'x')))}), {&hold});
  ASSERT_TRUE(decoded.has_value());
  EXPECT_GE(hold.bytes(), decoded->batch.byte_size());
}

}  // namespace
}  // namespace sextant::data
