"""F08: a small disk is filled to the last byte under a server: it refuses, reads on, and recovers by itself.

The disk is a tmpfs of 64 MiB, which root can mount; elsewhere the test says that it was not run.

    tests/app/full_disk.py [--mib 64]
"""
import argparse
import http.client
import json
import os
import random
import sys
import time

from faults import mounts
from harness import HANG_SECONDS, Cases, Server, otlp_request, random_id, span

TEXT_BYTES = 60_000  # of one span, so that the disk fills within some hundred requests
REQUESTS_MAX = 4_000  # far more than fill the disk


class Client:
    """Sends traces of random text and remembers what was acknowledged and what refused."""

    def __init__(self, server):
        self.server = server
        self.source = random.Random(8)
        self.acknowledged = {}
        self.refused = []

    def send(self):
        """(status, headers, body) of one trace."""
        trace_id, ids = random_id(16, self.source), [random_id(8, self.source) for _ in range(2)]
        text = self.source.randbytes(TEXT_BYTES).hex()
        spans = [span(trace_id, span_id, attributes={"text": text}) for span_id in ids]
        body = json.dumps(otlp_request(spans, service="full-disk"))
        status, headers, answer = self.server.request("POST", "/v1/traces", body, {"Content-Type": "application/json"},
                                                      "otlp_http")
        if status == 200:
            self.acknowledged[trace_id] = sorted(ids)
        else:
            self.refused.append(trace_id)
        return status, headers, answer.decode(errors="replace")

    def send_until_refused(self):
        for _ in range(REQUESTS_MAX):
            answer = self.send()
            if answer[0] != 200:
                return answer
        return answer

    def wrong(self):
        """Sentences about traces that are not as they should be; all are asked for on one connection."""
        found = []
        connection = http.client.HTTPConnection(self.server.addresses["http"], timeout=HANG_SECONDS)
        for trace_id, ids in [*self.acknowledged.items(), *((one, []) for one in self.refused)]:
            connection.request("GET", f"/api/traces/{trace_id}/steps")
            answer = connection.getresponse()
            body = json.loads(answer.read())
            seen = sorted(step["span_id"] for step in body["steps"]) if answer.status == 200 else []
            if seen != ids:
                found.append(f"{trace_id}: {len(ids)} spans acknowledged, {len(seen)} found ({answer.status})")
        connection.close()
        return found


def fill(path):
    """A file that takes all that is free, to the last byte."""
    with open(path, "ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return os.path.getsize(path)


def wait_for_service(client):
    """Seconds until a trace is taken again; None when it never is."""
    begun = time.monotonic()
    while time.monotonic() - begun < HANG_SECONDS:
        if client.send()[0] == 200:
            return time.monotonic() - begun
        time.sleep(0.1)
    return None


def store_health(server):
    """What /readyz says of the store. Of the disk it complains here always: it wants more room than this one has."""
    check = server.get_json("/readyz")[1]["checks"]["store"]
    return check.get("message", check["status"])


def wait_for_health(server):
    """Whether /readyz finds the store well before the server counts as hanging."""
    begun = time.monotonic()
    while store_health(server) != "healthy" and time.monotonic() - begun < HANG_SECONDS:
        time.sleep(0.1)
    return store_health(server) == "healthy"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mib", type=int, default=64)
    chosen = options.parse_args()
    cases = Cases()
    with mounts.Tmpfs(chosen.mib << 20) as disk:
        data, filler = str(disk.path / "data"), disk.path / "filler"
        with Server(data_dir=data) as server:
            client = Client(server)
            for _ in range(20):
                client.send()
            cases.check("F08 what comes before is taken", len(client.acknowledged) == 20)
            fill(filler)
            status, headers, answer = client.send_until_refused()
            size = fill(filler)
            cases.check("F08 the disk is full to the last byte", disk.free_bytes() == 0, f"a filler of {size} bytes")
            status, headers, answer = client.send_until_refused()
            cases.check("F08 refused with 503 and a time to come back", status == 503 and "Retry-After" in headers,
                        f"{status} Retry-After {headers.get('Retry-After')}")
            cases.check("F08 the refusal says that there is no space", "no space" in answer.lower(), answer[:200])
            cases.check("F08 /readyz says so too", "no space" in store_health(server).lower(), store_health(server))
            wrong = client.wrong()
            cases.check("F08 reads go on; nothing acknowledged is lost, nothing refused is there", not wrong, "; ".join(wrong[:3]))
            filler.unlink()
            seconds = wait_for_service(client)
            cases.check("F08 service comes back by itself", seconds is not None, f"{seconds} s after the space")
            cases.check("F08 /readyz says so, once sealing was tried again, too", wait_for_health(server), store_health(server))
            server.kill()
        with Server(data_dir=data) as server:
            client.server = server
            wrong = client.wrong()
            cases.check(f"F08 after kill -9, too: {len(client.acknowledged)} traces, each once", not wrong, "; ".join(wrong[:3]))
            cases.check("F08 nothing is damaged", server.metric("sextant_store_damages_total") == 0)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(mounts.run(main))
