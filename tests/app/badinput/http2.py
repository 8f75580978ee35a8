"""HTTP/2 frames and gRPC calls by hand (RFC 9113, RFC 7541), as far as misusing them needs."""
import socket
import struct
import time
import urllib.parse

from badinput import http1

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 1, 4, 1
ERRORS = {0: "NO_ERROR", 1: "PROTOCOL_ERROR", 2: "INTERNAL_ERROR", 3: "FLOW_CONTROL_ERROR", 5: "STREAM_CLOSED",
          6: "FRAME_SIZE_ERROR", 7: "REFUSED_STREAM", 8: "CANCEL", 9: "COMPRESSION_ERROR", 11: "ENHANCE_YOUR_CALM"}
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
# RFC 7541 appendix A, as far as a gRPC server uses it in answers.
STATIC = {8: (":status", "200"), 9: (":status", "204"), 10: (":status", "206"), 11: (":status", "304"),
          12: (":status", "400"), 13: (":status", "404"), 14: (":status", "500"), 31: ("content-type", ""),
          16: ("accept-encoding", "gzip, deflate"), 26: ("content-encoding", ""), 28: ("content-length", "")}
STATIC_SIZE = 61


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def hpack_integer(value, bits, first):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytes([first | limit]), value - limit
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def hpack_text(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return hpack_integer(len(raw), 7, 0) + raw


def hpack(headers):
    """Literals without indexing."""
    return b"".join(b"\0" + hpack_text(name) + hpack_text(value) for name, value in headers)


def call_headers(path=EXPORT, more=(), content_type="application/grpc"):
    return [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
            ("content-type", content_type), *more]


def message(body, compressed=0):
    """A gRPC message with its five bytes of prefix."""
    return bytes([compressed]) + struct.pack(">I", len(body)) + body


class HeaderReader:
    """Decodes header blocks. Huffman texts stay undecoded: only binary trailers come so, and nothing reads those."""

    def __init__(self):
        self.table = []

    def integer(self, block, at, bits):
        value = block[at] & (1 << bits) - 1
        at += 1
        if value < (1 << bits) - 1:
            return value, at
        shift = 0
        while True:
            value += (block[at] & 0x7F) << shift
            shift += 7
            at += 1
            if block[at - 1] < 0x80:
                return value, at

    def text(self, block, at):
        huffman = block[at] & 0x80
        size, at = self.integer(block, at, 7)
        raw = block[at:at + size]
        return ("(huffman)" if huffman else raw.decode("latin-1")), at + size

    def entry(self, index):
        if index > STATIC_SIZE:
            return self.table[index - STATIC_SIZE - 1]
        return STATIC.get(index, (f"static-{index}", ""))

    def read(self, block):
        headers, at = {}, 0
        while at < len(block):
            first = block[at]
            if first & 0x80:
                index, at = self.integer(block, at, 7)
                name, value = self.entry(index)
            elif first & 0xE0 == 0x20:
                _, at = self.integer(block, at, 5)
                continue
            else:
                index, at = self.integer(block, at, 6 if first & 0x40 else 4)
                name, at = (self.entry(index)[0], at) if index else self.text(block, at)
                value, at = self.text(block, at)
                if first & 0x40:
                    self.table.insert(0, (name, value))
            headers[name] = value
        return headers


class Connection:
    """One HTTP/2 connection. Frames that come back are gathered by stream; flow control is kept by default."""

    def __init__(self, address, preface=True, settings=b""):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=http1.ANSWER_SECONDS_MAX)
        self.socket.setblocking(False)
        self.reader = HeaderReader()
        self.headers, self.data, self.ended = {}, {}, {}
        self.window, self.stream_windows, self.initial_window, self.sent = 65535, {}, 65535, {}
        self.goaway = self.closed = ""
        self.pings = 0
        self.received, self.outgoing, self.next_stream = b"", b"", 1
        if preface:
            self.outgoing += PREFACE + frame(SETTINGS, 0, 0, settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.outgoing += data

    def pump(self, until, seconds=http1.ANSWER_SECONDS_MAX):
        """Sends what waits and receives until `until()` holds, the connection closes, or time is over."""
        deadline = time.monotonic() + seconds
        while not until() and not self.closed:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            readable, writable = http1.ready(self.socket, bool(self.outgoing), left)
            try:
                if readable:
                    self.receive()
                if writable:
                    self.outgoing = self.outgoing[self.socket.send(self.outgoing[:1 << 20]):]
            except (BrokenPipeError, ConnectionResetError):
                self.drain()
                self.closed = "connection closed"
        return until()

    def drain(self):
        """What came before a reset."""
        try:
            while self.receive():
                pass
        except OSError:
            pass

    def receive(self):
        data = self.socket.recv(1 << 20)
        if not data:
            self.closed = "connection closed"
        self.received += data
        while len(self.received) >= 9:
            size = int.from_bytes(self.received[:3], "big")
            if len(self.received) < 9 + size:
                break
            kind, flags = self.received[3], self.received[4]
            stream = struct.unpack(">I", self.received[5:9])[0] & 0x7FFFFFFF
            payload, self.received = self.received[9:9 + size], self.received[9 + size:]
            self.on_frame(kind, flags, stream, payload)
        return bool(data)

    def on_frame(self, kind, flags, stream, payload):
        if kind == HEADERS:
            self.headers.setdefault(stream, {}).update(self.reader.read(payload))
        elif kind == DATA:
            self.data[stream] = self.data.get(stream, b"") + payload
        elif kind == RST_STREAM:
            self.ended[stream] = f"RST_STREAM {ERRORS.get(struct.unpack('>I', payload)[0], '?')}"
        elif kind == GOAWAY:
            self.goaway = f"GOAWAY {ERRORS.get(struct.unpack('>I', payload[4:8])[0], '?')}"
        elif kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload), 6):
                name, value = struct.unpack(">HI", payload[at:at + 6])
                if name == 4:
                    self.initial_window = value
            self.outgoing += frame(SETTINGS, ACK, 0)
        elif kind == PING and flags & ACK:
            self.pings += 1
        elif kind == PING:
            self.outgoing += frame(PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE:
            grown = struct.unpack(">I", payload)[0] & 0x7FFFFFFF
            if stream == 0:
                self.window += grown
            else:
                self.stream_windows[stream] = self.stream_windows.get(stream, 0) + grown
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            self.ended.setdefault(stream, "ended")

    def open(self, headers):
        """A new stream; its number."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.send(frame(HEADERS, END_HEADERS, stream, hpack(headers)))
        return stream

    def send_data(self, stream, data, end=True, seconds=http1.ANSWER_SECONDS_MAX):
        """Data within the windows; stops when the stream ends early."""
        view = memoryview(data)

        def room():
            return min(self.window, self.initial_window + self.stream_windows.get(stream, 0) - self.sent.get(stream, 0))
        while view and stream not in self.ended and not self.closed:
            if not self.pump(lambda: room() > 0 or stream in self.ended, seconds):
                return
            piece = view[:min(room(), 16384)] if stream not in self.ended else b""
            view = view[len(piece):]
            self.window -= len(piece)
            self.sent[stream] = self.sent.get(stream, 0) + len(piece)
            self.send(frame(DATA, END_STREAM if end and not view else 0, stream, bytes(piece)))
            self.pump(lambda: len(self.outgoing) < 1 << 20, seconds)
        if not data and end:
            self.send(frame(DATA, END_STREAM, stream))

    def outcome(self, stream, seconds=http1.ANSWER_SECONDS_MAX):
        """How a call ended, as one line."""
        self.pump(lambda: stream in self.ended or self.goaway, seconds)
        headers = self.headers.get(stream, {})
        if "grpc-status" in headers:
            code = int(headers["grpc-status"])
            text = urllib.parse.unquote(headers.get("grpc-message", ""))
            body = self.data.get(stream, b"")
            if code == 0 and len(body) > 5:
                text = http1.protobuf_text(200, body[5:])
            return f"{http1.CODES.get(code, code)}{': ' + text if text else ''}"
        if headers.get(":status", "200") != "200":
            return f"HTTP {headers[':status']}"
        return self.ended.get(stream) or self.goaway or self.closed or "no answer"


def call(address, body, path=EXPORT, more=(), content_type="application/grpc"):
    """One unary call; `body` with its prefix. How it ended."""
    with Connection(address) as connection:
        stream = connection.open(call_headers(path, more, content_type))
        connection.send_data(stream, body)
        return connection.outcome(stream)


def export(address, request, compressed=0, more=()):
    return call(address, message(request, compressed), more=more)
