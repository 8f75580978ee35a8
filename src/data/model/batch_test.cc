// Tests of values, dictionaries, shapes and of copying rows between batches.
#include "data/model/batch.h"

#include <gtest/gtest.h>

namespace sextant::data {
namespace {

AttributeList add_list(Batch& batch, std::initializer_list<std::pair<std::string_view, ValueView>> pairs) {
  AttributeList list{ShapeTable::kEmpty, static_cast<uint32_t>(batch.attribute_values.size())};
  for (const auto& [key, value] : pairs) {
    list.shape = batch.shapes.extend(list.shape, key, batch.keys);
    batch.attribute_values.push_back(batch.values.intern(value));
  }
  return list;
}

void add_span(Batch& batch, uint8_t id, std::string_view name) {
  SpanColumns& s = batch.spans;
  s.trace_id.push_back({{id, 1}});
  s.span_id.push_back({{id, 2}});
  s.parent_span_id.push_back({});
  s.start_unix_nanos.push_back(id * 10ULL);
  s.end_unix_nanos.push_back(id * 10ULL + 5);
  s.name.push_back(batch.values.intern_string(name));
  s.trace_state.push_back(0);
  s.status_message.push_back(0);
  s.kind.push_back(kClient);
  s.status.push_back(kUnset);
  s.flags.push_back(1);
  s.resource.push_back(0);
  s.scope.push_back(0);
  s.attributes.push_back(add_list(batch, {{"a", ValueView::integer(id)}, {"b", ValueView::string(name)}}));
  s.dropped_attributes.push_back(0);
  s.dropped_events.push_back(0);
  s.dropped_links.push_back(0);
  batch.events.time_unix_nanos.push_back(id * 10ULL + 1);
  batch.events.name.push_back(batch.values.intern_string("event"));
  batch.events.attributes.push_back(add_list(batch, {{"e", ValueView::boolean(true)}}));
  batch.events.dropped_attributes.push_back(3);
  s.events_end.push_back(static_cast<uint32_t>(batch.events.name.size()));
  s.links_end.push_back(0);
}

Batch make_batch(std::string_view service, int spans) {
  Batch batch;
  batch.resources.push_back({add_list(batch, {{"service.name", ValueView::string(service)}}), 0, 0});
  batch.scopes.push_back({batch.values.intern_string("scope"), 0, {}, 0, 0});
  for (int i = 1; i <= spans; ++i) add_span(batch, static_cast<uint8_t>(i), i % 2 == 0 ? "even" : "odd");
  return batch;
}

TEST(ValueDictionary, SharesShortValuesAndKeepsTypesApart) {
  ValueDictionary values;
  EXPECT_EQ(values.intern_string(""), 0U);
  const ValueCode one = values.intern(ValueView::integer(1));
  EXPECT_EQ(values.intern(ValueView::integer(1)), one);
  EXPECT_NE(values.intern(ValueView::boolean(true)), one);
  EXPECT_NE(values.intern(ValueView::real(1)), one);
  const std::string text("1\0x", 3);
  EXPECT_NE(values.intern(ValueView::string(text)), values.intern(ValueView::raw(text)));
  EXPECT_EQ(values.view(values.intern_string(text)).bytes, text);
  const std::string large(1000, 'x');
  EXPECT_NE(values.intern_string(large), values.intern_string(large));
  EXPECT_EQ(values.find(ValueView::integer(1)), one);
  EXPECT_EQ(values.find(ValueView::integer(2)), ValueDictionary::kNone);
}

TEST(ValueDictionary, KeepsHashesThatOtherDictionariesUnderstand) {
  ValueDictionary values;
  ValueDictionary other;
  EXPECT_EQ(values.hash_of(0), ValueDictionary::hash_of(ValueView::string("")));
  for (const ValueView& value : {ValueView::string("text"), ValueView::raw("text"), ValueView::integer(-7),
                                 ValueView::real(0.5), ValueView::boolean(true), ValueView::empty()}) {
    const ValueCode code = values.intern(value);
    EXPECT_EQ(values.hash_of(code), ValueDictionary::hash_of(value));
    const ValueCode copy = other.intern(values.view(code), values.hash_of(code));
    EXPECT_EQ(other.view(copy), value);
    EXPECT_EQ(other.find(value), copy);
    EXPECT_EQ(other.intern(value), copy);
  }
  const ValueCode large = values.intern_string(std::string(1000, 'x'));
  EXPECT_EQ(values.hash_of(large), 0U);
  EXPECT_NE(other.intern(values.view(large), values.hash_of(large)),
            other.intern(values.view(large), values.hash_of(large)));
}

TEST(ValueDictionary, ManyValuesStayApart) {
  ValueDictionary values;
  std::vector<ValueCode> codes;
  for (int i = 0; i < 20000; ++i) codes.push_back(values.intern_string("value " + std::to_string(i)));
  for (int i = 0; i < 20000; ++i) {
    ASSERT_EQ(values.text(codes[i]), "value " + std::to_string(i));
    ASSERT_EQ(values.intern_string("value " + std::to_string(i)), codes[i]);
  }
}

TEST(ShapeTable, SameListSameShapeOrderMatters) {
  KeyDictionary keys;
  ShapeTable shapes;
  const auto shape = [&](std::initializer_list<std::string_view> list) {
    ShapeId id = ShapeTable::kEmpty;
    for (std::string_view key : list) id = shapes.extend(id, key, keys);
    return id;
  };
  const ShapeId ab = shape({"a", "b"});
  EXPECT_EQ(shape({"a", "b"}), ab);
  EXPECT_NE(shape({"b", "a"}), ab);
  EXPECT_EQ(shape({"a", "b"}), ab);
  const auto listed = shapes.keys_of(shape({"b", "a", "a"}));
  ASSERT_EQ(listed.size(), 3U);
  EXPECT_EQ(keys.text(listed[0]), "b");
  EXPECT_EQ(keys.text(listed[2]), "a");
}

TEST(Nested, RoundTripAndRefusalOfBadBytes) {
  NestedWriter inner;
  inner.value(ValueView::integer(-5));
  inner.value(ValueView::empty());
  NestedWriter map;
  map.key("list");
  map.value({ValueType::kArray, 0, inner.bytes()});
  map.key("pi");
  map.value(ValueView::real(3.14));
  const ValueView value{ValueType::kMap, 0, map.bytes()};
  EXPECT_TRUE(check_nested(value).has_value());
  NestedReader reader(value.bytes, value.type);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.key(), "list");
  EXPECT_EQ(reader.value().bytes, inner.bytes());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.value().as_double(), 3.14);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
  for (size_t cut = 1; cut < value.bytes.size(); ++cut) {
    (void)check_nested({ValueType::kMap, 0, value.bytes.substr(0, cut)});  // any answer, no crash
  }
  EXPECT_FALSE(check_nested({ValueType::kArray, 0, "\x09"}).has_value());
}

TEST(BatchAppender, CopiesRowsWhole) {
  const Batch first = make_batch("one", 3);
  const Batch second = make_batch("two", 2);
  Batch target;
  BatchAppender appender(target);
  const std::vector<uint32_t> rows = {2, 0};
  appender.append(first, rows);
  appender.append_all(second);
  appender.append_all(first);
  ASSERT_EQ(target.span_count(), 7U);
  EXPECT_TRUE(rows_equal(target, 0, first, 2));
  EXPECT_TRUE(rows_equal(target, 1, first, 0));
  EXPECT_TRUE(rows_equal(target, 3, second, 1));
  EXPECT_FALSE(rows_equal(target, 0, first, 0));
  EXPECT_FALSE(rows_equal(first, 0, second, 0));  // they differ in the resource only
  EXPECT_EQ(target.resources.size(), 2U);
  EXPECT_EQ(target.service_of(3), "two");
  EXPECT_EQ(target.attribute(target.spans.attributes[0], "a").number, 3);
  bool found = true;
  (void)target.attribute(target.spans.attributes[0], "none", &found);
  EXPECT_FALSE(found);
}

}  // namespace
}  // namespace sextant::data
