"""The API and page on 8420: parameters, addresses, foreign hosts."""
from badinput import http1
from badinput.table import case

GROUP = "API on 8420"


def get(bench, path, *headers, method="GET", host="127.0.0.1"):
    return str(http1.ask(bench.http, http1.head(method, path, headers, host)))


@case(GROUP, "a trace id that is too short", "400 invalid_argument")
def short_id(bench):
    return get(bench, "/api/traces/abc")


@case(GROUP, "a trace id of zeros", "400 invalid_argument")
def zero_id(bench):
    return get(bench, "/api/traces/" + "0" * 32)


@case(GROUP, "a trace id that nobody sent", "404 not_found")
def unknown_id(bench):
    return get(bench, "/api/traces/" + "ab" * 16)


@case(GROUP, "a trace id with %00 in it", "404 not_found")
def nul_id(bench):
    return get(bench, "/api/traces/" + "a" * 31 + "%00")


@case(GROUP, "a trace id of 10 KB", "400 invalid_argument")
def long_id(bench):
    return get(bench, "/api/traces/" + "a" * 10_000)


@case(GROUP, "a span id of 15 digits", "400 invalid_argument")
def short_span(bench):
    return get(bench, "/api/traces/" + "ab" * 16 + "/spans/" + "a" * 15)


@case(GROUP, "cursor=garbage", "400 invalid_argument")
def garbage_cursor(bench):
    return get(bench, "/api/traces?cursor=garbage")


@case(GROUP, "a cursor of 4 KB", "400 invalid_argument")
def long_cursor(bench):
    return get(bench, "/api/traces?cursor=" + "A" * 4096)


@case(GROUP, "limit=0", "400 invalid_argument")
def limit_zero(bench):
    return get(bench, "/api/traces?limit=0")


@case(GROUP, "limit=18446744073709551616", "400 invalid_argument")
def limit_huge(bench):
    return get(bench, "/api/traces?limit=18446744073709551616")


@case(GROUP, "limit=-5", "400 invalid_argument")
def limit_negative(bench):
    return get(bench, "/api/traces?limit=-5")


@case(GROUP, "limit given twice", "400 invalid_argument")
def limit_twice(bench):
    return get(bench, "/api/traces?limit=5&limit=6")


@case(GROUP, "from=yesterday-ish", "400 invalid_argument")
def bad_time(bench):
    return get(bench, "/api/traces?from=yesterday-ish")


@case(GROUP, "from=2026-02-30T00:00:00Z", "400 invalid_argument")
def february(bench):
    return get(bench, "/api/traces?from=2026-02-30T00:00:00Z")


@case(GROUP, "from after to", "400 invalid_argument")
def reversed_times(bench):
    return get(bench, "/api/traces?from=now&to=now-1h")


@case(GROUP, "state=sleeping", "400 invalid_argument")
def bad_state(bench):
    return get(bench, "/api/traces?state=sleeping")


@case(GROUP, "a parameter that does not exist", "400 invalid_argument")
def unknown_parameter(bench):
    return get(bench, "/api/traces?servise=x")


@case(GROUP, "a broken %-escape", "400 invalid_argument")
def broken_escape(bench):
    return get(bench, "/api/traces?service=%zz")


@case(GROUP, "2,000 parameters", "400 invalid_argument")
def many_parameters(bench):
    return get(bench, "/api/traces?" + "&".join(["service=x"] * 2_000))


@case(GROUP, "250 filters", "400 invalid_argument")
def many_filters(bench):
    return get(bench, "/api/traces?" + "&".join(f"service=x{i}" for i in range(250)))


@case(GROUP, "a filter whose quotation never closes", "400 invalid_argument")
def open_quote(bench):
    return get(bench, "/api/traces?attr=span.x%3D%22abc")


@case(GROUP, "an address that does not exist", "404 not_found")
def unknown_address(bench):
    return get(bench, "/api/secrets")


@case(GROUP, "/api/../../etc/passwd", "404 not_found")
def climbing(bench):
    return get(bench, "/api/../../etc/passwd")


@case(GROUP, "/assets/..%2f..%2fetc%2fpasswd", "404 not_found")
def climbing_asset(bench):
    return get(bench, "/assets/..%2f..%2fetc%2fpasswd")


@case(GROUP, "DELETE /api/traces", "405 Allow GET, HEAD")
def delete(bench):
    return get(bench, "/api/traces", method="DELETE")


@case(GROUP, "a foreign Host, as a page that rebinds its name would send", "403 permission_denied")
def foreign_host(bench):
    return get(bench, "/api/traces", host="evil.example")


@case(GROUP, "a Host with a user and a space in it", "403 permission_denied")
def strange_host(bench):
    return get(bench, "/api/traces", host="a b@127.0.0.1")


@case(GROUP, "a foreign Origin", "403 permission_denied")
def foreign_origin(bench):
    return get(bench, "/api/traces", ("Origin", "https://evil.example"))


@case(GROUP, "Origin: null, as a sandboxed frame sends", "403 permission_denied")
def null_origin(bench):
    return get(bench, "/api/traces", ("Origin", "null"))


@case(GROUP, "POST /api/test-trace from a foreign page", "403 permission_denied")
def foreign_post(bench):
    return get(bench, "/api/test-trace", ("Origin", "https://evil.example"), ("Content-Length", 0), method="POST")


@case(GROUP, "POST /api/test-trace with a body of 100 MB", "413")
def large_post(bench):
    head = http1.head("POST", "/api/test-trace", [("Content-Length", 100_000_000)])
    return str(http1.ask(bench.http, head + bytes(100_000_000)))


@case(GROUP, "OTLP sent to the page's port", "404 not_found")
def wrong_port(bench):
    return str(http1.ask(bench.http, http1.post(b"")))


@case(GROUP, "300 questions at once: each is answered or told to come back", "every one answered")
def many_questions(bench):
    connections = [http1.Connection(bench.http) for _ in range(300)]
    request = http1.head("GET", "/api/traces/overview")
    for connection in connections:
        connection.socket.setblocking(True)
        connection.socket.sendall(request)
        connection.socket.setblocking(False)
    seen = {connection.exchange().status for connection in connections}
    for connection in connections:
        connection.close()
    return "every one answered" if seen <= {200, 503, 429} else f"answers {sorted(seen)}"
