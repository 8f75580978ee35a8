#include "otlp/json.h"

#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/json_text.h"
#include "otlp/messages.h"
#include "otlp/wire.h"

namespace sextant::otlp {
namespace {

WireType wire_type_of(FieldKind kind) noexcept {
  switch (kind) {
    case FieldKind::kMessage:
    case FieldKind::kText:
    case FieldKind::kId:
    case FieldKind::kBytes:
      return WireType::kBytes;
    case FieldKind::kFixed32:
      return WireType::kFixed32;
    case FieldKind::kFixed64:
    case FieldKind::kSfixed64:
    case FieldKind::kDouble:
      return WireType::kFixed64;
    default:
      return WireType::kVarint;
  }
}

std::int32_t unfold(std::uint64_t number) noexcept {  // zigzag: 0, -1, 1, -2, …
  const auto bits = static_cast<std::uint32_t>(number);
  return static_cast<std::int32_t>(bits >> 1 ^ (~(bits & 1) + 1));
}

double real_of(std::uint64_t bits) noexcept {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Thread-confined. Bytes that are no message of the shape make it bad(), and what was written then is worthless.
class JsonWriter {
 public:
  void write_message(const MessageShape& shape, std::string_view bytes, int depth);
  bool bad() const noexcept { return bad_; }
  std::string& out() noexcept { return out_; }

 private:
  void write_one(const FieldShape& field, std::string_view bytes, int depth);
  void write_many(const FieldShape& field, std::string_view bytes, int depth);
  void write_packed(const FieldShape& field, std::string_view bytes);
  void write_content(const FieldShape& field, const Reader& at, int depth);
  void write_number(FieldKind kind, std::uint64_t number);
  void write_real(double value);
  template <class Integer>
  void write_integer(Integer value);
  void separate() {
    if (out_.back() != '[' && out_.back() != '{') out_ += ',';
  }

  std::string out_;
  bool bad_ = false;
};

/// Fields stand in the order of the table, as one value or one list each, whatever their order on the wire: JSON knows
/// a key only once.
void JsonWriter::write_message(const MessageShape& shape, std::string_view bytes, int depth) {
  std::uint32_t present = 0;
  Reader fields(bytes);
  while (fields.next()) {
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
      if (shape.fields[i].number == fields.field()) present |= std::uint32_t{1} << i;
    }
  }
  bad_ = bad_ || fields.failed();
  out_ += '{';
  for (std::size_t i = 0; i < shape.fields.size() && !bad_ && depth < kJsonDepthMax; ++i) {
    if ((present & std::uint32_t{1} << i) == 0) continue;
    const FieldShape& field = shape.fields[i];
    separate();
    out_.append(1, '"').append(field.name).append("\":");
    field.arity == Arity::kMany ? write_many(field, bytes, depth) : write_one(field, bytes, depth);
  }
  out_ += '}';
}

void JsonWriter::write_one(const FieldShape& field, std::string_view bytes, int depth) {
  Reader fields(bytes);
  Reader last(bytes);  // of several, the last one counts
  while (fields.next()) {
    if (fields.field() == field.number) last = fields;
  }
  write_content(field, last, depth);
}

void JsonWriter::write_many(const FieldShape& field, std::string_view bytes, int depth) {
  const bool packable = wire_type_of(field.kind) != WireType::kBytes;
  out_ += '[';
  Reader fields(bytes);
  while (fields.next() && !bad_) {
    if (fields.field() != field.number) continue;
    if (packable && fields.type() == WireType::kBytes) {
      write_packed(field, fields.bytes());
    } else {
      separate();
      write_content(field, fields, depth);
    }
  }
  out_ += ']';
}

/// Numbers one after the other without tags.
void JsonWriter::write_packed(const FieldShape& field, std::string_view bytes) {
  const WireType type = wire_type_of(field.kind);
  NumberReader numbers(bytes, type);
  while (numbers.next()) {
    separate();
    write_number(field.kind, numbers.number());
  }
  bad_ = bad_ || numbers.failed();
}

void JsonWriter::write_content(const FieldShape& field, const Reader& at, int depth) {
  if (at.type() != wire_type_of(field.kind)) {
    bad_ = true;
    return;
  }
  switch (field.kind) {
    case FieldKind::kMessage:
      return write_message(*field.message, at.bytes(), depth + 1);
    case FieldKind::kText:
      return append_json_text(out_, at.bytes());
    case FieldKind::kId:
      out_ += '"';
      append_hex(out_, at.bytes());
      out_ += '"';
      return;
    case FieldKind::kBytes:
      out_ += '"';
      append_base64(out_, at.bytes());
      out_ += '"';
      return;
    default:
      return write_number(field.kind, at.number());
  }
}

void JsonWriter::write_number(FieldKind kind, std::uint64_t number) {
  const bool quoted = kind == FieldKind::kInt64 || kind == FieldKind::kUint64 || kind == FieldKind::kFixed64 ||
                      kind == FieldKind::kSfixed64;
  if (quoted) out_ += '"';
  switch (kind) {
    case FieldKind::kBool:
      out_ += number != 0 ? "true" : "false";
      break;
    case FieldKind::kDouble:
      write_real(real_of(number));
      break;
    case FieldKind::kInt64:
    case FieldKind::kSfixed64:
      write_integer(static_cast<std::int64_t>(number));
      break;
    case FieldKind::kEnum:
      write_integer(static_cast<std::int32_t>(number));
      break;
    case FieldKind::kSint32:
      write_integer(unfold(number));
      break;
    case FieldKind::kUint32:
    case FieldKind::kFixed32:
      write_integer(static_cast<std::uint32_t>(number));
      break;
    default:
      write_integer(number);
  }
  if (quoted) out_ += '"';
}

void JsonWriter::write_real(double value) {
  if (std::isnan(value)) {
    out_ += "\"NaN\"";
  } else if (std::isinf(value)) {
    out_ += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    append_number(out_, value);
  }
}

template <class Integer>
void JsonWriter::write_integer(Integer value) {
  char digits[24];
  out_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

}  // namespace

Result<std::string> to_json(Signal signal, std::string_view request) {
  JsonWriter writer;
  writer.out().reserve(request.size() * 2);
  writer.write_message(request_shape(signal), request, 0);
  if (writer.bad()) return Error{"the batch is no OTLP request in protobuf, so it cannot be written as JSON"};
  return std::move(writer.out());
}

}  // namespace sextant::otlp
