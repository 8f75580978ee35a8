"""Bodies that are not what they say, over HTTP: encodings, compression, sizes."""
import json

from badinput import bombs, http1, protobuf
from badinput.table import case

GROUP = "HTTP: encodings and sizes"
MIB = 1 << 20
TRACE = bytes(range(1, 17))
SPAN = bytes(range(1, 9))


def good_span(**more):
    return protobuf.span(TRACE, SPAN, **more)


def good_request():
    return protobuf.request(good_span())


def send(bench, body, content_type="application/x-protobuf", **headers):
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return str(http1.ask(bench.otlp_http, http1.post(body, content_type, headers=pairs)))


def send_json(bench, text):
    return send(bench, text if isinstance(text, bytes) else text.encode(), "application/json")


@case(GROUP, "4 KiB of random bytes as protobuf", "400 INVALID_ARGUMENT")
def garbage(bench):
    return send(bench, bench.garbage(4096))


@case(GROUP, "a good request, cut in the middle", "400 INVALID_ARGUMENT")
def truncated(bench):
    return send(bench, good_request()[:-20])


@case(GROUP, "a length that points behind the end", "400 INVALID_ARGUMENT")
def overlong_length(bench):
    return send(bench, b"\x0a\xff\xff\xff\xff\x0f")


@case(GROUP, "a varint of eleven bytes", "400 INVALID_ARGUMENT")
def long_varint(bench):
    return send(bench, b"\x08" + b"\xff" * 10 + b"\x01")


@case(GROUP, "field number 0", "400 INVALID_ARGUMENT")
def field_zero(bench):
    return send(bench, b"\x02\x00")


@case(GROUP, "wire type 7, which does not exist", "400 INVALID_ARGUMENT")
def wire_type(bench):
    return send(bench, b"\x0f\x00")


@case(GROUP, "an empty protobuf body (an empty request)", "200")
def empty_protobuf(bench):
    return send(bench, b"")


@case(GROUP, "an empty JSON body", "400 INVALID_ARGUMENT")
def empty_json(bench):
    return send_json(bench, "")


@case(GROUP, "`not json`", "400 INVALID_ARGUMENT")
def not_json(bench):
    return send_json(bench, "not json")


@case(GROUP, "JSON cut in the middle", "400 INVALID_ARGUMENT")
def cut_json(bench):
    return send_json(bench, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"')


@case(GROUP, '`{"test": "data"}`, the debug command of a guide', "400 INVALID_ARGUMENT: line 1, column 2: unknown field")
def wrong_shape(bench):
    return send_json(bench, '{"test": "data"}')


@case(GROUP, "a JSON list", "400 INVALID_ARGUMENT")
def json_list(bench):
    return send_json(bench, "[]")


@case(GROUP, "JSON with something after it", "400 INVALID_ARGUMENT")
def json_tail(bench):
    return send_json(bench, '{"resourceSpans":[]} x')


@case(GROUP, "JSON that is not UTF-8", "400 INVALID_ARGUMENT")
def json_not_utf8(bench):
    return send_json(bench, b'{"resourceSpans":[{"schemaUrl":"\xff\xfe"}]}')


@case(GROUP, "a number of 400 digits for a time", "400 INVALID_ARGUMENT")
def json_huge_number(bench):
    return send_json(bench, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1' + "0" * 400 + "}]}]}]}")


@case(GROUP, "protobuf that says it is JSON", "400 INVALID_ARGUMENT")
def protobuf_as_json(bench):
    return send_json(bench, good_request())


@case(GROUP, "JSON that says it is protobuf", "400 INVALID_ARGUMENT")
def json_as_protobuf(bench):
    return send(bench, b'{"resourceSpans":[]}')


@case(GROUP, "Content-Type: text/plain", "415")
def text_plain(bench):
    return send(bench, good_request(), "text/plain")


@case(GROUP, "no Content-Type", "415")
def no_type(bench):
    return send(bench, good_request(), None)


@case(GROUP, "Content-Encoding: br", "415")
def brotli(bench):
    return send(bench, good_request(), Content_Encoding="br")


@case(GROUP, "Content-Encoding: gzip, the body is not", "400 INVALID_ARGUMENT")
def not_gzip(bench):
    return send(bench, good_request(), Content_Encoding="gzip")


@case(GROUP, "gzip, cut in the middle", "400 INVALID_ARGUMENT")
def cut_gzip(bench):
    return send(bench, bombs.gzip(good_request() * 50)[:-30], Content_Encoding="gzip")


@case(GROUP, "gzip with a wrong checksum", "400 INVALID_ARGUMENT")
def gzip_checksum(bench):
    packed = bytearray(bombs.gzip(good_request()))
    packed[-6] ^= 1
    return send(bench, bytes(packed), Content_Encoding="gzip")


@case(GROUP, "gzip with garbage after it", "400 INVALID_ARGUMENT")
def gzip_tail(bench):
    return send(bench, bombs.gzip(good_request()) + b"garbage", Content_Encoding="gzip")


@case(GROUP, "gzip bomb: 10 MB that become 10 GB", "413")
def gzip_bomb(bench):
    return send(bench, bombs.deflated_zeros(10 << 30, 31), Content_Encoding="gzip")


@case(GROUP, "deflate bomb: 1 GB", "413")
def deflate_bomb(bench):
    return send(bench, bombs.deflated_zeros(1 << 30, 15), Content_Encoding="deflate")


@case(GROUP, "zstd bomb: 320 KB that become 10 GB", "413")
def zstd_bomb(bench):
    return send(bench, bombs.zstd_zeros(10 << 30), Content_Encoding="zstd")


@case(GROUP, "zstd that asks for a window of 3.75 TB", "400 INVALID_ARGUMENT")
def zstd_window(bench):
    return send(bench, bombs.zstd_frame([(0, 5, b"hello")], window_descriptor=0xFF), Content_Encoding="zstd")


@case(GROUP, "zstd, cut in the middle", "400 INVALID_ARGUMENT")
def cut_zstd(bench):
    return send(bench, bombs.zstd_zeros(1 << 20)[:-4], Content_Encoding="zstd")


@case(GROUP, "gzip within gzip, one of them announced", "400 INVALID_ARGUMENT")
def nested_gzip(bench):
    return send(bench, bombs.gzip(bombs.gzip(good_request())), Content_Encoding="gzip")


@case(GROUP, "gzip within gzip, both announced (a proxy may add one)", "200")
def double_gzip(bench):
    return send(bench, bombs.gzip(bombs.gzip(good_request())), Content_Encoding="gzip, gzip")


@case(GROUP, "three codings, one over the other", "415")
def triple_gzip(bench):
    return send(bench, bombs.gzip(bombs.gzip(bombs.gzip(good_request()))), Content_Encoding="gzip, gzip, gzip")


@case(GROUP, "a gzip bomb packed twice: 40 KB that become 10 GB", "413")
def nested_bomb(bench):
    return send(bench, bombs.gzip(bombs.deflated_zeros(10 << 30, 31)), Content_Encoding="gzip, gzip")


@case(GROUP, "100,000 empty gzip members", "400 INVALID_ARGUMENT")
def gzip_members(bench):
    return send(bench, bombs.gzip(b"") * 100_000, Content_Encoding="gzip")


@case(GROUP, "a request with a 100 MB attribute (F19)", "413")
def huge_attribute(bench):
    value = protobuf.string_value(b"x" * 100_000_000)
    return send(bench, protobuf.request(good_span(attributes=[protobuf.attribute("big", value)])))


@case(GROUP, "the same in gzip: 100 KB on the wire", "413")
def huge_attribute_gzip(bench):
    value = protobuf.string_value(b"x" * 100_000_000)
    body = protobuf.request(good_span(attributes=[protobuf.attribute("big", value)]))
    return send(bench, bombs.gzip(body, 1), Content_Encoding="gzip")


@case(GROUP, "a 70 MB attribute beside a good span", "200 1 rejected: refused: 1 span with a value, name or other text larger")
def over_value_limit(bench):
    value = protobuf.string_value(b"x" * 70_000_000)
    trace = bench.new_trace()
    bad = protobuf.span(trace, b"\2" * 8, attributes=[protobuf.attribute("big", value)])
    seen = send(bench, bombs.gzip(protobuf.request(bad, protobuf.span(trace, SPAN)), 1), Content_Encoding="gzip")
    return seen + bench.spans_stored(trace, 1)


@case(GROUP, "a span's name of 10 MB (F19)", "200, 1 span stored")
def long_name(bench):
    trace = bench.new_trace()
    return send(bench, protobuf.request(protobuf.span(trace, SPAN, name=b"n" * 10_000_000))) + bench.spans_stored(trace, 1)


@case(GROUP, "an attribute's name of 1 MB (F19)", "200, 1 span stored")
def long_key(bench):
    trace = bench.new_trace()
    key = protobuf.attribute(b"k" * 1_000_000, protobuf.string_value("v"))
    return send(bench, protobuf.request(protobuf.span(trace, SPAN, attributes=[key]))) + bench.spans_stored(trace, 1)


@case(GROUP, "10,000 attributes on one span (F19)", "200, 1 span stored")
def many_attributes(bench):
    trace = bench.new_trace()
    keys = [protobuf.attribute(f"k{i}", protobuf.string_value("v")) for i in range(10_000)]
    return send(bench, protobuf.request(protobuf.span(trace, SPAN, attributes=keys))) + bench.spans_stored(trace, 1)


@case(GROUP, "100,001 attributes on one span", "200 1 rejected: refused: 1 span with a list of more than 100000 attributes")
def too_many_attributes(bench):
    keys = [protobuf.attribute("k", protobuf.string_value("v"))] * 100_001
    return send(bench, protobuf.request(good_span(attributes=keys)))


@case(GROUP, "arrays within arrays, 10,000 deep, in protobuf", "200 1 rejected: refused: 1 span with a value nested deeper")
def deep_protobuf(bench):
    deep = protobuf.attribute("deep", protobuf.nested_arrays(10_000))
    return send(bench, protobuf.request(good_span(attributes=[deep])))


@case(GROUP, "arrays within arrays, 200,000 deep, in protobuf", "200 1 rejected: refused: 1 span with a value nested deeper")
def deeper_protobuf(bench):
    deep = protobuf.attribute("deep", protobuf.nested_arrays(200_000))
    return send(bench, protobuf.request(good_span(attributes=[deep])))


def json_arrays(depth):
    value = '{"arrayValue":{"values":[' * depth + "]}}" * depth
    return ('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"' + TRACE.hex() + '","spanId":"' + SPAN.hex() +
            '","name":"x","attributes":[{"key":"deep","value":' + value + "}]}]}]}]}")


@case(GROUP, "arrays within arrays, 10,000 deep, in JSON", "400 INVALID_ARGUMENT")
def deep_json(bench):
    return send_json(bench, json_arrays(10_000))


@case(GROUP, "arrays within arrays, 200,000 deep, in JSON", "400 INVALID_ARGUMENT")
def deeper_json(bench):
    return send_json(bench, json_arrays(200_000))


@case(GROUP, "200,000 opening brackets", "400 INVALID_ARGUMENT")
def brackets(bench):
    return send_json(bench, "[" * 200_000)


@case(GROUP, "an array of 1,000,000 elements", "200, 1 span stored")
def long_array(bench):
    trace = bench.new_trace()
    array = protobuf.length(5, protobuf.length(1, protobuf.number(3, 7)) * 1_000_000)
    one = protobuf.span(trace, SPAN, attributes=[protobuf.attribute("list", array)])
    return send(bench, protobuf.request(one)) + bench.spans_stored(trace, 1)


@case(GROUP, "1,000,000 empty resource spans", "200")
def empty_resources(bench):
    return send(bench, b"\x0a\x00" * 1_000_000)


@case(GROUP, "1,000,000 empty spans", "200 1000000 rejected: refused: 1000000 spans with a trace_id")
def empty_spans(bench):
    return send(bench, protobuf.length(1, protobuf.length(2, b"\x12\x00" * 1_000_000)))


@case(GROUP, "40,000,000 empty spans in 80 KB of gzip", "200 40000000 rejected")
def forty_million_spans(bench):
    body = protobuf.length(1, protobuf.length(2, b"\x12\x00" * 40_000_000))
    return send(bench, bombs.gzip(body, 1), Content_Encoding="gzip")


@case(GROUP, "1,000,000 members of one JSON object", "200")
def many_members(bench):
    members = ",".join(f'"m{i}":{i}' for i in range(1_000_000))
    return send_json(bench, '{"resourceSpans":[],' + members + "}")


@case(GROUP, "JSON with unknown members", "200, 1 span stored")
def unknown_members(bench):
    trace = bench.new_trace()
    body = json.dumps({"x": [1, {"y": None}], "resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": trace.hex(), "spanId": SPAN.hex(), "name": "x", "kind": 1, "future": {"a": [1]}}]}]}]})
    return send_json(bench, body) + bench.spans_stored(trace, 1)
