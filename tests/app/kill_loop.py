"""Acknowledged spans survive kill -9: a server under load is killed at random moments, again and again, on one directory.

After each kill it is started anew and asked for every trace of the round; at the end, after a proper stop, for all of
them. Every acknowledged span must be there exactly once. A request that got no answer may have been stored or not, but
whole or not at all, and never twice.

With `--moment segment` the kill waits for the background: the load ends, what it left is sealed and merged, and the
server dies while a segment is being written: the first one seen, or the second, which is a merge more often than not.

    tests/app/kill_loop.py [--kills 10] [--seed N] [--senders 3] [--moment load|segment]
"""

import argparse
import http.client
import json
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from harness import HANG_SECONDS, Cases, Server, otlp_request, random_id, span

SPANS_MAX = 40  # of one request
TEXT_BYTES_MAX = 6000  # of one attribute, so that rounds fill log files and seal at different places
LIFE_ACKNOWLEDGED = (1, 150)  # a server is killed when it has answered so many requests; the others are under way then
SEALED_ACKNOWLEDGED = (150, 250)  # enough for a segment when the load ends
SEGMENTS_SEEN_MAX = 2
POLLS_MAX = 40  # looks at the directory between seeing a segment being written and the kill


class Sent:
    """What was sent: the span ids of each trace, and whether the server acknowledged it. Guarded by its lock."""

    def __init__(self):
        self.lock = threading.Condition()
        self.spans = {}
        self.acknowledged = set()
        self.paused = False  # the load has ended for this round
        self.without_power = False  # what is answered now no machine could have answered

    def note(self, trace_id, span_ids):
        with self.lock:
            self.spans[trace_id] = span_ids

    def acknowledge(self, trace_id):
        with self.lock:
            if not self.without_power:
                self.acknowledged.add(trace_id)
            self.lock.notify_all()

    def lose_power(self):
        with self.lock:
            self.without_power = True

    def wait_for(self, acknowledged):
        """Until so many requests were acknowledged; False when the server hangs."""
        with self.lock:
            return self.lock.wait_for(lambda: len(self.acknowledged) >= acknowledged, timeout=HANG_SECONDS)


def make_request(source):
    """(trace id, span ids, body) of one trace."""
    trace_id = random_id(16, source)
    ids = [random_id(8, source) for _ in range(source.randint(1, SPANS_MAX))]
    text = "x" * source.randrange(TEXT_BYTES_MAX)
    spans = [span(trace_id, span_id, parent=ids[0] if index else None, name=f"step {index}",
                  attributes={"index": index, "text": text}) for index, span_id in enumerate(ids)]
    return trace_id, ids, json.dumps(otlp_request(spans, service="kill-loop"))


def send_until_killed(address, sent, seed):
    """One client on one connection; ends when the server is gone."""
    source = random.Random(seed)
    connection = http.client.HTTPConnection(address, timeout=HANG_SECONDS)
    try:
        while not sent.paused:
            trace_id, ids, body = make_request(source)
            sent.note(trace_id, ids)
            connection.request("POST", "/v1/traces", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                sent.acknowledge(trace_id)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def segments_being_written(directory):
    """Files that are not a segment yet."""
    return {path.name for path in pathlib.Path(directory).glob("default/segments/*/*.tmp")}


def wait_for_segment(directory, source):
    """Until a segment is being written, and a little longer; False when the background does not begin."""
    wanted = source.randint(1, SEGMENTS_SEEN_MAX)
    seen = set()
    deadline = time.monotonic() + HANG_SECONDS
    # A second one need not come: then the first one's time is long over, which is a moment like any other.
    while len(seen) < wanted and time.monotonic() < deadline:
        now = segments_being_written(directory)
        if seen and not now:
            break
        seen |= now
    for _ in range(source.randrange(POLLS_MAX)):
        segments_being_written(directory)
    return bool(seen)


def round_of_load(server, sent, seed, chosen):
    """Starts, loads, kills at a random moment."""
    source = random.Random(seed)
    server.start()
    sent.paused = False
    threads = [threading.Thread(target=send_until_killed, args=(server.addresses["otlp_http"], sent, seed * 1000 + index))
               for index in range(chosen.senders)]
    for thread in threads:
        thread.start()
    life = SEALED_ACKNOWLEDGED if chosen.moment == "segment" else LIFE_ACKNOWLEDGED
    alive = sent.wait_for(len(sent.acknowledged) + source.randint(*life))
    if chosen.moment == "segment":
        sent.paused = True
        alive = alive and wait_for_segment(server.data_dir, source)
    server.kill()
    for thread in threads:
        thread.join()
    if not alive:
        raise RuntimeError("the server stopped answering:\n" + server.log_text())


def check(server, sent, traces):
    """Sentences about what is wrong with the traces named."""
    wrong = []
    connection = http.client.HTTPConnection(server.addresses["http"], timeout=HANG_SECONDS)
    for trace_id in traces:
        connection.request("GET", f"/api/traces/{trace_id}/steps")
        answer = connection.getresponse()
        body = json.loads(answer.read())
        acknowledged = trace_id in sent.acknowledged
        if answer.status == 404:
            if acknowledged:
                wrong.append(f"{trace_id}: acknowledged, not found")
            continue
        if answer.status != 200:
            wrong.append(f"{trace_id}: status {answer.status}: {body}")
            continue
        found = sorted(step["span_id"] for step in body["steps"])
        if found != sorted(sent.spans[trace_id]):
            wrong.append(f"{trace_id}: {len(sent.spans[trace_id])} sent, {len(found)} found, {len(set(found))} different")
        if body["summary"]["span_count"] != len(sent.spans[trace_id]):
            wrong.append(f"{trace_id}: the summary counts {body['summary']['span_count']}")
        if body["partial"]:
            wrong.append(f"{trace_id}: {body['partial']}")
    connection.close()
    return wrong


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--senders", type=int, default=3)
    options.add_argument("--moment", choices=("load", "segment"), default="load")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    cases = Cases()
    directory = tempfile.mkdtemp(prefix="sextant_kill_")
    sent = Sent()
    server = Server(data_dir=directory)
    try:
        for number in range(chosen.kills):
            before = set(sent.spans)
            round_of_load(server, sent, chosen.seed + number, chosen)
            fresh = [trace_id for trace_id in sent.spans if trace_id not in before]
            with Server(data_dir=directory) as reader:
                wrong = check(reader, sent, fresh)
                # The reader is killed too, so that a replay is followed by another replay.
                reader.kill()
            if wrong:
                cases.check(f"kill {number + 1}", False, "; ".join(wrong[:5]))
        with Server(data_dir=directory) as reader:
            wrong = check(reader, sent, list(sent.spans))
        spans = sum(len(sent.spans[trace_id]) for trace_id in sent.acknowledged)
        cases.check("something was acknowledged in the rounds", len(sent.acknowledged) >= chosen.kills,
                    f"{len(sent.acknowledged)} requests")
        cases.check(f"{spans} acknowledged spans after {chosen.kills} kills, each exactly once", not wrong,
                    "; ".join(wrong[:5]))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
