"""The rules of W3C Trace Context, level 2, against the running http_echo over real sockets.

Usage: http_echo_test.py PATH_OF_HTTP_ECHO

Each case sends a request with certain headers, asks for one call back, and looks at the headers of that call.
"""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import unittest

TRACE = "12345678901234567890123456789012"
PARENT = "1234567890123456"
GOOD = f"00-{TRACE}-{PARENT}-01"
NOT_SAMPLED = f"00-{TRACE}-{PARENT}-00"
WAIT_S = 30
FORM = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])$")


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps the headers and bodies of what is posted to it, by path."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Condition()
        self.calls = {}
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def take(self, path):
        with self.lock:
            return self.calls.pop(path, [])

    def wait_for(self, path, accept):
        with self.lock:
            return self.lock.wait_for(lambda: any(accept(body) for _, body in self.calls.get(path, [])), WAIT_S)

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.server.lock:
            self.server.calls.setdefault(self.path, []).append((self.headers.items(), body))
            self.server.lock.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Service:
    """A running http_echo."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen([PROGRAM, *arguments, "0"], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        line = self.process.stdout.readline()
        self.port = int(re.match(r"listening on http://127\.0\.0\.1:(\d+)/", line).group(1))

    def send(self, payload, headers=(), method="POST"):
        """The status of the answer. Headers go out byte for byte, in their order."""
        head = f"{method} /test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(payload)}\r\n".encode()
        for name, value in headers:
            head += name.encode("latin-1") + b":" + value.encode("latin-1") + b"\r\n"
        return self.send_bytes(head + b"\r\n" + payload)

    def send_bytes(self, data):
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S) as connection:
            answer = b""
            try:
                connection.sendall(data)
                while chunk := connection.recv(65536):
                    answer += chunk
            except ConnectionError:
                pass  # refused before all was read
        return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        return self.process.wait(WAIT_S)


class Case(unittest.TestCase):
    keys = "1"

    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.service = Service("--trace-state-keys", cls.keys)

    @classmethod
    def tearDownClass(cls):
        assert cls.service.stop() == 0
        cls.receiver.stop()

    def calls(self, headers, count=1):
        """The headers of the calls that a request with these headers leads to, as lists of pairs."""
        paths = [f"/callback/{i}" for i in range(count)]
        payload = json.dumps([{"url": self.receiver.url(path), "arguments": []} for path in paths]).encode()
        self.assertEqual(self.service.send(payload, headers), 200)
        made = [self.receiver.take(path) for path in paths]
        for call in made:
            self.assertEqual(len(call), 1)
            self.assertEqual(call[0][1], b"[]")
        return [call[0][0] for call in made]

    def context(self, headers):
        """Trace id, parent id, flags and trace state that go on."""
        sent = self.calls(headers)[0]
        parents = [value for name, value in sent if name.lower() == "traceparent"]
        states = [value for name, value in sent if name.lower() == "tracestate"]
        self.assertEqual(len(parents), 1)
        self.assertLessEqual(len(states), 1)
        match = FORM.match(parents[0])
        self.assertTrue(match, parents[0])
        trace, parent, flags = match.groups()
        self.assertNotEqual(trace, "0" * 32)
        self.assertNotEqual(parent, "0" * 16)
        self.assertNotEqual(parent, PARENT)
        return trace, parent, flags, states[0] if states else ""


class Traceparent(Case):
    def test_a_trace_begins_where_there_is_none(self):
        trace, _, flags, state = self.context([])
        self.assertNotEqual(trace, TRACE)
        self.assertEqual((flags, state), ("03", ""))

    def test_a_trace_goes_on(self):
        self.assertEqual(self.context([("traceparent", GOOD)])[0], TRACE)
        self.assertEqual(self.context([("traceparent", GOOD)])[2], "01")
        self.assertEqual(self.context([("traceparent", NOT_SAMPLED)])[2], "00")

    def test_names_are_read_in_any_case(self):
        for name in ("TraceParent", "TrAcEpArEnT", "TRACEPARENT"):
            self.assertEqual(self.context([(name, GOOD)])[0], TRACE, name)
        for name in ("trace-parent", "trace.parent", "trace_parent"):
            self.assertNotEqual(self.context([(name, GOOD)])[0], TRACE, name)

    def test_blanks_around_the_value_do_not_matter(self):
        for value in (" " + GOOD, "\t" + GOOD, GOOD + " ", GOOD + "\t", "\t " + GOOD + " \t"):
            self.assertEqual(self.context([("traceparent", value)])[0], TRACE, repr(value))

    def test_two_traceparents_are_none(self):
        first = f"00-{TRACE[:-1]}1-{PARENT}-01"
        trace = self.context([("traceparent", first), ("traceparent", GOOD)])[0]
        self.assertNotIn(trace, (TRACE, TRACE[:-1] + "1"))
        self.assertNotEqual(self.context([("traceparent", GOOD), ("traceparent", GOOD)])[0], TRACE)

    def test_later_versions_are_read_as_far_as_this_one_goes(self):
        for value in (f"cc-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-01-what-the-future-will-be-like",
                      f"01-{TRACE}-{PARENT}-01", f"fe-{TRACE}-{PARENT}-01-"):
            trace, _, flags, _ = self.context([("traceparent", value)])
            self.assertEqual((trace, flags), (TRACE, "01"), value)

    def test_unknown_flags_are_not_sent_on(self):
        for flags, sent in (("ff", "03"), ("09", "01"), ("fc", "00"), ("02", "02"), ("08", "00")):
            self.assertEqual(self.context([("traceparent", f"00-{TRACE}-{PARENT}-{flags}")])[2], sent, flags)

    def test_what_is_malformed_begins_a_trace_of_its_own_without_a_state(self):
        tail = f"-{TRACE}-{PARENT}-01"
        for value in ("", "x", "00", "00-", "00" + tail + ".", "00" + tail + "-what-the-future-will-be-like",
                      "cc" + tail + ".what-the-future-will-be-like", "cc" + tail + "0", "ff" + tail, "FF" + tail,
                      ".0" + tail, "0." + tail, "0A" + tail, "000" + tail, "0000" + tail, "0" + tail, tail,
                      f"00-{'0' * 32}-{PARENT}-01", f"00-.{TRACE[1:]}-{PARENT}-01", f"00-{TRACE[:-1]}.-{PARENT}-01",
                      f"00-{TRACE}3-{PARENT}-01", f"00-{TRACE[:-1]}-{PARENT}-01", f"00-{TRACE[:-1]}A-{PARENT}-01",
                      f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-.{PARENT[1:]}-01", f"00-{TRACE}-{PARENT[:-1]}.-01",
                      f"00-{TRACE}-{PARENT[:-1]}B-01", f"00-{TRACE}-{PARENT}7-01", f"00-{TRACE}-{PARENT[:-1]}-01",
                      f"00-{TRACE}-{PARENT}-.0", f"00-{TRACE}-{PARENT}-0.", f"00-{TRACE}-{PARENT}-0A",
                      f"00-{TRACE}-{PARENT}-001", f"00-{TRACE}-{PARENT}-1", f"00-{TRACE}-{PARENT}",
                      f"00_{TRACE}-{PARENT}-01", f"00-{TRACE}_{PARENT}-01", f"00-{TRACE}-{PARENT}_01",
                      GOOD + "," + GOOD, "0" * 5000, "\xff" * 55):
            trace, _, _, state = self.context([("traceparent", value), ("tracestate", "foo=1")])
            self.assertNotIn(trace, (TRACE, TRACE[:-1], TRACE[1:]), value)
            self.assertEqual(state, "", value)

    def test_each_call_has_a_parent_id_of_its_own(self):
        for headers in ([("traceparent", GOOD)], [], [("traceparent", f"00-{'0' * 32}-{PARENT}-01")]):
            found = [FORM.match(dict(call)["traceparent"]).groups() for call in self.calls(headers, 3)]
            self.assertEqual(len({parent for _, parent, _ in found}), 3)
            self.assertEqual(len({trace for trace, _, _ in found}), 1)
            self.assertEqual(found[0][0] == TRACE, headers == [("traceparent", GOOD)])


class Tracestate(Case):
    def state(self, *states):
        trace, _, _, state = self.context([("traceparent", NOT_SAMPLED), *(("tracestate", one) for one in states)])
        self.assertEqual(trace, TRACE)  # whatever is wrong with the state
        return state

    def test_is_inherited_in_its_order(self):
        self.assertEqual(self.state("foo=1,bar=2"), "foo=1,bar=2")
        self.assertEqual(self.state("foo=1,bar=2", "rojo=1,congo=2", "baz=3"), "foo=1,bar=2,rojo=1,congo=2,baz=3")

    def test_is_dropped_without_a_traceparent(self):
        self.assertEqual(self.context([("tracestate", "foo=1,bar=2")])[3], "")

    def test_names_are_read_in_any_case(self):
        for name in ("TraceState", "TrAcEsTaTe", "TRACESTATE"):
            self.assertEqual(self.context([("traceparent", GOOD), (name, "foo=1")])[3], "foo=1")
        for name in ("trace-state", "trace.state"):
            self.assertEqual(self.context([("traceparent", GOOD), (name, "foo=1")])[3], "")

    def test_empty_headers_and_members_are_nothing(self):
        self.assertEqual(self.state(""), "")
        self.assertEqual(self.state("foo=1", ""), "foo=1")
        self.assertEqual(self.state("", "foo=1"), "foo=1")
        self.assertEqual(self.state("foo=1,,, ,\t,bar=2,"), "foo=1,bar=2")

    def test_blanks_around_members_do_not_matter(self):
        for state in ("foo=1 \t , \t bar=2, \t baz=3", "foo=1\t \t,\t \tbar=2,\t \tbaz=3", " foo=1,bar=2,baz=3\t"):
            self.assertEqual(self.state(state), "foo=1,bar=2,baz=3")

    def test_all_allowed_characters_are_kept(self):
        key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
        value = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in ",=")
        for name in (key, key + "@a-z0-9_-*/", "0a", "a@b"):
            self.assertEqual(self.state(f"{name}={value}"), f"{name}={value}")

    def test_one_bad_member_takes_all_with_it(self):
        for states in (("foo=1,foo=1",), ("foo=1,foo=2",), ("foo=1", "foo=1"), ("foo=1", "foo=2"), ("foo =1",),
                       ("FOO=1",), ("foo.bar=1",), ("@foo=1,bar=2",), ("foo=bar=baz",), ("foo=,bar=3",), ("foo",),
                       ("=1",), ("foo=1", "z" * 257 + "=1"), ("foo=1,bar=" + "x" * 257,), ("foo=\x7f",),
                       ("foo=a\tb",), ("foo=\xe9",)):
            self.assertEqual(self.state(*states), "", states)

    def test_has_room_for_32_members_and_256_characters(self):
        members = [f"bar{i:02}={i:02}" for i in range(1, 34)]
        headers = [",".join(members[at:at + 10]) for at in range(0, 30, 10)]
        self.assertEqual(self.state(*headers, ",".join(members[30:32])), ",".join(members[:32]))
        self.assertEqual(self.state(*headers, ",".join(members[30:33])), "")
        self.assertEqual(self.state("foo=1", "z" * 256 + "=1"), "foo=1," + "z" * 256 + "=1")
        self.assertEqual(self.state("foo=" + "x" * 256), "foo=" + "x" * 256)

    def test_512_characters_are_sent_on_and_more_lose_whole_members(self):
        fits = ",".join(f"k{i}=" + "x" * 98 for i in range(4)) + ",last=" + "y" * 99
        self.assertEqual(len(fits), 512)
        self.assertEqual(self.state(fits), fits)
        self.assertEqual(self.state(fits + "y"), fits[:fits.rindex(",")])
        self.assertEqual(self.state("long=" + "z" * 130 + "," + fits), fits)

    def test_where_at_signs_may_stand_depends_on_the_level(self):
        tenant = "foo=1," + "t" * 241 + "@" + "v" * 14 + "=1"
        self.assertEqual(self.state(tenant), tenant)
        for state in ("foo@=1,bar=2", "foo@@bar=1,bar=2", "foo@bar@baz=1,bar=2", "foo=1," + "t" * 242 + "@v=1",
                      "foo=1,t@" + "v" * 15 + "=1"):
            self.assertEqual(self.state(state), state if self.keys == "2" else "", state)

    def test_hostile_headers_are_dropped(self):
        self.assertEqual(self.state("," * 8192), "")
        self.assertEqual(self.state(",".join(f"k{i}=v" for i in range(1000))), "")
        self.assertEqual(self.state(*(f"k{i}=v" for i in range(2000))), "")


class TracestateLevel2(Tracestate):
    keys = "2"


class Calls(Case):
    def test_baggage_goes_along(self):
        call = dict(self.calls([("baggage", "user=a%20b;p=1, x = 2")])[0])
        self.assertEqual(call["baggage"], "user=a%20b;p=1,x=2")

    def test_ten_thousand_baggage_members_do_no_harm(self):
        members = ",".join(f"k{i}=v" for i in range(7000))
        call = dict(self.calls([("baggage", members)])[0])
        self.assertEqual(len(call["baggage"].split(",")), 64)

    def test_arguments_are_sent_as_they_came(self):
        arguments = [{"url": self.receiver.url("/x"), "arguments": [{"url": "a\\\"]}", "arguments": None}]}]
        payload = json.dumps([{"arguments": arguments, "url": self.receiver.url("/deep"), "more": {"a": [1, {}]}}])
        self.assertEqual(self.service.send(payload.encode()), 200)
        self.assertEqual(json.loads(self.receiver.take("/deep")[0][1]), arguments)
        self.assertEqual(self.service.send(b"[]"), 200)
        self.assertEqual(self.service.send(json.dumps({"url": self.receiver.url("/one")}).encode()), 200)
        self.assertEqual(self.receiver.take("/one")[0][1], b"[]")

    def test_it_can_call_itself(self):
        own = f"http://127.0.0.1:{self.service.port}/test"
        nested = [{"url": self.receiver.url("/end"), "arguments": []}]
        for _ in range(4):
            nested = [{"url": own, "arguments": nested}]
        self.assertEqual(self.service.send(json.dumps(nested).encode(), [("traceparent", GOOD)]), 200)
        self.assertIn(TRACE, dict(self.receiver.take("/end")[0][0])["traceparent"])

    def test_what_it_does_not_understand_it_refuses(self):
        for payload in (b"", b"{", b"nonsense", b"[1]", b'[{"url":1}]', b'[{"url":"x"}', b'[{"url":"x"}]x',
                        b'[{"url" "x"}]', b'[{"url":"x",}', b"[" * 100000, b'[{"a":' + b"[" * 100000,
                        b'[' + b'{"url":"x"},' * 200 + b'{}]'):
            self.assertEqual(self.service.send(payload), 400, payload[:40])
        self.assertEqual(self.service.send(b"[]", method="GET"), 405)
        self.assertEqual(self.service.send_bytes(b"nonsense\r\n\r\n"), 400)
        self.assertEqual(self.service.send_bytes(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"), 413)
        self.assertEqual(self.service.send_bytes(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411)
        self.assertIn(self.service.send_bytes(b"POST / HTTP/1.1\r\nx: " + b"y" * 100000), (431, 0))

    def test_a_call_that_fails_does_not_fail_the_request(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        payload = json.dumps([{"url": f"http://127.0.0.1:{port}/"}, {"url": self.receiver.url("/after")}]).encode()
        self.assertEqual(self.service.send(payload), 200)
        self.assertEqual(len(self.receiver.take("/after")), 1)

    def test_its_spans_are_sent(self):
        service = Service(OTEL_EXPORTER_OTLP_ENDPOINT=self.receiver.url(""))
        payload = json.dumps([{"url": self.receiver.url("/traced?token=hidden")}]).encode()
        self.assertEqual(service.send(payload, [("traceparent", GOOD)]), 200)
        self.assertEqual(service.stop(), 0)
        trace = bytes.fromhex(TRACE)
        self.assertTrue(self.receiver.wait_for("/v1/traces", lambda body: trace in body))
        bodies = b"".join(body for _, body in self.receiver.take("/v1/traces"))
        self.assertEqual(bodies.count(trace), 2)  # the server's span and the client's
        self.assertIn(bytes.fromhex(PARENT), bodies)
        self.assertIn(b"token=REDACTED", bodies)
        self.assertNotIn(b"hidden", bodies)

    def test_arguments_that_are_none_are_refused(self):
        for arguments in (["--trace-state-keys", "3"], ["--trace-state-keys"], ["70000"], ["x"]):
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=WAIT_S)
            self.assertEqual((done.returncode, done.stderr), (2, "usage: http_echo [--trace-state-keys 1|2] [PORT]\n"))

    def test_a_port_that_is_taken_is_an_error_that_says_so(self):
        done = subprocess.run([PROGRAM, str(self.service.port)], capture_output=True, text=True, timeout=WAIT_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{self.service.port} cannot be listened on: Address already in use", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
