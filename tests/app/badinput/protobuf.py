"""OTLP's protobuf messages by hand, so that they can be wrong in every way. Field numbers: opentelemetry-proto, trace/v1."""
import struct


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def tag(field, wire):
    return varint(field << 3 | wire)


def number(field, value):
    return tag(field, 0) + varint(value)


def fixed64(field, value):
    return tag(field, 1) + struct.pack("<Q", value)


def length(field, content):
    return tag(field, 2) + varint(len(content)) + content


def string_value(text):
    return length(1, text if isinstance(text, bytes) else text.encode())


def double_value(value):
    return tag(4, 1) + struct.pack("<d", value)


def attribute(key, any_value):
    """A KeyValue; `any_value` is a serialized AnyValue."""
    return length(1, key if isinstance(key, bytes) else key.encode()) + length(2, any_value)


def nested_arrays(depth):
    """An AnyValue of arrays within arrays. Made from the inside out, in linear time."""
    sizes, size = [], 0
    for _ in range(depth):
        array = size and 1 + len(varint(size)) + size  # ArrayValue.values = 1
        sizes.append((array, size))
        size = 1 + len(varint(array)) + array  # AnyValue.array_value = 5
    out = []
    for array, inner in reversed(sizes):
        out.append(tag(5, 2) + varint(array))
        if array:
            out.append(tag(1, 2) + varint(inner))
    return b"".join(out)


def span(trace_id, span_id, name=b"work", start=1_700_000_000_000_000_000, end=1_700_000_000_001_000_000, attributes=(),
         more=b""):
    """A Span; ids are bytes."""
    out = length(1, trace_id) + length(2, span_id)
    out += length(5, name if isinstance(name, bytes) else name.encode())
    out += number(6, 1) + fixed64(7, start) + fixed64(8, end)
    return out + b"".join(length(9, one) for one in attributes) + more


def request(*spans):
    """An ExportTraceServiceRequest with one resource and one scope."""
    resource = length(1, attribute("service.name", string_value("bad-input")))
    scope_spans = length(1, length(1, b"test")) + b"".join(length(2, one) for one in spans)
    return length(1, length(1, resource) + length(2, scope_spans))


def read_fields(message):
    """(field, value) of a message: numbers as int, the rest as bytes."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        if key & 7 == 0:
            value, at = read_varint(message, at)
        elif key & 7 == 2:
            size, at = read_varint(message, at)
            value, at = message[at:at + size], at + size
        else:
            size = 8 if key & 7 == 1 else 4
            value, at = message[at:at + size], at + size
        yield key >> 3, value


def read_varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
