"""What tests of the whole server share: starting the real process, talking to it, making spans.

Python 3 standard library only. The binary is $SEXTANT_BIN, else build/release/sextant, else build/dev/sextant.

    with Server() as server:
        status, body = server.post_traces(otlp_request([span()]))
        status, trace = server.get_json("/api/traces/" + trace_id)
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HANG_SECONDS = 300  # what takes longer hangs: far above what a sanitized build on a busy machine needs


def binary():
    """Path of the server to test; ends the program with a sentence when there is none."""
    named = os.environ.get("SEXTANT_BIN")
    for path in [named] if named else [ROOT / "build/release/sextant", ROOT / "build/dev/sextant"]:
        if path and pathlib.Path(path).exists():
            return str(path)
    sys.exit("no server to test: build one with `make build`, or name it in SEXTANT_BIN")


class Server:
    """One server process on free loopback ports, with a data directory of its own unless one is given."""

    def __init__(self, data_dir=None, extra=(), env=None, before_exec=None):
        self.own_dir = data_dir is None
        self.data_dir = data_dir or tempfile.mkdtemp(prefix="sextant_test_")
        self.extra = list(extra)
        self.env = env
        self.before_exec = before_exec  # runs in the new process, before it becomes the server
        self.process = None
        self.addresses = {}

    def start(self):
        """Starts and waits for the ready line. RuntimeError with the server's own words when it does not come."""
        self.log = tempfile.TemporaryFile()
        command = [binary(), "serve", "--data-dir", self.data_dir, "--listen", "127.0.0.1:0",
                   "--otlp-grpc-listen", "127.0.0.1:0", "--otlp-http-listen", "127.0.0.1:0", *self.extra]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, env=self.env,
                                        preexec_fn=self.before_exec)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready "):
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"the server did not become ready: {line!r}\n{self.log_text()}")
        self.addresses = json.loads(line[len("ready "):])
        return self

    def stop(self):
        """Asks it to stop, waits, returns its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=HANG_SECONDS)
        self.process.stdout.close()
        self.process = None
        return code

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            if self.own_dir:
                shutil.rmtree(self.data_dir, ignore_errors=True)

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def peak_memory_bytes(self):
        return self._status_kib("VmHWM") * 1024

    def memory_bytes(self):
        return self._status_kib("VmRSS") * 1024

    def _status_kib(self, key):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise RuntimeError(f"{key} is not in /proc/{self.process.pid}/status")

    def request(self, method, path, body=None, headers=None, listener="http", timeout=HANG_SECONDS):
        """(status, headers, body) of one HTTP request on a connection of its own."""
        connection = http.client.HTTPConnection(self.addresses[listener], timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, _, body = self.request("GET", path)
        return status, json.loads(body)

    def metric(self, name):
        """The sum of one of the server's own metrics over its labels."""
        lines = self.request("GET", "/metrics")[2].decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def post_traces(self, request, **options):
        """Sends an OTLP/JSON request (a dict). (status, body as dict)."""
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        status, _, body = self.request("POST", "/v1/traces", json.dumps(request), headers, "otlp_http", **options)
        return status, json.loads(body) if body else None


def random_id(size, source=random):
    return bytes(source.randrange(1, 256) for _ in range(size)).hex()


def attribute(key, value):
    """An OTLP/JSON KeyValue for a str, bool, int, float, or list of these."""
    return {"key": key, "value": any_value(value)}


def any_value(value):
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(item) for item in value]}}
    return {"stringValue": value}


def span(trace_id=None, span_id=None, parent=None, name="work", start=None, duration=1_000_000, attributes=None, **more):
    """An OTLP/JSON span; times in nanoseconds."""
    start = time.time_ns() if start is None else start
    made = {"traceId": trace_id or random_id(16), "spanId": span_id or random_id(8), "name": name, "kind": 1,
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + duration),
            "attributes": [attribute(key, value) for key, value in (attributes or {}).items()], **more}
    if parent:
        made["parentSpanId"] = parent
    return made


def otlp_request(spans, service="test"):
    return {"resourceSpans": [{"resource": {"attributes": [attribute("service.name", service)]},
                               "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}


class Cases:
    """Counts and prints results; `finish()` prints 'N passed, N failed' and gives the exit code."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, good, seen=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok  ' if good else 'FAIL'} {name}{': ' + str(seen) if seen != '' else ''}", flush=True)
        return good

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0
