#!/usr/bin/env python3
"""An hour, or as long as is asked, of spans arriving at an even rate while questions are asked and the oldest spans are
removed to keep a quota. Every few seconds it notes what the server holds; in the end it writes a table (CSV), a plot
(SVG) and a summary, and ends with 1 when a request failed or was refused, or a question was not answered.

    bench/soak.py --minutes 60 --rate 100000 --quota-bytes 4000000000 --out DIRECTORY

Python's standard library only; the server is that of tests/app/harness.py.
"""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/app"))

import harness  # noqa: E402  (the path above must be set first)

SAMPLE_SECONDS = 5
QUESTION_SECONDS = 1
MEBI = 1 << 20
COLUMNS = ("second", "spans", "spans_per_second", "resident_mib", "disk_mib", "segments", "head_mib", "ledger_mib", "cpu_cores",
           "by_id_ms", "newest_ms", "attribute_ms")


def disk_bytes(directory):
    """Bytes of all files under a directory from which files go while it is read."""
    total = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                pass
    return total


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Refused(Exception):
    """A question that was not answered as it should."""


def timed(server, path):
    """(milliseconds, answer) of a question."""
    begin = time.monotonic()
    status, body = server.get_json(path)
    if status != 200:
        raise Refused(f"GET {path} was answered {status}: {body}")
    return (time.monotonic() - begin) * 1000, body


def ask(server, refused):
    """A page of the newest runs, the first of them by its id, and the newest of a service. What is refused is noted."""
    answers = {}
    try:
        answers["newest_ms"], page = timed(server, "/api/traces?limit=20")
        if runs := page["traces"]:
            answers["by_id_ms"], _ = timed(server, "/api/traces/" + runs[0]["trace_id"])
            answers["attribute_ms"], _ = timed(server, "/api/traces?limit=20&service=" + runs[0]["service"])
    except Refused as problem:
        refused.append(str(problem))
        print(problem, file=sys.stderr, flush=True)
    return answers


def sample(server, begin, last):
    """What the server holds now, and what it did since the last sample."""
    pid = server.process.pid
    now = time.monotonic()
    row = {"second": now - begin, "spans": server.metric("sextant_store_spans_total"),
           "resident_mib": server.memory_bytes() / MEBI, "disk_mib": disk_bytes(server.data_dir) / MEBI,
           "segments": server.metric("sextant_store_segments"), "head_mib": server.metric("sextant_store_head_bytes") / MEBI,
           "ledger_mib": server.metric("sextant_memory_ledger_used_bytes") / MEBI,
           "cpu": cpu_seconds(pid)}
    seconds = row["second"] - last["second"]
    row["spans_per_second"] = (row["spans"] - last["spans"]) / seconds
    row["cpu_cores"] = (row["cpu"] - last["cpu"]) / seconds
    return row


def watch(server, load, rows, refused):
    """Samples and asks until the load has ended. Questions that were refused are added to the list."""
    begin = time.monotonic()
    last = {"second": 0.0, "spans": 0.0, "cpu": cpu_seconds(server.process.pid)}
    answers = []
    next_sample = begin + SAMPLE_SECONDS
    while load.poll() is None:
        answers.append(ask(server, refused))
        time.sleep(QUESTION_SECONDS)
        if time.monotonic() < next_sample:
            continue
        next_sample += SAMPLE_SECONDS
        row = last = sample(server, begin, last)
        for name in ("by_id_ms", "newest_ms", "attribute_ms"):
            known = [answer[name] for answer in answers if name in answer]
            row[name] = statistics.median(known) if known else 0.0
        answers = []
        rows.append(row)


def panel(rows, names, title, top, width=860, height=120):
    """One chart of the plot: lines from zero to their highest value."""
    highest = max(max(row[name] for row in rows) for name in names) or 1
    last = rows[-1]["second"]
    out = [f'<text x="60" y="{top - 6}">{title}: highest {highest:,.4g}</text>',
           f'<rect x="60" y="{top}" width="{width}" height="{height}" fill="none" stroke="#999"/>']
    for name, colour in zip(names, ("#1f5fbf", "#c2571a", "#2c8a4b")):
        points = " ".join(f"{60 + row['second'] / last * width:.1f},{top + height - row[name] / highest * height:.1f}" for row in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1"/>')
        if len(names) > 1:
            out.append(f'<text x="{60 + width - 230 + 80 * names.index(name)}" y="{top - 6}" fill="{colour}">{name.rsplit("_", 1)[0]}</text>')
    return out


def plot(rows, title):
    charts = ((("spans_per_second",), "spans a second"), (("resident_mib", "ledger_mib"), "memory, MiB"), (("disk_mib",), "disk, MiB"),
              (("segments",), "segments"), (("cpu_cores",), "cores used"), (("by_id_ms", "newest_ms", "attribute_ms"), "answers, median ms"))
    lines = [f'<text x="60" y="24" font-size="15">{title}</text>']
    for i, (names, label) in enumerate(charts):
        lines += panel(rows, names, label, 60 + i * 160)
    bottom = 60 + len(charts) * 160
    lines.append(f'<text x="60" y="{bottom - 20}">0</text><text x="920" y="{bottom - 20}" text-anchor="end">{rows[-1]["second"] / 60:.0f} min</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 {bottom}" font-family="sans-serif" font-size="12" '
            f'fill="#333"><rect width="980" height="{bottom}" fill="#fff"/>\n' + "\n".join(lines) + "\n</svg>\n")


def summary(rows, figures, quota):
    """The figures of the run as one JSON object: the later half tells whether anything still grows."""
    half = rows[len(rows) // 2:]
    quarter = max(1, len(rows) // 4)
    def middle(name, part):
        return round(statistics.median(row[name] for row in part), 2)
    return {"minutes": round(rows[-1]["second"] / 60, 1), "spans": int(rows[-1]["spans"]),
            "spans_per_second": middle("spans_per_second", rows),
            "memory_mib": {"second_quarter": middle("resident_mib", rows[quarter:2 * quarter]), "last_quarter": middle("resident_mib", rows[-quarter:]),
                           "highest": round(max(row["resident_mib"] for row in rows), 1)},
            "segments": {"second_quarter": middle("segments", rows[quarter:2 * quarter]), "last_quarter": middle("segments", rows[-quarter:]),
                         "highest": max(row["segments"] for row in rows)},
            "disk_mib_highest_of_later_half": round(max(row["disk_mib"] for row in half), 1), "quota_mib": round(quota / MEBI, 1),
            "cores": middle("cpu_cores", half), "by_id_ms": middle("by_id_ms", half), "newest_ms": middle("newest_ms", half),
            "attribute_ms": middle("attribute_ms", half),
            **{name.split(".")[-1]: value for name, value in figures.items() if name.endswith((".refused", ".failed", ".ack_p50", ".ack_p99"))}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=100_000, help="spans a second")
    parser.add_argument("--quota-bytes", type=int, default=4_000_000_000)
    parser.add_argument("--work-dir", default=tempfile.gettempdir())
    parser.add_argument("--out", required=True, help="directory for soak.csv, soak.svg and soak.json")
    options = parser.parse_args()

    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    refused = []
    with tempfile.TemporaryDirectory(prefix="sextant_soak_", dir=options.work_dir) as directory:
        config = pathlib.Path(directory) / "sextant.yaml"
        config.write_text(f"storage:\n  retention:\n    bytes_max: {options.quota_bytes}\n")
        with harness.Server(os.path.join(directory, "data"), extra=["--config", str(config)]) as server:
            load = subprocess.Popen([harness.binary(), "bench", "ingest", "--corpus", "shape", "--rate", str(options.rate),
                                     "--duration", f"{options.minutes * 60:.0f}s", "--target", server.addresses["otlp_http"] if
                                     "://" in server.addresses["otlp_http"] else "http://" + server.addresses["otlp_http"]],
                                    stdout=subprocess.PIPE, text=True)
            try:
                watch(server, load, rows, refused)
            finally:
                if load.poll() is None:
                    load.kill()
            lines = load.communicate()[0].splitlines()
    if len(rows) < 4:
        sys.exit(f"too short to tell anything: at least {4 * SAMPLE_SECONDS} seconds are needed")
    figures = {figure["figure"]: figure["value"] for figure in map(json.loads, lines)}
    with open(out / "soak.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        table.writeheader()
        table.writerows({name: round(row.get(name, 0), 2) for name in COLUMNS} for row in rows)
    told = {**summary(rows, figures, options.quota_bytes), "questions_refused": len(refused)}
    (out / "soak.svg").write_text(plot(rows, f"{told['minutes']:.0f} minutes, {options.rate:,} spans a second, sync"))
    (out / "soak.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))
    return 0 if load.returncode == 0 and not told["refused"] and not told["failed"] and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
