"""HTTP/1.1 by hand: bytes out, bytes in, and what came back in one line."""
import json
import select
import socket
import time

from badinput import protobuf

ANSWER_SECONDS_MAX = 300  # then it hangs
# google.rpc.Code, as far as it is answered.
CODES = {0: "OK", 3: "INVALID_ARGUMENT", 4: "DEADLINE_EXCEEDED", 5: "NOT_FOUND", 8: "RESOURCE_EXHAUSTED", 12: "UNIMPLEMENTED", 13: "INTERNAL",
         14: "UNAVAILABLE", 16: "UNAUTHENTICATED"}


class Answer:
    """One answer, or why there was none (`status` 0, `note`)."""

    def __init__(self, status=0, headers=None, body=b"", note=""):
        self.status, self.headers, self.body, self.note = status, headers or {}, body, note

    def __str__(self):
        if self.status == 0:
            return self.note
        words = [str(self.status)]
        kind = self.headers.get("content-type", "")
        if "Retry-After".lower() in self.headers:
            words.append(f"Retry-After {self.headers['retry-after']}")
        if self.status == 405:
            words.append(f"Allow {self.headers.get('allow', '?')}")
        text = json_text(self.body) if "json" in kind else protobuf_text(self.status, self.body) if "protobuf" in kind else ""
        return " ".join(words + ([text] if text else []))


def json_text(body):
    """Status, partial success or API error of a JSON body."""
    value = json.loads(body) if body else {}
    if "error" in value:
        return f"{value['error']['code']}: {value['error']['message']}"
    if "partialSuccess" in value:
        partial = value["partialSuccess"]
        return f"{partial.get('rejectedSpans', '0')} rejected: {partial.get('errorMessage', '')}"
    if "message" in value:
        return f"{CODES.get(value.get('code'), value.get('code'))}: {value['message']}"
    return ""


def protobuf_text(status, body):
    """The same of a protobuf body."""
    fields = dict(protobuf.read_fields(body))
    if status == 200:
        partial = dict(protobuf.read_fields(fields.get(1, b"")))
        return f"{partial.get(1, 0)} rejected: {partial.get(2, b'').decode()}" if partial else ""
    return f"{CODES.get(fields.get(1), fields.get(1))}: {fields.get(2, b'').decode()}"


def parse(data, closed):
    """(answer, bytes used), or None while it is incomplete. 100 Continue is skipped."""
    skipped = 0
    while True:
        end = data.find(b"\r\n\r\n", skipped)
        if end < 0:
            return None
        lines = data[skipped:end].decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        if status != 100:
            break
        skipped = end + 4
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    begin = end + 4
    if "content-length" in headers:
        size = int(headers["content-length"])
        return (Answer(status, headers, data[begin:begin + size]), begin + size) if len(data) >= begin + size else None
    if status in (204, 304):
        return Answer(status, headers), begin
    return (Answer(status, headers, data[begin:]), len(data)) if closed else None


def ready(one, wants_to_write, seconds):
    """(readable, writable). Not select(), which ends at descriptor 1,024."""
    poller = select.poll()
    poller.register(one, select.POLLIN | (select.POLLOUT if wants_to_write else 0))
    events = sum(event for _, event in poller.poll(seconds * 1000))
    return events & ~select.POLLOUT != 0, events & select.POLLOUT != 0


class Connection:
    """A socket that sends and receives at once, so that an early answer is seen while a body is still going out."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS_MAX)
        self.socket.setblocking(False)
        self.received = b""
        self.closed = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def exchange(self, data=b"", seconds=ANSWER_SECONDS_MAX):
        """Sends `data`, returns the next answer."""
        view, deadline = memoryview(data), time.monotonic() + seconds
        while True:
            parsed = parse(self.received, bool(self.closed))
            if parsed:
                self.received = self.received[parsed[1]:]
                return parsed[0]
            if self.closed:
                return Answer(note=self.closed)
            left = deadline - time.monotonic()
            if left <= 0:
                return Answer(note="no answer")
            readable, writable = ready(self.socket, bool(view), left)
            if readable:
                self.receive()
            if writable and not self.closed:
                view = self.send(view)

    def send(self, view):
        try:
            return view[self.socket.send(view[:256 * 1024]):]
        except (BrokenPipeError, ConnectionResetError):
            # Half of the answer may still lie in the receive buffer.
            self.receive()
            self.closed = self.closed or "connection closed"
            return memoryview(b"")

    def receive(self):
        try:
            data = self.socket.recv(1 << 20)
            self.received += data
            if not data:
                self.closed = "connection closed"
        except ConnectionResetError:
            self.closed = "connection closed"
        except BlockingIOError:
            pass


def head(method="POST", path="/v1/traces", headers=(), host="127.0.0.1", version="HTTP/1.1"):
    """A request's head; `headers` is a list of (name, value) and stands after Host."""
    lines = [f"{method} {path} {version}"] + ([f"Host: {host}"] if host else [])
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers] + ["", ""]).encode("latin-1")


def post(body, content_type="application/x-protobuf", path="/v1/traces", headers=()):
    """A whole POST."""
    kind = [("Content-Type", content_type)] if content_type else []
    return head("POST", path, kind + list(headers) + [("Content-Length", len(body))]) + body


def ask(address, data, seconds=ANSWER_SECONDS_MAX):
    """The answer to `data` on a connection of its own."""
    with Connection(address) as connection:
        return connection.exchange(data, seconds)
