"""Fault cases that need the real process: short calls, too few descriptors, little memory, lost answers, two servers.

F12, F13, F14, F22, F24 and F25 of docs/reliability.md.

    tests/app/fault_cases.py [--only F12]
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import kill_loop
from faults import mounts
from harness import HANG_SECONDS, Cases, Server, binary, otlp_request, random_id, span

FOLDER = pathlib.Path(__file__).resolve().parent
DESCRIPTORS = 20_000  # of this process, which opens thousands of connections
CGROUPS = pathlib.Path("/sys/fs/cgroup/memory")


def sanitized():
    """Whether the server was built with a sanitizer, which neither takes preloaded libraries nor keeps to little memory."""
    content = pathlib.Path(binary()).read_bytes()
    return b"__asan_init" in content or b"__tsan_init" in content


def skip(cases, name, why):
    """Says loudly that a case was not run; it counts neither as passed nor as failed."""
    print(f"\n*** {name} SKIPPED, NOT TESTED: {why} ***\n", flush=True)
    cases.skipped = getattr(cases, "skipped", 0) + 1


def traces(source, count, spans_each=20, text_bytes=3_000):
    """(trace id, span ids, request body) of so many traces."""
    for _ in range(count):
        trace_id = random_id(16, source)
        ids = [random_id(8, source) for _ in range(spans_each)]
        text = source.randbytes(text_bytes // 2).hex()
        body = json.dumps(otlp_request([span(trace_id, one, attributes={"text": text}) for one in ids], "faults"))
        yield trace_id, ids, body


def post(server, body):
    return server.request("POST", "/v1/traces", body, {"Content-Type": "application/json"}, "otlp_http")


def through_small_buffer(server, path):
    """The body of an answer, read by a client whose receive buffer takes a few kilobytes."""
    host, port = server.addresses["http"].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=HANG_SECONDS)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.sock.connect((host, int(port)))
    connection.request("GET", path)
    answer, parts = connection.getresponse(), []
    while part := answer.read(100):
        parts.append(part)
    connection.close()
    return b"".join(parts)


def f12_short_calls(cases):
    """Reads, writes, receives and sends that do a part only, or are interrupted."""
    if sanitized():
        return skip(cases, "F12", "a sanitized server takes no preloaded library")
    folder = tempfile.mkdtemp(prefix="sextant_short_io_")
    library = f"{folder}/short_io.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", library, FOLDER / "faults/short_io.c", "-ldl"], check=True)
    env = {**os.environ, "LD_PRELOAD": library}
    sent = kill_loop.Sent()
    try:
        with Server(data_dir=f"{folder}/data", env=env) as server:
            for trace_id, ids, body in traces(random.Random(12), 60, spans_each=40, text_bytes=9_000):
                sent.note(trace_id, ids)
                if post(server, body)[0] == 200:
                    sent.acknowledge(trace_id)
            wrong = kill_loop.check(server, sent, list(sent.spans))
            cases.check("F12 every request is taken whole", len(sent.acknowledged) == 60, f"{len(sent.acknowledged)} of 60")
            cases.check("F12 and found whole", not wrong, "; ".join(wrong[:3]))
            path = f"/api/traces/{next(iter(sent.spans))}"
            cases.check("F12 an answer that is sent in small parts is whole",
                        through_small_buffer(server, path) == server.request("GET", path)[2])
            server.kill()
        with Server(data_dir=f"{folder}/data", env=env) as server:
            wrong = kill_loop.check(server, sent, list(sent.spans))
            cases.check("F12 also after kill -9, replayed by short reads", not wrong, "; ".join(wrong[:3]))
            cases.check("F12 nothing is called damaged", server.metric("sextant_store_damages_total") == 0)
    finally:
        shutil.rmtree(folder)


def open_connections(address, count):
    """As many of `count` connections as the server's backlog takes; those it does not take at once are left out."""
    host, port = address.rsplit(":", 1)
    opened = []
    for _ in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex((host, int(port)))
        opened.append(one)
    return opened


def cpu_seconds(process):
    """CPU time that a process used."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def f13_few_descriptors(cases):
    """A process that may have 64 descriptors, and a thousand connections."""
    if sanitized():
        return skip(cases, "F13", "a sanitizer needs descriptors of its own")

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with Server(before_exec=limit) as server:
        before = http.client.HTTPConnection(server.addresses["otlp_http"], timeout=HANG_SECONDS)
        question = http.client.HTTPConnection(server.addresses["http"], timeout=HANG_SECONDS)
        for connection in (before, question):
            connection.connect()
        flood = open_connections(server.addresses["otlp_http"], 1_000)
        sent, statuses = kill_loop.Sent(), []
        # More than two log files of 8 MiB: the log needs descriptors too.
        for trace_id, ids, body in traces(random.Random(13), 300, spans_each=20, text_bytes=60_000):
            before.request("POST", "/v1/traces", body, {"Content-Type": "application/json"})
            answer = before.getresponse()
            answer.read()
            statuses.append(answer.status)
            sent.note(trace_id, ids)
            if answer.status == 200:
                sent.acknowledge(trace_id)
        used = cpu_seconds(server.process)
        time.sleep(2)
        used = cpu_seconds(server.process) - used
        cases.check("F13 a connection that was there works on, and the log goes on to new files", set(statuses) == {200},
                    f"answers {sorted(set(statuses))}, {statuses.count(200)} of {len(statuses)} taken")
        cases.check("F13 no busy loop while none is left", used < 1, f"{used:.2f} CPU seconds in 2 s")
        question.request("GET", "/healthz")
        answer = question.getresponse()
        answer.read()
        cases.check("F13 health is answered", answer.status == 200, answer.status)
        for one in flood:
            one.close()
        for connection in (before, question):
            connection.close()
        wrong = kill_loop.check(server, sent, list(sent.spans))
        cases.check("F13 afterwards all is found by new connections", not wrong, "; ".join(wrong[:3]))


class MemoryLimit:
    """A control group (version 1) with so much memory; mounts.CannotMount where there is none."""

    def __init__(self, size_bytes):
        self.path = CGROUPS / f"sextant_test_{os.getpid()}"
        try:
            self.path.mkdir()
            (self.path / "memory.limit_in_bytes").write_text(str(size_bytes))
        except OSError as error:
            raise mounts.CannotMount(f"no control group for memory can be made: {error}") from error

    def enter(self):
        """In the new process."""
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def oom_kills(self):
        fields = dict(line.split() for line in (self.path / "memory.oom_control").read_text().splitlines())
        return int(fields.get("oom_kill", 0))

    def remove(self):
        self.path.rmdir()


def flood_with(server, bodies, answers, refusals):
    """One sender that does not care for Retry-After."""
    for body in bodies:
        try:
            status, headers, text = post(server, body)
        except (BrokenPipeError, ConnectionResetError):
            continue  # refused on its head: the answer came before the body was sent, and the connection ended
        answers.append(status)
        if status not in (200, 429):
            refusals.append((status, text[:200]))
        elif status == 429 and "Retry-After" not in headers:
            refusals.append((status, "no Retry-After"))


def f14_little_memory(cases):
    """A control group of 512 MiB, a ledger of 128 MiB, and senders that offer many times that at once."""
    if sanitized():
        return skip(cases, "F14", "a sanitizer's memory counts with the server's")
    try:
        group = MemoryLimit(512 << 20)
    except mounts.CannotMount as why:
        return skip(cases, "F14", why)
    folder = tempfile.mkdtemp(prefix="sextant_memory_")
    config = f"{folder}/sextant.yaml"
    pathlib.Path(config).write_text("memory:\n  bytes_max: 128MiB\n")
    bodies = [body for _, _, body in traces(random.Random(14), 8, spans_each=40, text_bytes=200_000)]
    answers, wrong = [], []
    try:
        with Server(data_dir=f"{folder}/data", extra=["--config", config], before_exec=group.enter) as server:
            senders = [threading.Thread(target=flood_with, args=(server, bodies, answers, wrong)) for _ in range(40)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            alive = server.process.poll() is None
            cases.check("F14 the server lives, and the kernel killed nobody", alive and group.oom_kills() == 0,
                        f"peak {server.peak_memory_bytes() >> 20} MiB of {512} MiB")
            cases.check("F14 each answer is 200, or 429 with Retry-After", not wrong, str(wrong[:3]))
            cases.check("F14 some were refused, some taken", {200, 429} <= set(answers),
                        f"{answers.count(200)} taken, {answers.count(429)} refused")
            cases.check("F14 afterwards service is as before", wait_until_taken(server))
    finally:
        group.remove()
        shutil.rmtree(folder)


def wait_until_taken(server):
    """Whether one more trace is taken before the server counts as hanging."""
    begun = time.monotonic()
    for _, _, body in traces(random.Random(15), 10_000, spans_each=1):
        if post(server, body)[0] == 200:
            return True
        if time.monotonic() - begun > HANG_SECONDS:
            return False
        time.sleep(0.1)
    return False


def f22_lost_answers(cases):
    """The answer to a request is never read, the same request is sent again, over new connections."""
    with Server() as server:
        host, port = server.addresses["otlp_http"].rsplit(":", 1)
        sent = kill_loop.Sent()
        for trace_id, ids, body in traces(random.Random(22), 50, spans_each=5):
            sent.note(trace_id, ids)
            head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            with socket.create_connection((host, int(port))) as one:
                one.sendall((head + body).encode())
            for _ in range(2):
                if post(server, body)[0] == 200:
                    sent.acknowledge(trace_id)
        wrong = kill_loop.check(server, sent, list(sent.spans))
        cases.check("F22 three times sent, once stored: spans and counts", not wrong and len(sent.acknowledged) == 50,
                    "; ".join(wrong[:3]))
        server.kill()
        server.start()
        wrong = kill_loop.check(server, sent, list(sent.spans))
        cases.check("F22 also after kill -9", not wrong, "; ".join(wrong[:3]))


def ended(command):
    """(exit code, what it said) of a server that is expected not to start."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


def serve_command(data_dir):
    return [binary(), "serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0", "--otlp-grpc-listen", "127.0.0.1:0",
            "--otlp-http-listen", "127.0.0.1:0"]


def f24_directories(cases):
    """A second server, another version's directory, one that cannot be written, and repair beside a server."""
    with Server() as server:
        (trace_id, ids, body), = traces(random.Random(24), 1)
        post(server, body)
        code, said = ended(serve_command(server.data_dir))
        cases.check("F24 a second server on one directory is refused", code == 1 and "in use by another process" in said,
                    said.strip().splitlines()[-1])
        code, said = ended([binary(), "repair", server.data_dir])
        cases.check("F24 repair too", code == 1 and "in use by another process" in said, said.strip().splitlines()[-1])
        sent = kill_loop.Sent()
        sent.note(trace_id, ids)
        sent.acknowledge(trace_id)
        cases.check("F24 the first one does not notice", not kill_loop.check(server, sent, [trace_id]))
        server.stop()
        f24_read_only(cases, server.data_dir)
        pathlib.Path(server.data_dir, "FORMAT").write_text("sextant store, format 7\nchecksum 1d74f8a2\n")
        f24_other_version(cases, server.data_dir)


def f24_read_only(cases, data_dir):
    try:
        with mounts.Tmpfs(16 << 20) as disk:
            shutil.copytree(data_dir, disk.path / "data", ignore=shutil.ignore_patterns("*.log"))
            disk.remount("ro")
            code, said = ended(serve_command(str(disk.path / "data")))
    except mounts.CannotMount as why:
        return skip(cases, "F24 read-only", why)
    cases.check("F24 a read-only directory is refused by name", code == 1 and "Read-only file system" in said,
                said.strip().splitlines()[-1])


def f24_other_version(cases, data_dir):
    """With a right checksum, which `checked` makes; what is in the directory stays as it was."""
    before = {path: path.read_bytes() for path in pathlib.Path(data_dir).rglob("*") if path.is_file()}
    pathlib.Path(data_dir, "FORMAT").write_bytes(checked("sextant store, format 7\n"))
    before[pathlib.Path(data_dir, "FORMAT")] = checked("sextant store, format 7\n")
    code, said = ended(serve_command(data_dir))
    cases.check("F24 another version's directory is refused by its version", code == 1 and "format 7" in said,
                said.strip().splitlines()[-1])
    code, said = ended([binary(), "repair", data_dir])
    cases.check("F24 and not mended", code == 1 and "format 7" in said, said.strip().splitlines()[-1])
    after = {path: path.read_bytes() for path in pathlib.Path(data_dir).rglob("*") if path.is_file()}
    cases.check("F24 nothing in it was touched", before == after)


def checked(line):
    """A small file of the store: a line and its CRC32C."""
    crc = 0xFFFFFFFF
    for byte in line.encode():
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return f"{line}checksum {crc ^ 0xFFFFFFFF:08x}\n".encode()


def f25_many_questions(cases):
    """Five thousand questions at once, of clients that leave without their answers, while data comes in."""
    with Server() as server:
        bodies = [body for _, _, body in traces(random.Random(25), 200)]
        for body in bodies[:100]:
            post(server, body)
        host, port = server.addresses["http"].rsplit(":", 1)
        request = b"GET /api/traces/overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        asking = []
        for _ in range(5_000):
            one = socket.create_connection((host, int(port)), timeout=HANG_SECONDS)
            one.sendall(request)
            asking.append(one)
        taken = [post(server, body)[0] for body in bodies[100:]]
        for one in asking:
            one.close()
        cases.check("F25 spans are taken beside them", set(taken) == {200}, f"answers {sorted(set(taken))}")
        status, answer = server.get_json("/api/traces?limit=1000")
        while status == 503:  # the queue of questions is bounded: those whose askers left go first
            time.sleep(0.1)
            status, answer = server.get_json("/api/traces?limit=1000")
        cases.check("F25 and the next question is answered", status == 200 and len(answer["traces"]) == 200,
                    f"{status}, {len(answer.get('traces', []))} runs")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="run the cases whose name contains this")
    chosen = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(DESCRIPTORS, hard)))
    cases = Cases()
    for function in (f12_short_calls, f13_few_descriptors, f14_little_memory, f22_lost_answers, f24_directories,
                     f25_many_questions):
        if chosen.only.lower() in function.__name__:
            function(cases)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
