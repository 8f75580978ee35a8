"""gRPC: bad messages, bad calls, and HTTP/2 misused."""
import struct

from badinput import bombs, http1, http2, protobuf
from badinput.cases_body import SPAN, TRACE, good_request, good_span
from badinput.table import case

CALLS = "gRPC: calls and messages"
FRAMES = "gRPC: HTTP/2 misused"
GZIP = [("grpc-encoding", "gzip")]
FLOOD_SECONDS_MAX = 30
# A wrong frame ends a connection at once, or never.
FRAME_SECONDS_MAX = 3


@case(CALLS, "4 KiB of random bytes as the message", "INVALID_ARGUMENT")
def garbage(bench):
    return http2.export(bench.grpc, bench.garbage(4096))


@case(CALLS, "a good message, cut in the middle", "INVALID_ARGUMENT")
def truncated(bench):
    return http2.export(bench.grpc, good_request()[:-20])


@case(CALLS, "a message shorter than its prefix says", "INVALID_ARGUMENT")
def short_message(bench):
    return http2.call(bench.grpc, http2.message(good_request())[:-20])


@case(CALLS, "a prefix that promises 4 GiB, 100 bytes follow", "INVALID_ARGUMENT")
def promised(bench):
    return http2.call(bench.grpc, b"\0\xff\xff\xff\xff" + b"x" * 100)


@case(CALLS, "half a prefix", "INVALID_ARGUMENT")
def half_prefix(bench):
    return http2.call(bench.grpc, b"\0\0")


@case(CALLS, "no message at all", "INVALID_ARGUMENT")
def no_message(bench):
    return http2.call(bench.grpc, b"")


@case(CALLS, "two messages in a call that takes one", "OK")
def two_messages(bench):
    return http2.call(bench.grpc, http2.message(good_request()) * 2)


@case(CALLS, "compressed by its flag, without a grpc-encoding", "INVALID_ARGUMENT")
def flag_without_encoding(bench):
    return http2.export(bench.grpc, bombs.gzip(good_request()), compressed=1)


@case(CALLS, "the flag 255", "OK")
def unknown_flag(bench):
    return http2.export(bench.grpc, good_request(), compressed=255)


@case(CALLS, "grpc-encoding: br, the message is not compressed at all", "OK")
def unknown_encoding(bench):
    return http2.export(bench.grpc, good_request(), compressed=1, more=[("grpc-encoding", "br")])


@case(CALLS, "grpc-encoding: gzip, the message is not", "INVALID_ARGUMENT")
def not_gzip(bench):
    return http2.export(bench.grpc, good_request(), 1, GZIP)


@case(CALLS, "gzip bomb: 10 MB that become 10 GB", "RESOURCE_EXHAUSTED")
def gzip_bomb(bench):
    return http2.export(bench.grpc, bombs.deflated_zeros(10 << 30, 31), 1, GZIP)


@case(CALLS, "gzip within gzip", "INVALID_ARGUMENT")
def nested_gzip(bench):
    return http2.export(bench.grpc, bombs.gzip(bombs.gzip(good_request())), 1, GZIP)


@case(CALLS, "a 100 MB attribute (F19)", "RESOURCE_EXHAUSTED")
def huge_attribute(bench):
    value = protobuf.attribute("big", protobuf.string_value(b"x" * 100_000_000))
    return http2.export(bench.grpc, protobuf.request(good_span(attributes=[value])))


@case(CALLS, "a message of 1 GB", "refused")
def gigabyte(bench):
    with http2.Connection(bench.grpc) as connection:
        stream = connection.open(http2.call_headers())
        connection.send_data(stream, b"\0" + struct.pack(">I", 1 << 30), end=False)
        piece = bytes(1 << 20)
        for i in range(1024):
            connection.send_data(stream, piece, end=i == 1023, seconds=FLOOD_SECONDS_MAX)
            if stream in connection.ended or connection.closed:
                break
        # Which of its limits the library names first (size, memory) is a matter of timing.
        return "taken" if connection.outcome(stream).startswith("OK") else "refused"


@case(CALLS, "arrays within arrays, 200,000 deep", "OK: 1 rejected: refused: 1 span with a value nested deeper")
def deep(bench):
    value = protobuf.attribute("deep", protobuf.nested_arrays(200_000))
    return http2.export(bench.grpc, protobuf.request(good_span(attributes=[value])))


@case(CALLS, "ids of zeros, beside a good span", "OK: 2 rejected: refused: 1 span with a trace_id")
def zero_ids(bench):
    trace = bench.new_trace()
    spans = [protobuf.span(bytes(16), SPAN), protobuf.span(TRACE, bytes(8)), protobuf.span(trace, SPAN)]
    return http2.export(bench.grpc, protobuf.request(*spans)) + bench.spans_stored(trace, 1)


@case(CALLS, "1,000,000 empty spans", "OK: 1000000 rejected")
def empty_spans(bench):
    return http2.export(bench.grpc, protobuf.length(1, protobuf.length(2, b"\x12\x00" * 1_000_000)))


@case(CALLS, "a method that does not exist", "UNIMPLEMENTED")
def unknown_method(bench):
    return http2.call(bench.grpc, http2.message(b""), "/opentelemetry.proto.collector.trace.v1.TraceService/Steal")


@case(CALLS, "metrics and logs, which are not received yet", "UNIMPLEMENTED")
def other_signals(bench):
    paths = [f"/opentelemetry.proto.collector.{name}.v1.{name.title()}Service/Export" for name in ("metrics", "logs")]
    return " / ".join(http2.call(bench.grpc, http2.message(b""), path) for path in paths)


@case(CALLS, "content-type: text/plain", "OK")
def wrong_type(bench):
    return http2.call(bench.grpc, http2.message(good_request()), content_type="text/plain")


@case(CALLS, "100 KB of metadata", "OK")
def metadata(bench):
    with http2.Connection(bench.grpc) as connection:
        block = http2.hpack(http2.call_headers(more=[("x", "y" * 100_000)]))
        connection.send(http2.frame(http2.HEADERS, 0, 1, block[:16384]))
        rest = [block[at:at + 16384] for at in range(16384, len(block), 16384)]
        for i, piece in enumerate(rest):
            connection.send(http2.frame(http2.CONTINUATION, http2.END_HEADERS if i + 1 == len(rest) else 0, 1, piece))
        connection.send(http2.frame(http2.DATA, http2.END_STREAM, 1, http2.message(good_request())))
        return connection.outcome(1)


def flood(bench, make, count=100_000, settings=b""):
    """Sends `make(i)` so many times; says how the connection ended. 'goes on' when the server lets it."""
    with http2.Connection(bench.grpc, settings=settings) as connection:
        for i in range(count):
            connection.send(make(i))
            if len(connection.outgoing) > 256 * 1024:
                connection.pump(lambda: not connection.outgoing or connection.goaway, FLOOD_SECONDS_MAX)
            if connection.goaway or connection.closed:
                break
        connection.pump(lambda: not connection.outgoing or connection.goaway, FLOOD_SECONDS_MAX)
        if not connection.goaway and not connection.closed:
            stream = 2 * count + 1
            connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, stream, http2.hpack(http2.call_headers())) +
                            http2.frame(http2.DATA, http2.END_STREAM, stream, http2.message(good_request())))
            outcome = connection.outcome(stream, FLOOD_SECONDS_MAX)
            # All may be on its way before the server's refusal of the first is back.
            if stream in connection.ended or not (connection.goaway or connection.closed):
                return "goes on: " + outcome
        return "connection ended"


@case(FRAMES, "not HTTP/2: 1 KiB of random bytes", "connection closed")
def not_http2(bench):
    with http2.Connection(bench.grpc, preface=False) as connection:
        connection.send(bench.garbage(1024))
        connection.pump(lambda: False, FLOOD_SECONDS_MAX)
        return connection.closed or "no answer"


@case(FRAMES, "HTTP/1.1 on the gRPC port", "connection closed")
def http1_there(bench):
    with http2.Connection(bench.grpc, preface=False) as connection:
        connection.send(http1.post(good_request()))
        connection.pump(lambda: False, FLOOD_SECONDS_MAX)
        return connection.closed or "no answer"


@case(FRAMES, "rapid reset: 100,000 calls opened and reset at once", "connection ended")
def rapid_reset(bench):
    headers = http2.hpack(http2.call_headers())
    return flood(bench, lambda i: http2.frame(http2.HEADERS, http2.END_HEADERS, 2 * i + 1, headers) +
                 http2.frame(http2.RST_STREAM, 0, 2 * i + 1, struct.pack(">I", 8)))


@case(FRAMES, "CONTINUATION flood: headers that never end, 100 MB of them", "connection ended")
def continuation_flood(bench):
    piece = http2.hpack([("x", "y" * 16_000)])[:16_000]
    return flood(bench, lambda i: http2.frame(http2.HEADERS if i == 0 else http2.CONTINUATION, 0, 1, piece), 6_500)


@case(FRAMES, "CONTINUATION flood of 100,000 empty frames", "connection ended")
def empty_continuations(bench):
    block = http2.hpack(http2.call_headers())
    return flood(bench, lambda i: http2.frame(http2.HEADERS, 0, 1, block) if i == 0 else
                 http2.frame(http2.CONTINUATION, 0, 1))


@case(FRAMES, "ping flood: 100,000 pings", "connection ended")
def ping_flood(bench):
    return flood(bench, lambda i: http2.frame(http2.PING, 0, 0, struct.pack(">Q", i)))


@case(FRAMES, "settings flood: 100,000 frames", "goes on: OK")
def settings_flood(bench):
    return flood(bench, lambda i: http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 4, 65535 + i % 2)))


@case(FRAMES, "100,000 empty DATA frames on one call", "goes on: OK")
def empty_data(bench):
    headers = http2.hpack(http2.call_headers())
    return flood(bench, lambda i: http2.frame(http2.HEADERS, http2.END_HEADERS, 1, headers) if i == 0 else
                 http2.frame(http2.DATA, 0, 1))


@case(FRAMES, "10,000 calls opened at once and never finished", "")
def open_calls(bench):
    headers = http2.hpack(http2.call_headers())
    return flood(bench, lambda i: http2.frame(http2.HEADERS, http2.END_HEADERS, 2 * i + 1, headers), 10_000)


@case(FRAMES, "HPACK bomb: a header of 4 KB, referred to 50,000 times", "")
def hpack_bomb(bench):
    first = b"\x40" + http2.hpack_text("x") + http2.hpack_text("y" * 4000)
    block = http2.hpack(http2.call_headers()) + first + b"\xbe" * 16_000
    with http2.Connection(bench.grpc) as connection:
        pieces = [block[:16_000], block[16_000:], b"\xbe" * 16_000, b"\xbe" * 16_000]
        for i, piece in enumerate(pieces):
            kind = http2.HEADERS if i == 0 else http2.CONTINUATION
            connection.send(http2.frame(kind, http2.END_HEADERS if i == 3 else 0, 1, piece))
        connection.send(http2.frame(http2.DATA, http2.END_STREAM, 1, http2.message(good_request())))
        return connection.outcome(1)


def ended_by(bench, data):
    """How the connection ends after one wrong frame."""
    with http2.Connection(bench.grpc) as connection:
        connection.send(data)
        connection.pump(lambda: connection.goaway, FRAME_SECONDS_MAX)
        return connection.goaway or connection.closed or "ignored"


@case(FRAMES, "a frame of 16 MB - 1", "")
def long_frame(bench):
    return ended_by(bench, http2.frame(http2.DATA, 0, 1, bytes((1 << 24) - 1)))


@case(FRAMES, "DATA on stream 0", "")
def data_on_zero(bench):
    return ended_by(bench, http2.frame(http2.DATA, 0, 0, b"x"))


@case(FRAMES, "HEADERS with broken HPACK", "")
def broken_hpack(bench):
    return ended_by(bench, http2.frame(http2.HEADERS, http2.END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff"))


@case(FRAMES, "a window that grows beyond 2^31", "")
def window_overflow(bench):
    return ended_by(bench, http2.frame(http2.WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF)) * 2)


@case(FRAMES, "more DATA than the window allows", "")
def beyond_window(bench):
    headers = http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.hpack(http2.call_headers()))
    start = b"\0" + struct.pack(">I", 70_000_000)
    return ended_by(bench, headers + http2.frame(http2.DATA, 0, 1, start) +
                    http2.frame(http2.DATA, 0, 1, bytes(16_384)) * 2_000)


@case(FRAMES, "PUSH_PROMISE from a client", "")
def push_promise(bench):
    return ended_by(bench, http2.frame(http2.PUSH_PROMISE, http2.END_HEADERS, 1, struct.pack(">I", 2)))


@case(FRAMES, "settings that make no sense: a frame size of 1", "")
def bad_settings(bench):
    return ended_by(bench, http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 5, 1)))
