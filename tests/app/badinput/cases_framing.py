"""HTTP/1.1 itself misused: framing, headers, methods, and the shapes of request smuggling."""
from badinput import http1, protobuf
from badinput.cases_body import SPAN, good_request
from badinput.table import case

GROUP = "HTTP: framing and headers"
KIND = ("Content-Type", "application/x-protobuf")


def raw(bench, data, seconds=http1.ANSWER_SECONDS_MAX):
    return str(http1.ask(bench.otlp_http, data, seconds))


def with_headers(bench, *headers, body=b"", host="127.0.0.1", version="HTTP/1.1"):
    return raw(bench, http1.head("POST", "/v1/traces", [KIND, *headers], host, version) + body)


def chunk(content):
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


@case(GROUP, "not HTTP at all: 1 KiB of random bytes", "400")
def not_http(bench):
    return raw(bench, bench.garbage(1024) + b"\r\n\r\n")


@case(GROUP, "a TLS client hello", "400")
def client_hello(bench):
    return raw(bench, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bench.garbage(512) + b"\r\n\r\n")


@case(GROUP, "HTTP/0.9: `GET /`", "400")
def http_09(bench):
    return raw(bench, b"GET /\r\n\r\n")


@case(GROUP, "HTTP/3.0 in the first line", "400")
def http_30(bench):
    return raw(bench, b"GET / HTTP/3.0\r\nHost: x\r\n\r\n")


@case(GROUP, "the preface of HTTP/2", "400")
def http_2(bench):
    return raw(bench, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


@case(GROUP, "no Host", "400")
def no_host(bench):
    return with_headers(bench, ("Content-Length", 0), host=None)


@case(GROUP, "two Hosts", "400")
def two_hosts(bench):
    return with_headers(bench, ("Host", "other"), ("Content-Length", 0))


@case(GROUP, "Content-Length and Transfer-Encoding together", "400")
def length_and_chunked(bench):
    return with_headers(bench, ("Content-Length", 5), ("Transfer-Encoding", "chunked"), body=b"0\r\n\r\n")


@case(GROUP, "two Content-Lengths that differ", "400")
def two_lengths(bench):
    return with_headers(bench, ("Content-Length", 5), ("Content-Length", 6), body=b"hello!")


@case(GROUP, "Content-Length: 5, 6", "400")
def length_list(bench):
    return with_headers(bench, ("Content-Length", "5, 6"), body=b"hello!")


@case(GROUP, "Content-Length: -1", "400")
def negative_length(bench):
    return with_headers(bench, ("Content-Length", -1))


@case(GROUP, "Content-Length: +5", "400")
def plus_length(bench):
    return with_headers(bench, ("Content-Length", "+5"), body=b"hello")


@case(GROUP, "Content-Length of 30 digits", "400")
def endless_length(bench):
    return with_headers(bench, ("Content-Length", "9" * 30))


@case(GROUP, "Content-Length: 1 TB, no body follows", "413")
def terabyte(bench):
    return with_headers(bench, ("Content-Length", 1 << 40))


@case(GROUP, "no Content-Length: an empty body, an empty request", "200")
def no_length(bench):
    return with_headers(bench)


@case(GROUP, "a body shorter than its Content-Length, then silence of the client's side", "connection closed")
def short_body(bench):
    with http1.Connection(bench.otlp_http) as connection:
        connection.exchange(http1.head("POST", "/v1/traces", [KIND, ("Content-Length", 100)]) + b"half", 0.2)
        connection.socket.shutdown(1)
        answer = connection.exchange(b"")
        return "connection closed" if answer.status in (0, 400) else str(answer)


@case(GROUP, "a body longer than its Content-Length: the rest is no request", "200, then 400")
def long_body(bench):
    with http1.Connection(bench.otlp_http) as connection:
        body = good_request()
        first = connection.exchange(http1.head("POST", "/v1/traces", [KIND, ("Content-Length", len(body))]) + body +
                                    b"tail that is no request\r\n\r\n")
        return f"{first}, then {connection.exchange().status}"


@case(GROUP, "Transfer-Encoding: identity, chunked", "400")
def identity_chunked(bench):
    return with_headers(bench, ("Transfer-Encoding", "identity, chunked"), body=b"0\r\n\r\n")


@case(GROUP, "Transfer-Encoding: xchunked", "400")
def xchunked(bench):
    return with_headers(bench, ("Transfer-Encoding", "xchunked"), body=b"0\r\n\r\n")


@case(GROUP, "Transfer-Encoding: chunked twice", "400")
def chunked_twice(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked"), body=b"0\r\n\r\n")


@case(GROUP, "`Transfer-Encoding : chunked`, a space before the colon", "400")
def space_before_colon(bench):
    return with_headers(bench, ("Transfer-Encoding ", "chunked"), body=b"0\r\n\r\n")


@case(GROUP, "Transfer-Encoding in HTTP/1.0", "")
def chunked_10(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"0\r\n\r\n", version="HTTP/1.0")


@case(GROUP, "a good request in chunks", "200")
def good_chunks(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=chunk(good_request()) + b"0\r\n\r\n")


@case(GROUP, "a chunk's size that is no number", "400")
def bad_chunk(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"zz\r\nhello\r\n0\r\n\r\n")


@case(GROUP, "a chunk's size of 2^64 - 1", "413")
def huge_chunk(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"ffffffffffffffff\r\nhello")


@case(GROUP, "a chunk without its end of line", "400")
def chunk_without_end(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"5\r\nhelloXX0\r\n\r\n")


@case(GROUP, "chunk flood: a good request in chunks of one byte, 200,000 of them", "200")
def chunk_flood(bench):
    value = protobuf.attribute("k", protobuf.string_value("v" * 200_000))
    body = protobuf.request(protobuf.span(bench.new_trace(), SPAN, attributes=[value]))
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"".join(b"1\r\n%c\r\n" % byte for byte in body) +
                        b"0\r\n\r\n")


@case(GROUP, "chunk flood: 100 MB in chunks, more than a request may have", "413")
def chunk_flood_large(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=chunk(bytes(1 << 20)) * 100)


@case(GROUP, "a chunk extension of 1 MB", "400")
def chunk_extension(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"1;" + b"x" * 1_000_000 + b"\r\na\r\n0\r\n\r\n")


@case(GROUP, "600 KB of trailers after the last chunk", "400")
def trailers(bench):
    return with_headers(bench, ("Transfer-Encoding", "chunked"), body=b"0\r\n" + b"X: y\r\n" * 100_000 + b"\r\n")


@case(GROUP, "a header of 1 MB", "431")
def long_header(bench):
    return with_headers(bench, ("X", "y" * 1_000_000))


@case(GROUP, "10,000 headers", "431")
def many_headers(bench):
    return with_headers(bench, *[(f"X-{i}", "y") for i in range(10_000)])


@case(GROUP, "an address of 64 KB", "431")
def long_path(bench):
    return raw(bench, http1.head("POST", "/v1/" + "x" * 65_536, [KIND, ("Content-Length", 0)]))


@case(GROUP, "a header without a colon", "400")
def no_colon(bench):
    return raw(bench, b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nbroken\r\nContent-Length: 0\r\n\r\n")


@case(GROUP, "a header that goes on in the next line (RFC 9112 lets it be joined)", "200")
def folded(bench):
    return with_headers(bench, ("X", "a\r\n b"), ("Content-Length", 0))


@case(GROUP, "a zero byte in a header", "400")
def nul_header(bench):
    return with_headers(bench, ("X", "a\0b"), ("Content-Length", 0))


@case(GROUP, "lines that end in LF alone", "400")
def bare_lf(bench):
    return raw(bench, b"GET /v1/traces HTTP/1.1\nHost: x\n\n", 15)


@case(GROUP, "GET /v1/traces", "405 Allow POST")
def get_traces(bench):
    return raw(bench, http1.head("GET"))


@case(GROUP, "PUT /v1/traces", "405 Allow POST")
def put_traces(bench):
    return raw(bench, http1.head("PUT", headers=[KIND, ("Content-Length", 0)]))


@case(GROUP, "TRACE /v1/traces", "405 Allow POST")
def trace_traces(bench):
    return raw(bench, http1.head("TRACE"))


@case(GROUP, "CONNECT example.com:80", "400")
def connect(bench):
    return raw(bench, http1.head("CONNECT", "example.com:80"))


@case(GROUP, "the method FLY", "405 Allow POST")
def fly(bench):
    return raw(bench, http1.head("FLY"))


@case(GROUP, "POST /v1/unknown", "404")
def unknown_path(bench):
    return raw(bench, http1.post(b"", path="/v1/unknown"))


@case(GROUP, "POST /v1/metrics and /v1/logs, which are not received yet", "404")
def other_signals(bench):
    return raw(bench, http1.post(b"", path="/v1/metrics")) + " / " + raw(bench, http1.post(b"", path="/v1/logs"))


@case(GROUP, "POST /v1/../../etc/passwd", "404")
def climbing_path(bench):
    return raw(bench, http1.post(b"", path="/v1/../../etc/passwd"))


@case(GROUP, "an absolute address of another host", "200")
def absolute(bench):
    return raw(bench, http1.post(b"", path="http://example.com/v1/traces"))


@case(GROUP, "Expect: 100-continue before 1 TB", "413")
def expect(bench):
    return with_headers(bench, ("Expect", "100-continue"), ("Content-Length", 1 << 40))


@case(GROUP, "1,000 requests sent before the first answer is read", "1000 times 200")
def pipelined(bench):
    body = good_request()
    with http1.Connection(bench.otlp_http) as connection:
        answers = [connection.exchange(http1.post(body) * 1000)]
        while len(answers) < 1000 and answers[-1].status == 200:
            answers.append(connection.exchange())
    return f"{sum(a.status == 200 for a in answers)} times 200"
