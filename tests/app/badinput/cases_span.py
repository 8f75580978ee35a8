"""Spans whose fields are wrong, in both encodings: what OTLP forbids is refused span by span, the rest is kept as it is."""
import json
import struct

from badinput import http1, protobuf
from badinput.cases_body import SPAN, TRACE, send, send_json
from badinput.table import case

GROUP = "HTTP: spans (F21)"
IDS = "200 1 rejected: refused: 1 span with a "


def one(bench, **fields):
    """Sends one span made with protobuf.span and says what was answered and stored."""
    trace = bench.new_trace()
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, **fields)))
    return seen + bench.spans_stored(trace, 1)


def ids(bench, trace=TRACE, span=SPAN, more=b""):
    return send(bench, protobuf.request(protobuf.span(trace, span, more=more)))


def json_span(bench, **fields):
    """Sends one JSON span with these fields beside its ids; says what was answered and stored."""
    trace = bench.new_trace()
    span = {"traceId": trace.hex(), "spanId": SPAN.hex(), "name": "x", **fields}
    seen = send_json(bench, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    return seen + (bench.spans_stored(bytes.fromhex(span["traceId"]), 1) if seen == "200" else "")


@case(GROUP, "a trace id of zeros", IDS + "trace_id")
def zero_trace(bench):
    return ids(bench, trace=bytes(16))


@case(GROUP, "a span id of zeros", IDS + "span_id")
def zero_span(bench):
    return ids(bench, span=bytes(8))


@case(GROUP, "a trace id of 15 bytes", IDS + "trace_id")
def short_trace(bench):
    return ids(bench, trace=b"\1" * 15)


@case(GROUP, "a trace id of 1 MB", IDS + "trace_id")
def long_trace(bench):
    return ids(bench, trace=b"\1" * 1_000_000)


@case(GROUP, "a span id of 4 bytes", IDS + "span_id")
def short_span(bench):
    return ids(bench, span=b"\1" * 4)


@case(GROUP, "a parent's id of 7 bytes", IDS + "parent_span_id")
def short_parent(bench):
    return ids(bench, more=protobuf.length(4, b"\1" * 7))


@case(GROUP, "a link with a trace id of 3 bytes", IDS + "link")
def short_link(bench):
    return ids(bench, more=protobuf.length(13, protobuf.length(1, b"\1" * 3) + protobuf.length(2, SPAN)))


@case(GROUP, "JSON: ids in base64", IDS)
def base64_id(bench):
    return json_span(bench, traceId="AQIDBAUGBwgJCgsMDQ4PEA==")


@case(GROUP, "JSON: an id with a letter that is no digit", "200 1 rejected: refused: 1 span with an id that is not hexadecimal")
def bad_hex(bench):
    return json_span(bench, traceId="zz" * 16)


@case(GROUP, "a good and a bad span in one request: the good one is kept", IDS + "trace_id")
def mixed(bench):
    trace = bench.new_trace()
    seen = send(bench, protobuf.request(protobuf.span(bytes(16), SPAN), protobuf.span(trace, SPAN)))
    return seen + bench.spans_stored(trace, 1)


@case(GROUP, "a name that is not UTF-8: kept, shown with U+FFFD", "200, 1 span stored, name '\\ufffd\\ufffda'")
def name_not_utf8(bench):
    trace = bench.new_trace()
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, name=b"\xff\xfea")))
    return seen + bench.spans_stored(trace, 1) + f", name {ascii(bench.first_span(trace)['name'])}"


@case(GROUP, "JSON: half of a character as \\ud83d", "200, 1 span stored, name '\\ufffd'")
def lone_surrogate(bench):
    trace = bench.new_trace()
    seen = send_json(bench, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"' + trace.hex() + '","spanId":"' +
                     SPAN.hex() + '","name":"\\ud83d"}]}]}]}')
    return seen + bench.spans_stored(trace, 1) + f", name {ascii(bench.first_span(trace)['name'])}"


@case(GROUP, "zero bytes in name, key and value", "200, 1 span stored, name 'a\\x00b'")
def embedded_nul(bench):
    trace = bench.new_trace()
    key = protobuf.attribute(b"k\0k", protobuf.string_value(b"v\0v"))
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, name=b"a\0b", attributes=[key])))
    return seen + bench.spans_stored(trace, 1) + f", name {ascii(bench.first_span(trace)['name'])}"


@case(GROUP, "the end before the start", "200, 1 span stored, duration 0")
def end_before_start(bench):
    trace = bench.new_trace()
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, start=1_700_000_000_000_000_000, end=5)))
    return seen + bench.spans_stored(trace, 1) + f", duration {bench.first_span(trace)['duration_ns']}"


@case(GROUP, "start and end 0", "200, 1 span stored")
def times_zero(bench):
    return one(bench, start=0, end=0)


@case(GROUP, "start and end in the year 2262 (2^63 - 1 ns)", "200, 1 span stored")
def year_2262(bench):
    return one(bench, start=(1 << 63) - 1, end=(1 << 63) - 1)


@case(GROUP, "start and end in the year 2554 (2^64 - 1 ns)", "200, 1 span stored")
def year_2554(bench):
    return one(bench, start=(1 << 64) - 1, end=(1 << 64) - 1)


@case(GROUP, "a span that starts a year from now: kept, nothing older is dropped for it", "200, 1 span stored, older run found")
def next_year(bench):
    older = bench.new_trace()
    send(bench, protobuf.request(protobuf.span(older, SPAN, start=bench.now(), end=bench.now())))
    future = bench.now() + 365 * 86400 * 1_000_000_000
    seen = one(bench, start=future, end=future)
    return seen + (", older run found" if bench.span_count(older) == 1 else ", older run lost")


@case(GROUP, "JSON: a negative time", "400 INVALID_ARGUMENT")
def negative_time(bench):
    return json_span(bench, startTimeUnixNano="-1")


@case(GROUP, "JSON: a time with a fraction", "400 INVALID_ARGUMENT")
def fraction_time(bench):
    return json_span(bench, startTimeUnixNano="1.5")


@case(GROUP, "not a number, infinities", "200, 1 span stored, doubleValue NaN, Infinity, -Infinity")
def not_a_number(bench):
    trace = bench.new_trace()
    values = [float("nan"), float("inf"), float("-inf")]
    keys = [protobuf.attribute(f"k{i}", protobuf.double_value(value)) for i, value in enumerate(values)]
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, attributes=keys))) + bench.spans_stored(trace, 1)
    return seen + ", doubleValue " + ", ".join(str(a["value"]["doubleValue"]) for a in bench.first_span(trace)["attributes"])


@case(GROUP, "kind 99, status 77: kept as they are", "200, 1 span stored")
def unknown_enums(bench):
    return one(bench, more=protobuf.number(6, 99) + protobuf.length(15, protobuf.number(3, 77)))


@case(GROUP, "JSON: the name of no kind", "400 INVALID_ARGUMENT")
def unknown_kind_name(bench):
    return json_span(bench, kind="SPAN_KIND_TELEPATHY")


@case(GROUP, "one attribute's name three times: all are kept", "200, 1 span stored, 3 attributes")
def repeated_key(bench):
    trace = bench.new_trace()
    keys = [protobuf.attribute("same", protobuf.string_value(str(i))) for i in range(3)]
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, attributes=keys))) + bench.spans_stored(trace, 1)
    return seen + f", {len(bench.first_span(trace)['attributes'])} attributes"


@case(GROUP, "JSON: one member twice: the last counts", "200, 1 span stored, name 'second'")
def repeated_member(bench):
    trace = bench.new_trace()
    seen = send_json(bench, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"' + trace.hex() + '","spanId":"' +
                     SPAN.hex() + '","name":"first","name":"second"}]}]}]}')
    return seen + bench.spans_stored(trace, 1) + f", name {bench.first_span(trace)['name']!r}"


@case(GROUP, "unknown fields of every wire type", "200, 1 span stored")
def unknown_fields(bench):
    more = (protobuf.number(1000, 7) + protobuf.fixed64(1001, 7) + protobuf.length(1002, b"x" * 100) +
            protobuf.tag(1003, 5) + struct.pack("<I", 7))
    return one(bench, more=more)


@case(GROUP, "a group, which protobuf gave up long ago", "400 INVALID_ARGUMENT")
def group_field(bench):
    return ids(bench, more=protobuf.tag(1000, 3) + protobuf.number(1, 7) + protobuf.tag(1000, 4))


@case(GROUP, "10,000 groups within groups", "400 INVALID_ARGUMENT")
def nested_groups(bench):
    return send(bench, protobuf.tag(1000, 3) * 10_000 + protobuf.tag(1000, 4) * 10_000)


@case(GROUP, "a span that is its own parent", "200, 1 span stored")
def own_parent(bench):
    return one(bench, more=protobuf.length(4, SPAN))


@case(GROUP, "1,000 spans in a ring of parents", "200, 1000 spans stored")
def ring(bench):
    trace = bench.new_trace()

    def span_id(i):
        return struct.pack(">Q", i % 1000 + 1)
    spans = [protobuf.span(trace, span_id(i), more=protobuf.length(4, span_id(i + 1))) for i in range(1000)]
    return send(bench, protobuf.request(*spans)) + bench.spans_stored(trace, 1000)


@case(GROUP, "a chain of 20,000 spans, each the child of the one before", "200, 20000 spans stored")
def chain(bench):
    trace = bench.new_trace()
    spans = [protobuf.span(trace, struct.pack(">Q", i + 2), more=protobuf.length(4, struct.pack(">Q", i + 1)))
             for i in range(20_000)]
    return send(bench, protobuf.request(*spans)) + bench.spans_stored(trace, 20_000)


@case(GROUP, "a span sent twice: stored once (F22)", "200, 1 span stored")
def retried(bench):
    trace = bench.new_trace()
    body = protobuf.request(protobuf.span(trace, SPAN))
    send(bench, body)
    return send(bench, body) + bench.spans_stored(trace, 1)


@case(GROUP, "markup in every text: shown as text, never as markup", "200, 1 span stored, application/json, nosniff")
def markup(bench):
    trace = bench.new_trace()
    evil = "<script>alert(1)</script>"
    key = protobuf.attribute(evil, protobuf.string_value(evil))
    seen = send(bench, protobuf.request(protobuf.span(trace, SPAN, name=evil, attributes=[key])))
    answer = http1.ask(bench.http, http1.head("GET", f"/api/traces/{trace.hex()}"))
    kind = answer.headers.get("content-type", "").split(";")[0]
    return seen + bench.spans_stored(trace, 1) + f", {kind}, {answer.headers.get('x-content-type-options')}"
