#!/usr/bin/env python3
"""tests/interop/run [word …]: the OpenTelemetry SDKs of Python and Go against the Sextant server. What their exporters were given
must be what the server gives back, field by field. Words choose cases by name. SEXTANT_BIN names the server; without it the
newest of build/release and build/dev.

The Python libraries go into a virtual environment under build/interop, pinned by python/requirements.txt. Go's are pinned by
go/go.mod; a Go older than 1.21 (Debian 12 has 1.19) gets go/debian12.mod, the last line of the SDK that it can build."""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "interop"
CLIENT_SECONDS_MAX = 600
READY_SECONDS_MAX = 300
DIFFERENCES_MAX = 8
GO_WITH_TOOLCHAINS = (1, 21)  # from here on Go fetches by itself the version that go.mod asks for


class Failure(Exception):
    """Ends the run with a sentence that names the cure."""


def tell(text):
    print(f"tests/interop: {text}", flush=True)


# ---- clients ----


def python_client():
    requirements = HERE / "python" / "requirements.txt"
    venv = BUILD / "venv"
    stamp = venv / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        tell("installing the Python libraries")
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(venv)],
            [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(requirements)],
        ]
        for step in steps:
            if subprocess.run(step, check=False).returncode != 0:
                raise Failure("the Python libraries were not installed; cure: apt-get install python3-venv, and a way to PyPI")
        stamp.write_text(requirements.read_text())
    return [str(venv / "bin" / "python"), str(HERE / "python" / "client.py")]


def go_client():
    go = shutil.which("go")
    if go is None:
        raise Failure("go is missing; cure: apt-get install golang-go")
    said = subprocess.run([go, "env", "GOVERSION"], cwd="/", capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in re.match(r"go(\d+)\.(\d+)", said).groups())
    modules = "go.mod" if version >= GO_WITH_TOOLCHAINS else "debian12.mod"
    client = BUILD / "go_client"
    tell(f"building the Go client ({said.strip()}, {modules})")
    command = [go, "build", "-mod=readonly", f"-modfile={modules}", "-o", str(client), "."]
    if subprocess.run(command, cwd=HERE / "go", check=False).returncode != 0:
        raise Failure("the Go client was not built; cure: a way to the Go module proxy")
    return [str(client)]


# ---- server ----


def server_binary():
    named = os.environ.get("SEXTANT_BIN")
    built = [Path(named)] if named else [ROOT / "build" / preset / "sextant" for preset in ("release", "dev")]
    built = [path for path in built if path.exists()]
    if not built:
        raise Failure("there is no server to test; cure: make build, or set SEXTANT_BIN")
    return max(built, key=lambda path: path.stat().st_mtime)


class Server:
    """`sextant serve` on free ports with a data directory of its own."""

    def __init__(self, binary):
        self.directory = tempfile.TemporaryDirectory(prefix="sextant-interop-")
        free = "127.0.0.1:0"
        command = [str(binary), "serve", "--data-dir", self.directory.name, "--listen", free]
        command += ["--otlp-grpc-listen", free, "--otlp-http-listen", free]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addresses = None

    def __enter__(self):
        late = threading.Timer(READY_SECONDS_MAX, self.process.kill)
        late.start()
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.addresses = json.loads(line.removeprefix("ready "))
                break
        late.cancel()
        if self.addresses is None:
            self.process.wait()
            self.directory.cleanup()
            raise Failure(f"the server ended, or took more than {READY_SECONDS_MAX} s, before it was ready")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(READY_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "nothing, it had to be killed"
        self.directory.cleanup()
        if code != 0:
            raise Failure(f"the server ended with {code} after SIGTERM")

    def environment(self, protocol, compression):
        address = self.addresses["otlp_grpc" if protocol == "grpc" else "otlp_http"]
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}", "OTEL_EXPORTER_OTLP_INSECURE": "true"}
        # "none" is a value by the specification, but Python's gRPC exporter refuses it: there it goes without saying.
        if compression != "none":
            variables["OTEL_EXPORTER_OTLP_COMPRESSION"] = compression
        return variables

    def trace(self, trace_id):
        with urllib.request.urlopen(f"http://{self.addresses['http']}/api/traces/{trace_id}?format=otlp") as answer:
            return json.load(answer)


# ---- comparison ----

SPAN_KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
STATUS_CODES = ["UNSET", "OK", "ERROR"]


def number_of(value, prefix, names):
    return names.index(value.removeprefix(prefix)) if isinstance(value, str) else (value or 0)


def normal_value(value):
    """An AnyValue with its numbers as the clients print them."""
    if not value:
        return {}
    if "intValue" in value:
        return {"intValue": str(value["intValue"])}
    if "arrayValue" in value:
        return {"arrayValue": {"values": [normal_value(each) for each in value["arrayValue"].get("values", [])]}}
    if "kvlistValue" in value:
        return {"kvlistValue": {"values": key_values(value["kvlistValue"].get("values"))}}
    return value


def key_values(pairs):
    return [{"key": pair["key"], "value": normal_value(pair.get("value"))} for pair in pairs or []]


def flat(span, resource, scope):
    return {
        "trace_id": span["traceId"],
        "span_id": span["spanId"],
        "parent_span_id": span.get("parentSpanId", ""),
        "trace_state": span.get("traceState", ""),
        "flags": span.get("flags", 0),
        "name": span.get("name", ""),
        "kind": number_of(span.get("kind"), "SPAN_KIND_", SPAN_KINDS),
        "start": str(span.get("startTimeUnixNano", 0)),
        "end": str(span.get("endTimeUnixNano", 0)),
        "status": {
            "code": number_of(span.get("status", {}).get("code"), "STATUS_CODE_", STATUS_CODES),
            "message": span.get("status", {}).get("message", ""),
        },
        "attributes": key_values(span.get("attributes")),
        "dropped_attributes": span.get("droppedAttributesCount", 0),
        "events": [
            {
                "name": event.get("name", ""),
                "time": str(event.get("timeUnixNano", 0)),
                "attributes": key_values(event.get("attributes")),
                "dropped_attributes": event.get("droppedAttributesCount", 0),
            }
            for event in span.get("events", [])
        ],
        "dropped_events": span.get("droppedEventsCount", 0),
        "links": [
            {
                "trace_id": link["traceId"],
                "span_id": link["spanId"],
                "trace_state": link.get("traceState", ""),
                "flags": link.get("flags", 0),
                "attributes": key_values(link.get("attributes")),
                "dropped_attributes": link.get("droppedAttributesCount", 0),
            }
            for link in span.get("links", [])
        ],
        "dropped_links": span.get("droppedLinksCount", 0),
        "resource": resource,
        "scope": scope,
    }


def flat_spans(data):
    for of_resource in data.get("resourceSpans", []):
        attributes = key_values(of_resource.get("resource", {}).get("attributes"))
        resource = {"attributes": attributes, "schema_url": of_resource.get("schemaUrl", "")}
        for of_scope in of_resource.get("scopeSpans", []):
            said = of_scope.get("scope", {})
            scope = {
                "name": said.get("name", ""),
                "version": said.get("version", ""),
                "attributes": key_values(said.get("attributes")),
                "schema_url": of_scope.get("schemaUrl", ""),
            }
            for span in of_scope.get("spans", []):
                yield flat(span, resource, scope)


def same(sent, found):
    if isinstance(sent, (int, float)) and isinstance(found, (int, float)) and not isinstance(sent, bool):
        return sent == found and math.copysign(1, sent) == math.copysign(1, found)
    return type(sent) is type(found) and sent == found


def differences(sent, found, path, lines):
    if isinstance(sent, dict) and isinstance(found, dict):
        for key in sorted(sent.keys() | found.keys()):
            differences(sent.get(key), found.get(key), f"{path}/{key}", lines)
    elif isinstance(sent, list) and isinstance(found, list) and len(sent) == len(found):
        for index, pair in enumerate(zip(sent, found)):
            differences(*pair, f"{path}/{index}", lines)
    elif not same(sent, found):
        lines.append(f"{path}: sent {json.dumps(sent)[:200]}, found {json.dumps(found)[:200]}")
    return lines


def span_differences(sent, found):
    lines = []
    left = {span["span_id"]: span for span in found}
    if len(left) != len(found):
        lines.append(f"{len(found) - len(left)} spans were found more than once")
    for span in sent:
        match = left.pop(span["span_id"], None)
        name = f"{span['name']} ({span['span_id']})"
        if match is None:
            lines.append(f"{name}: sent, not found")
        else:
            differences(span, match, name, lines)
    lines += [f"{span['name']} ({span['span_id']}): found, never sent" for span in left.values()]
    return lines[:DIFFERENCES_MAX]


# ---- cases ----


def run_case(server, client, what, protocol, compression):
    env = {**os.environ, **server.environment(protocol, compression)}
    command = [*client, what, protocol]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=CLIENT_SECONDS_MAX, check=False)
    if done.returncode != 0:
        return [f"the client ended with {done.returncode}: {done.stderr[-2000:]}"]
    report = json.loads(done.stdout)
    if report["failures"]:
        return [f"{report['failures']} exports were refused: {done.stderr[-2000:]}"]
    lines = [] if report["spans"] else ["nothing was sent"]
    for trace_id in {span["trace_id"] for span in report["spans"]}:
        sent = [span for span in report["spans"] if span["trace_id"] == trace_id]
        lines += span_differences(sent, list(flat_spans(server.trace(trace_id))))
    return lines


def main():
    words = sys.argv[1:]
    binary = server_binary()
    BUILD.mkdir(parents=True, exist_ok=True)
    clients = {"python": python_client(), "go": go_client()}
    passed = failed = 0
    with Server(binary) as server:
        tell(f"server under test: {binary}")
        for language, client in clients.items():
            for protocol in ("grpc", "http/protobuf"):
                for compression in ("none", "gzip"):
                    for what in ("everything", "many"):
                        name = f"{language} {protocol} {compression}: {what}"
                        if words and not any(word in name for word in words):
                            continue
                        lines = run_case(server, client, what, protocol, compression)
                        passed += not lines
                        failed += bool(lines)
                        print("ok  " if not lines else "FAIL", name, *lines, sep="\n       " if lines else " ", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"tests/interop: {failure}")
