#include "tests/support/proto/otlp_messages.h"

#include <bit>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string random_bytes(SeededRandom& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random.next());
  return bytes;
}

std::string random_id(SeededRandom& random, size_t size) {
  std::string id = random_bytes(random, size);
  id[0] = static_cast<char>(id[0] | 1);
  return id;
}

/// Valid UTF-8 of all widths, with what JSON escapes; sometimes longer than a dictionary shares.
std::string random_text(SeededRandom& random) {
  static constexpr std::string_view kPieces[] = {"a",  "gen_ai", ".", "\"",       "\\",           "\n",
                                                 "\t", "\x01",   "/", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  std::string text;
  const uint64_t pieces = random.below(20) == 0 ? 200 : random.below(6);
  for (uint64_t i = 0; i < pieces; ++i) text += kPieces[random.below(std::size(kPieces))];
  if (random.below(30) == 0) text.push_back('\0');
  return text;
}

uint64_t random_number(SeededRandom& random) {
  switch (random.below(4)) {
    case 0:
      return 0;
    case 1:
      return random.below(100);
    case 2:
      return std::numeric_limits<uint64_t>::max() - random.below(3);
    default:
      return random.next() >> random.below(64);
  }
}

uint32_t random_count(SeededRandom& random) {
  return random.below(3) == 0 ? static_cast<uint32_t>(random_number(random)) : 0;
}

double random_double(SeededRandom& random, const RandomTraces& options) {
  switch (random.below(6)) {
    case 0:
      return std::numeric_limits<double>::infinity();
    case 1:
      return options.negative_zero ? -0.0 : 0.0;
    case 2:
      return options.any_nan ? std::bit_cast<double>(0x7FF8000000000000 | random.below(1000))
                             : std::numeric_limits<double>::quiet_NaN();
    case 3:
      return static_cast<double>(random.below(1000));
    default: {
      const double value = std::bit_cast<double>(random.next());
      return value != value ? 0.5 : value;
    }
  }
}

/// Thread-confined, used once.
class Generator {
 public:
  Generator(SeededRandom& random, const RandomTraces& options) : random_(random), options_(options) {}

  void fill(TracesData& traces) {
    for (uint64_t i = random_.below(static_cast<uint64_t>(options_.resources_max) + 1); i > 0; --i) {
      ResourceSpans& owner = *traces.add_resource_spans();
      attributes(*owner.mutable_resource()->mutable_attributes());
      owner.mutable_resource()->set_dropped_attributes_count(random_count(random_));
      if (random_.below(2) == 0) owner.set_schema_url(random_text(random_));
      for (uint64_t j = 1 + random_.below(static_cast<uint64_t>(options_.scopes_max)); j > 0; --j) {
        fill(*owner.add_scope_spans());
      }
    }
  }

 private:
  void fill(ScopeSpans& owner) {
    owner.mutable_scope()->set_name(random_text(random_));
    owner.mutable_scope()->set_version(random_text(random_));
    attributes(*owner.mutable_scope()->mutable_attributes());
    owner.mutable_scope()->set_dropped_attributes_count(random_count(random_));
    owner.set_schema_url(random_text(random_));
    for (uint64_t i = 1 + random_.below(static_cast<uint64_t>(options_.spans_max)); i > 0; --i)
      fill(*owner.add_spans());
  }

  void fill(Span& span) {
    span.set_trace_id(random_id(random_, 16));
    span.set_span_id(random_id(random_, 8));
    if (random_.below(2) == 0) span.set_parent_span_id(random_id(random_, 8));
    span.set_trace_state(random_text(random_));
    span.set_flags(random_count(random_));
    span.set_name(random_text(random_));
    const auto kind = random_.below(20) == 0 ? static_cast<int>(random_.next()) : static_cast<int>(random_.below(7));
    span.set_kind(static_cast<Span::SpanKind>(kind));
    span.set_start_time_unix_nano(random_number(random_));
    span.set_end_time_unix_nano(random_number(random_));
    attributes(*span.mutable_attributes());
    span.set_dropped_attributes_count(random_count(random_));
    for (uint64_t i = random_.below(3); i > 0; --i) {
      Span::Event& event = *span.add_events();
      event.set_time_unix_nano(random_number(random_));
      event.set_name(random_text(random_));
      attributes(*event.mutable_attributes());
      event.set_dropped_attributes_count(random_count(random_));
    }
    span.set_dropped_events_count(random_count(random_));
    for (uint64_t i = random_.below(3); i > 0; --i) {
      Span::Link& link = *span.add_links();
      link.set_trace_id(random_id(random_, 16));
      link.set_span_id(random_id(random_, 8));
      link.set_trace_state(random_text(random_));
      attributes(*link.mutable_attributes());
      link.set_dropped_attributes_count(random_count(random_));
      link.set_flags(random_count(random_));
    }
    span.set_dropped_links_count(random_count(random_));
    if (random_.below(2) == 0) {
      span.mutable_status()->set_message("message " + random_text(random_));
      span.mutable_status()->set_code(static_cast<Status::StatusCode>(random_.below(4)));
    }
  }

  void attributes(google::protobuf::RepeatedPtrField<KeyValue>& list) {
    for (uint64_t i = random_.below(5); i > 0; --i) {
      KeyValue& pair = *list.Add();
      pair.set_key(random_.below(3) == 0 ? random_text(random_) : "key " + std::to_string(random_.below(8)));
      value(*pair.mutable_value(), 0);
    }
  }

  void value(AnyValue& any, int depth) {
    switch (random_.below(depth >= options_.depth_max ? 6 : 8)) {
      case 0:
        return;  // no value at all
      case 1:
        any.set_string_value(random_text(random_));
        return;
      case 2:
        any.set_bool_value(random_.below(2) == 0);
        return;
      case 3:
        any.set_int_value(static_cast<int64_t>(random_number(random_)));
        return;
      case 4:
        any.set_double_value(random_double(random_, options_));
        return;
      case 5:
        any.set_bytes_value(random_bytes(random_, random_.below(40)));
        return;
      case 6:
        any.mutable_array_value();
        for (uint64_t i = random_.below(4); i > 0; --i) value(*any.mutable_array_value()->add_values(), depth + 1);
        return;
      default:
        any.mutable_kvlist_value();
        for (uint64_t i = random_.below(4); i > 0; --i) {
          KeyValue& pair = *any.mutable_kvlist_value()->add_values();
          pair.set_key(random_text(random_));
          value(*pair.mutable_value(), depth + 1);
        }
    }
  }

  SeededRandom& random_;
  const RandomTraces& options_;
};

/// A piece of a message: one field with its tag. Pieces of one field keep their order.
struct Piece {
  int field;
  std::string bytes;
};

/// Sometimes longer than needed: parsers must not mind.
void put_varint(std::string& out, uint64_t value, SeededRandom& random) {
  int bytes = 0;
  for (; value >= 0x80; value >>= 7, ++bytes) out.push_back(static_cast<char>(value | 0x80));
  if (random.below(10) != 0 || bytes > 8) {
    out.push_back(static_cast<char>(value));
    return;
  }
  out.push_back(static_cast<char>(value | 0x80));
  out.push_back('\0');
}

std::string with_length(int field, std::string_view content, SeededRandom& random) {
  std::string bytes;
  put_varint(bytes, static_cast<uint64_t>(field) << 3 | 2, random);
  put_varint(bytes, content.size(), random);
  bytes += content;
  return bytes;
}

/// Joins pieces in an order in which those of one field stay as they are.
std::string shuffled(std::vector<Piece> pieces, SeededRandom& random) {
  for (size_t pass = 0; pass < 2 * pieces.size(); ++pass) {
    const size_t at = random.below(pieces.size());
    if (at + 1 < pieces.size() && pieces[at].field != pieces[at + 1].field) std::swap(pieces[at], pieces[at + 1]);
  }
  std::string bytes;
  for (const Piece& piece : pieces) {
    if (random.below(12) == 0) bytes += with_length(900 + static_cast<int>(random.below(100)), "unknown", random);
    bytes += piece.bytes;
  }
  return bytes;
}

std::vector<Piece> pieces_of(const Message& message, SeededRandom& random);

/// A submessage whole, or the front and the back of its pieces apart.
void add_message(std::vector<Piece>& out, const FieldDescriptor& field, const Message& message, SeededRandom& random) {
  std::vector<Piece> inner = pieces_of(message, random);
  const bool split = !field.is_repeated() && random.below(5) == 0;
  std::vector<Piece> back;
  if (split && !inner.empty()) {
    const auto cut = inner.begin() + static_cast<std::ptrdiff_t>(random.below(inner.size()));
    back.assign(cut, inner.end());
    inner.erase(cut, inner.end());
  }
  out.push_back({field.number(), with_length(field.number(), shuffled(inner, random), random)});
  if (split) out.push_back({field.number(), with_length(field.number(), shuffled(back, random), random)});
}

/// One element of a scalar field through libprotobuf's own encoder: a message that has nothing else.
void add_scalar(std::vector<Piece>& out, const FieldDescriptor& field, const Message& message) {
  std::unique_ptr<Message> alone(message.New());
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(alone.get(), &field, reflection->GetString(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection->SetUInt32(alone.get(), &field, reflection->GetUInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection->SetUInt64(alone.get(), &field, reflection->GetUInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->SetInt64(alone.get(), &field, reflection->GetInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection->SetDouble(alone.get(), &field, reflection->GetDouble(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(alone.get(), &field, reflection->GetBool(message, &field));
      break;
    default:
      reflection->SetEnumValue(alone.get(), &field, reflection->GetEnumValue(message, &field));
  }
  out.push_back({field.number(), alone->SerializeAsString()});
}

std::vector<Piece> pieces_of(const Message& message, SeededRandom& random) {
  std::vector<Piece> pieces;
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      add_scalar(pieces, *field, message);
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        add_message(pieces, *field, reflection->GetRepeatedMessage(message, field, i), random);
      }
    } else {
      add_message(pieces, *field, reflection->GetMessage(message, field), random);
    }
  }
  return pieces;
}

}  // namespace

TracesData random_traces(SeededRandom& random, const RandomTraces& options) {
  TracesData traces;
  Generator(random, options).fill(traces);
  return traces;
}

std::string scrambled(const Message& message, SeededRandom& random) {
  return shuffled(pieces_of(message, random), random);
}

}  // namespace sextant::test
