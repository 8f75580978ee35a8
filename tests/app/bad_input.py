#!/usr/bin/env python3
"""Bad input over both protocols and the API, against the real server: each case has one right answer.

After every case the server must live, keep its memory under its bound, take a good request over both protocols and find
it again. The table of cases and answers is docs/reliability.md; `--markdown` writes it anew, and a run whose answers
differ from it fails.

    tests/app/bad_input.py [--only TEXT] [--markdown]
"""
import argparse
import pathlib
import random
import re
import resource
import sys
import time

import harness
from badinput import cases_api, cases_body, cases_connections, cases_framing, cases_grpc, cases_span  # noqa: F401
from badinput import http1, http2, protobuf
from badinput.table import CASES

DOCUMENT = harness.ROOT / "docs/reliability.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
DESCRIPTORS = 20_000  # 5,000 connections twice over, in this process and in the server
MEMORY_BYTES_MAX = 512 << 20  # the ledger's, memory.bytes_max of the server's defaults
# What no ledger sees: code, stacks, the allocator's spare pages, gRPC's and the kernel's own books.
UNCOUNTED_BYTES_MAX = 192 << 20
CELL_CHARACTERS_MAX = 240


class Bench:
    """The server under test, and the questions that cases ask it."""

    def __init__(self, server):
        self.server = server
        self.http, self.otlp_http, self.grpc = (server.addresses[name] for name in ("http", "otlp_http", "otlp_grpc"))
        self.ids = random.Random(7)
        self.base_bytes = server.memory_bytes()

    def now(self):
        return time.time_ns()

    def new_trace(self):
        """A trace id that was not used before, in a fixed order."""
        return self.ids.randbytes(16)

    def garbage(self, size):
        """The same bytes in every run."""
        return random.Random(size).randbytes(size)

    def trace(self, trace):
        status, body = self.server.get_json(f"/api/traces/{trace.hex()}")
        return body if status == 200 else None

    def span_count(self, trace):
        # Not /api/traces/{id}: its tree nests as deep as the spans do, deeper than Python's parser goes.
        status, body = self.server.get_json(f"/api/traces/{trace.hex()}/steps")
        return len(body["steps"]) if status == 200 else 0

    def first_span(self, trace):
        return self.trace(trace)["spans"][0]

    def spans_stored(self, trace, wanted):
        """", 1 span stored" when it is so."""
        count = self.span_count(trace)
        words = f", {count} span{'' if count == 1 else 's'} stored"
        return words if count == wanted else words + f" instead of {wanted}"

    def unwell(self):
        """What is wrong with the server; "" when nothing is."""
        if self.server.process.poll() is not None:
            return f"the server ended with {self.server.process.returncode}"
        peak = self.server.peak_memory_bytes()
        bound = self.base_bytes + MEMORY_BYTES_MAX + UNCOUNTED_BYTES_MAX
        if peak > bound and not sanitized():
            return f"memory rose to {peak >> 20} MiB, the bound is {bound >> 20} MiB"
        for trace, send in ((self.new_trace(), self.send_http), (self.new_trace(), self.send_grpc)):
            seen = send(protobuf.request(protobuf.span(trace, b"\1" * 8)))
            if seen not in ("200", "OK") or self.span_count(trace) != 1:
                return f"a good request afterwards: {seen}, {self.span_count(trace)} spans found"
        return ""

    def send_http(self, body):
        return str(http1.ask(self.otlp_http, http1.post(body)))

    def send_grpc(self, body):
        return http2.export(self.grpc, body)


def sanitized():
    """Whether the server was built with a sanitizer, whose own memory would be counted with its."""
    return b"__asan_init" in pathlib.Path(harness.binary()).read_bytes() or \
        b"__tsan_init" in pathlib.Path(harness.binary()).read_bytes()


def run_case(bench, one):
    """(seen, what was wrong)."""
    try:
        seen = one.function(bench)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        seen = f"the test failed: {type(error).__name__}: {error}"
    wrong = "" if seen.startswith(one.expected) else f"expected {one.expected}"
    return seen, wrong or bench.unwell()


def cell(text):
    text = text if len(text) <= CELL_CHARACTERS_MAX else text[:CELL_CHARACTERS_MAX] + " …"
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def markdown(results):
    """The tables of the document, one a group."""
    lines, group = [BEGIN], None
    for one, seen in results:
        if one.group != group:
            group = one.group
            lines += ["", f"### {group}", "", "| sent | expected | seen |", "| --- | --- | --- |"]
        lines.append(f"| {cell(one.sent)} | {cell(one.expected)} | {cell(seen)} |")
    return "\n".join([*lines, "", END])


def differences(results, write):
    """Lines of the table that the document does not hold; writes the document when asked to."""
    text = DOCUMENT.read_text()
    begin, end = text.index(BEGIN), text.index(END) + len(END)
    table = markdown(results)
    if write:
        DOCUMENT.write_text(text[:begin] + table + text[end:])
        return []
    held = promised(text[begin:end]).splitlines()
    seen = promised(table).splitlines()
    return [line for line in seen if line not in held] or [line for line in held if line not in seen]


def promised(table):
    """The table without what was seen where nothing is expected but that the server lives: there, timing decides."""
    return re.sub(r"^(\| .* \|  \|) .* \|$", r"\1", table, flags=re.MULTILINE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="run the cases whose group or text contains this")
    parser.add_argument("--markdown", action="store_true", help="write the table of docs/reliability.md anew")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    chosen = [one for one in CASES if options.only in one.group or options.only in one.sent]
    results, cases = [], harness.Cases()
    with harness.Server() as server:
        bench = Bench(server)
        for one in chosen:
            begun = time.monotonic()
            seen, wrong = run_case(bench, one)
            results.append((one, seen))
            cases.check(f"{one.group}: {one.sent}", not wrong, f"{seen} ({time.monotonic() - begun:.1f} s) {wrong}")
            if server.process.poll() is not None:
                print(server.log_text()[-4000:])
                server.start()
                bench = Bench(server)
        bound = "not checked: a sanitizer's memory is in it" if sanitized() else \
            f"bound {(bench.base_bytes + MEMORY_BYTES_MAX + UNCOUNTED_BYTES_MAX) >> 20} MiB"
        print(f"memory: {bench.base_bytes >> 20} MiB at the start, peak {server.peak_memory_bytes() >> 20} MiB, {bound}")
    if len(chosen) == len(CASES):
        unlike = differences(results, options.markdown)
        cases.check("docs/reliability.md says what was seen (`tests/app/bad_input.py --markdown` writes it)", not unlike,
                    "; ".join(unlike))
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
