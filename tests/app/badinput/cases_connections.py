"""Connections that are slow, many, half open, or cut. Each holds them for as long as the server's deadlines take."""
import select
import socket
import struct
import time

from badinput import http1, http2, protobuf
from badinput.cases_body import SPAN, good_request
from badinput.table import case

GROUP = "connections"
MANY = 5_000
# Far more than the server's deadlines (10 s for a head, 30 s for 4 KiB of body): a busy machine keeps them late.
HEAD_SECONDS_MAX = 120
BODY_SECONDS_MAX = 300


def open_many(address, count, data):
    """Sockets that have sent `data`."""
    host, port = address.rsplit(":", 1)
    sockets = []
    for _ in range(count):
        one = socket.create_connection((host, int(port)), timeout=http1.ANSWER_SECONDS_MAX)
        if data:
            one.sendall(data)
        one.setblocking(False)
        sockets.append(one)
    return sockets


def wait_for_end(sockets, seconds, trickle=b""):
    """How many the server closed. Sends one byte of `trickle` on each every second."""
    poller, left = select.poll(), {one.fileno(): one for one in sockets}
    for one in sockets:
        poller.register(one, select.POLLIN | select.POLLHUP)
    deadline, next_byte = time.monotonic() + seconds, time.monotonic() + 1
    while left and time.monotonic() < deadline:
        for descriptor, _ in poller.poll(200):
            try:
                ended = not left[descriptor].recv(65536)
            except ConnectionResetError:
                ended = True
            except BlockingIOError:
                ended = False
            if ended:
                poller.unregister(descriptor)
                del left[descriptor]
        if trickle and time.monotonic() >= next_byte:
            next_byte += 1
            for one in left.values():
                try:
                    one.send(trickle)
                except OSError:
                    pass
    return len(sockets) - len(left)


def close(sockets):
    for one in sockets:
        one.close()


@case(GROUP, "a head sent one byte a second", "408")
def slow_head(bench):
    with http1.Connection(bench.otlp_http) as connection:
        begun = time.monotonic()
        for byte in http1.head("POST", headers=[("X", "y" * 1000)]):
            answer = connection.exchange(bytes([byte]), 1)
            if answer.note != "no answer" or time.monotonic() - begun > HEAD_SECONDS_MAX:
                return str(answer)
    return "never"


@case(GROUP, "a body sent one byte a second", "408")
def slow_body(bench):
    with http1.Connection(bench.otlp_http) as connection:
        begun = time.monotonic()
        connection.exchange(http1.head(headers=[("Content-Type", "application/x-protobuf"), ("Content-Length", 1000)]), 0.1)
        for byte in bytes(1000):
            answer = connection.exchange(bytes([byte]), 1)
            if answer.note != "no answer" or time.monotonic() - begun > BODY_SECONDS_MAX:
                return str(answer)
    return "never"


@case(GROUP, f"{MANY:,} connections that send nothing: a good request beside them is answered", "200, all were accepted")
def idle_connections(bench):
    sockets = open_many(bench.otlp_http, MANY, b"")
    seen = str(http1.ask(bench.otlp_http, http1.post(good_request())))
    close(sockets)
    return f"{seen}, all were accepted" if len(sockets) == MANY else f"{seen}, {len(sockets)} were accepted"


@case(GROUP, f"slowloris: {MANY:,} connections, one byte of a head a second on each", f"200 beside them, {MANY} closed")
def slowloris(bench):
    sockets = open_many(bench.otlp_http, MANY, b"POST /v1/traces HTTP/1.1\r\nX: ")
    seen = str(http1.ask(bench.otlp_http, http1.post(good_request())))
    ended = wait_for_end(sockets, HEAD_SECONDS_MAX, b"y")
    close(sockets)
    return f"{seen} beside them, {ended} closed"


@case(GROUP, f"{MANY:,} connections to the gRPC port that send nothing", "OK beside them")
def idle_grpc(bench):
    sockets = open_many(bench.grpc, MANY, b"")
    seen = http2.export(bench.grpc, good_request())
    close(sockets)
    return f"{seen} beside them"


@case(GROUP, f"{MANY:,} connections to the gRPC port with an open call that never sends its message", "OK beside them")
def grpc_slowloris(bench):
    headers = http2.frame(http2.HEADERS, http2.END_HEADERS, 1, http2.hpack(http2.call_headers()))
    sockets = open_many(bench.grpc, MANY, http2.PREFACE + http2.frame(http2.SETTINGS, 0, 0) + headers)
    seen = http2.export(bench.grpc, good_request())
    close(sockets)
    return f"{seen} beside them"


@case(GROUP, "1,000 bodies cut by a reset in the middle", "200 afterwards, nothing of them stored")
def resets(bench):
    trace = bench.new_trace()
    value = protobuf.attribute("k", protobuf.string_value("v" * 10_000))
    body = protobuf.request(protobuf.span(trace, SPAN, attributes=[value]))
    sockets = open_many(bench.otlp_http, 1_000, http1.post(body)[:-100])
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    close(sockets)
    seen = str(http1.ask(bench.otlp_http, http1.post(good_request())))
    return f"{seen} afterwards, " + ("nothing of them stored" if bench.span_count(trace) == 0 else "some of them stored")


@case(GROUP, "a client that never reads its answers, 20,000 requests long", "200 beside it")
def never_reads(bench):
    host, port = bench.otlp_http.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=1) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = http1.post(b'{"test', "application/json")
        try:
            for _ in range(20_000):
                deaf.sendall(request)
        except OSError:
            pass  # the server stopped reading, as it should
        return str(http1.ask(bench.otlp_http, http1.post(good_request()))) + " beside it"
