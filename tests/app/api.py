"""The JSON API over the real store: lists, filters, facets, paging and one run, compared with what was sent."""

import gzip
import json
import random
import time

import harness

WORDS = ["alpha", "beta", "gamma", "delta"]
KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
SECOND = 1_000_000_000


def make_run(source, index, now):
    """Spans of one run with random names, kinds, states and attributes; (service, OTLP/JSON span) each."""
    trace_id = harness.random_id(16, source)
    start = now - source.randrange(3600) * SECOND - index
    spans = []
    for i in range(source.randrange(1, 5)):
        attributes = {"word": source.choice(WORDS), "number": source.randrange(5), "gen_ai.agent.name": source.choice(WORDS),
                      "gen_ai.operation.name": "invoke_agent"}
        if source.random() < 0.5:
            attributes["flag"] = source.random() < 0.5
        parent = spans[-1][1]["spanId"] if spans else (harness.random_id(8, source) if source.random() < 0.2 else None)
        span = harness.span(trace_id, harness.random_id(8, source), parent, source.choice(WORDS), start + i * 1000,
                            source.randrange(1, 60 * SECOND), attributes, kind=source.randrange(1, 6))
        if source.random() < 0.25:
            span["status"] = {"code": 2, "message": "it broke"}
        spans.append((source.choice(WORDS), span))
    return trace_id, spans


def send(server, spans):
    """One request a span, so that the spans of a run come apart."""
    for service, span in spans:
        status, answer = server.post_traces(harness.otlp_request([span], service))
        if status != 200 or answer.get("partialSuccess"):
            raise RuntimeError(f"refused: {status} {answer}")


# The plain evaluator: what a run is, said over the spans that were sent.

def values(span, key):
    """Attribute values of a span under a key, as Python values."""
    found = [a["value"] for a in span["attributes"] if a["key"] == key]
    return [int(v["intValue"]) if "intValue" in v else next(iter(v.values())) for v in found]


def state(spans):
    roots = [span for _, span in spans if "parentSpanId" not in span]
    if not roots:
        return "running"
    return "error" if any(root.get("status", {}).get("code") == 2 for root in roots) else "ok"


def start(spans):
    return min(int(span["startTimeUnixNano"]) for _, span in spans)


def end(spans):
    return max(int(span["endTimeUnixNano"]) for _, span in spans)


def agents(spans):
    return {name for _, span in spans for name in values(span, "gen_ai.agent.name")}


def newest_first(runs):
    return [run for run, _ in sorted(runs.items(), key=lambda item: (start(item[1]), item[0]), reverse=True)]


def questions(now):
    """Query strings, each with the same question over spans."""
    half = now - 1800 * SECOND
    return {
        "": lambda r: True,
        "service=alpha": lambda r: any(s == "alpha" for s, _ in r),
        "service=alpha&service=beta": lambda r: any(s in ("alpha", "beta") for s, _ in r),
        "name=gamma": lambda r: any(s["name"] == "gamma" for _, s in r),
        "name=gamma&kind=client": lambda r: any(s["name"] == "gamma" and KINDS[s["kind"]] == "client" for _, s in r),
        "state=error": lambda r: state(r) == "error",
        "state=running&state=ok": lambda r: state(r) in ("running", "ok"),
        "agent=delta": lambda r: "delta" in agents(r),
        "attr=number%3D3": lambda r: any(3 in values(s, "number") for _, s in r),
        "attr=span.word%3Dbeta&attr=number%3D1": lambda r: any("beta" in values(s, "word") and 1 in values(s, "number") for _, s in r),
        "attr=flag%3Dtrue": lambda r: any(v is True for _, s in r for v in values(s, "flag")),
        "attr=resource.service.name%3Dgamma": lambda r: any(s == "gamma" for s, _ in r),
        "duration_min=30s": lambda r: end(r) - start(r) >= 30 * SECOND,
        "duration_max=10s&service=delta": lambda r: end(r) - start(r) <= 10 * SECOND and any(s == "delta" for s, _ in r),
        f"from={half}": lambda r: end(r) >= half,
        f"to={half}": lambda r: start(r) <= half,
        "word=x": None,
    }


def listed(server, query, limit=1000):
    """Ids of all pages."""
    ids, cursor = [], ""
    while True:
        status, page = server.get_json(f"/api/traces?limit={limit}&{query}{cursor}")
        if status != 200:
            return status
        ids += [run["trace_id"] for run in page["traces"]]
        if page["next_cursor"] is None:
            return ids
        cursor = f"&cursor={page['next_cursor']}"


def check_questions(server, cases, runs, now, when):
    for query, holds in questions(now).items():
        if holds is None:
            cases.check(f"{when}: '{query}' is refused", listed(server, query) == 400)
            continue
        expected = [run for run in newest_first(runs) if holds(runs[run])]
        got = listed(server, query, limit=37)
        cases.check(f"{when}: list '{query}'", got == expected, f"{len(expected)} runs")


def check_overview(server, cases, runs):
    chosen = {run: spans for run, spans in runs.items() if any(s == "alpha" for s, _ in spans)}
    status, overview = server.get_json("/api/traces/overview?service=alpha&from=now-2h&steps=50")
    cases.check("overview: total", status == 200 and overview["total"] == len(chosen), overview.get("total"))
    cases.check("overview: running", overview["running"] == sum(state(s) == "running" for s in chosen.values()))
    states = {v["value"]: v["count"] for v in overview["facets"]["state"]}
    cases.check("overview: states", states == {k: sum(state(s) == k for s in chosen.values()) for k in ("running", "ok", "error")}, states)
    services = {v["value"]: v["count"] for v in overview["facets"]["service"]}
    of_all = {w: sum(any(s == w for s, _ in spans) for spans in runs.values()) for w in WORDS}
    cases.check("overview: a facet ignores its own choice", services == of_all, services)
    series = overview["series"]
    cases.check("overview: every run is in the series", sum(series["ok"] + series["error"] + series["running"]) == len(chosen))


def check_paging(server, cases, runs, source, now):
    """Before each page some run arrives, newer and older ones alike: no run twice, none left out."""
    expected = newest_first(runs)
    ids, cursor, added = [], "", {}
    while cursor is not None:
        _, page = server.get_json(f"/api/traces?limit=10{cursor and '&cursor=' + cursor}")
        ids += [run["trace_id"] for run in page["traces"]]
        cursor = page["next_cursor"]
        trace_id, spans = make_run(source, len(added), now)
        send(server, spans)
        added[trace_id] = spans
    runs.update(added)
    cases.check("pages are stable while data arrives", ids == expected, f"{len(added)} runs came meanwhile")


def spans_of(otlp):
    return {s["spanId"]: s for r in otlp["resourceSpans"] for c in r["scopeSpans"] for s in c["spans"]}


def check_one_run(server, cases, trace_id, spans):
    status, run = server.get_json(f"/api/traces/{trace_id}")
    cases.check("a run comes whole", status == 200 and {s["span_id"] for s in run["spans"]} == {s["spanId"] for _, s in spans})
    _, otlp = server.get_json(f"/api/traces/{trace_id}?format=otlp")
    found = spans_of(otlp)
    same = all(all(found[s["spanId"]].get(k) == v for k, v in s.items()) for _, s in spans)
    cases.check("OTLP comes out as it went in", same and len(found) == len(spans))
    send(server, spans)  # a client's retry
    _, again = server.get_json(f"/api/traces/{trace_id}")
    cases.check("equal copies are one span", again["spans"] == run["spans"])
    changed = (spans[0][0], {**spans[0][1], "name": "renamed"})
    send(server, [changed])
    _, copies = server.get_json(f"/api/traces/{trace_id}/spans/{changed[1]['spanId']}")
    cases.check("differing copies are both kept, and marked",
                len(copies["spans"]) == 2 and all(s["conflicting"] for s in copies["spans"]), [s["name"] for s in copies["spans"]])


def check_large_run(server, cases, now, count=30_000):
    trace_id = harness.random_id(16)
    ids = [f"{i:016x}" for i in range(1, count + 1)]
    spans = [harness.span(trace_id, ids[i], ids[(i - 1) // 3] if i else None, "step", now + i, 1000) for i in range(count)]
    for at in range(0, count, 5000):
        server.post_traces(harness.otlp_request(spans[at:at + 5000], "large"))
    status, headers, body = server.request("GET", f"/api/traces/{trace_id}/steps", headers={"Accept-Encoding": "gzip"})
    steps = json.loads(gzip.decompress(body))["steps"] if headers.get("Content-Encoding") == "gzip" else []
    cases.check("a run of 30,000 spans has 30,000 steps", status == 200 and [s["span_id"] for s in steps] == ids, len(steps))
    status, headers, _ = server.request("GET", f"/api/traces/{trace_id}/steps", headers={"If-None-Match": headers["ETag"]})
    cases.check("unchanged, it is not sent again", status == 304)
    return trace_id, [("large", span) for span in spans]


def add_long_values(server, source, now):
    """A run with values of some 100 KB; and what a list of it shall show."""
    trace_id = harness.random_id(16, source)
    values = [" ".join(source.choices(WORDS + ["häufig", "日本語"], k=20_000)) for _ in range(3)]
    spans = [harness.span(trace_id, harness.random_id(8, source), None, "long", now + i, 5, {"long": value, "short": "é"})
             for i, value in enumerate(values)]
    server.post_traces(harness.otlp_request(spans, "long"))
    return trace_id, values


def check_cut(server, cases, when, trace_id, values):
    status, run = server.get_json(f"/api/traces/{trace_id}?value_chars_max=200")
    shown = [{a["key"]: a["value"] for a in span["attributes"]} for span in run["spans"]]
    wanted = [{"long": {"stringValue": v[:200], "cutFromBytes": len(v.encode())}, "short": {"stringValue": "é"}} for v in values]
    cases.check(f"{when}: values are cut on request", status == 200 and shown == wanted, [str(s)[:60] for s in shown])
    _, whole = server.get_json(f"/api/traces/{trace_id}")
    cases.check(f"{when}: and whole without", [span["attributes"][0]["value"] for span in whole["spans"]] == [{"stringValue": v} for v in values])


def check_server(server, cases):
    for path in ("/healthz", "/readyz"):
        status, health = server.get_json(path)
        cases.check(path, status == 200 and health["status"] == "healthy", health)
    status, headers, text = server.request("GET", "/metrics")
    cases.check("/metrics", status == 200 and b"sextant_api_requests_total" in text and headers["Content-Type"].startswith("text/plain"))
    status, document = server.get_json("/api/openapi.json")
    cases.check("/api/openapi.json", status == 200 and document["openapi"].startswith("3.1"))
    status, info = server.get_json("/api/status")
    cases.check("/api/status", status == 200 and info["first"]["span"] and info["received"]["spans_accepted"] > 0, info.get("data_version"))
    status, _, body = server.request("POST", "/api/test-trace")
    made = json.loads(body)["trace_id"]
    _, run = server.get_json(f"/api/traces/{made}")
    cases.check("/api/test-trace", status == 200 and run["summary"]["tokens"]["output"] > 0 and run["summary"]["task"], run["summary"]["name"])
    status, _, _ = server.request("DELETE", f"/api/traces/{made}", headers={"Origin": "http://attacker.example"})
    cases.check("a foreign page cannot delete", status == 403, status)
    status, _, _ = server.request("GET", "/api/traces", headers={"Host": "attacker.example"})
    cases.check("a foreign Host is refused", status == 403, status)
    status, metrics = server.get_json("/api/metrics")
    cases.check("/api/metrics", status == 200 and metrics["requests_per_minute"] > 0, metrics)
    status, named = server.get_json("/api/services")
    cases.check("/api/services", {s["name"] for s in named["services"]} >= set(WORDS), len(named["services"]))
    _, found = server.get_json("/api/attributes/values?scope=span&key=number")
    cases.check("/api/attributes/values", {v["value"]["intValue"] for v in found["values"]} == set("01234"), len(found["values"]))
    return made


def check_deletion(server, cases, trace_id):
    others = [line for line in listed(server, "") if trace_id not in str(line)]
    status, _, body = server.request("DELETE", f"/api/traces/{trace_id}")
    cases.check("a run is deleted", status == 200 and json.loads(body)["trace_id"] == trace_id, status)
    status, _, _ = server.request("GET", f"/api/traces/{trace_id}")
    again, _, _ = server.request("DELETE", f"/api/traces/{trace_id}")
    cases.check("and is gone", (status, again) == (404, 404) and listed(server, "") == others, (status, again))


def main():
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    source = random.Random(seed)
    now = time.time_ns()
    cases = harness.Cases()
    with harness.Server() as server:
        runs = dict(make_run(source, i, now) for i in range(150))
        for spans in runs.values():
            send(server, spans)
        check_questions(server, cases, runs, now, "at once")
        check_overview(server, cases, runs)
        check_paging(server, cases, runs, source, now)
        check_one_run(server, cases, *next(iter(runs.items())))
        runs.pop(next(iter(runs)))  # its first span says two things now
        check_large_run(server, cases, now)
        check_server(server, cases)
        check_deletion(server, cases, next(iter(runs)))
        long_run = add_long_values(server, source, now)
        check_cut(server, cases, "at once", *long_run)
        before = listed(server, "")
        server.stop()
        server.start()
        check_cut(server, cases, "after a restart", *long_run)
        cases.check("after a restart the list is the same", listed(server, "") == before, len(before))
    return cases.finish()


if __name__ == "__main__":
    raise SystemExit(main())
