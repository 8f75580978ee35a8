"""`tools/dev run`, `demo` and `ui`: what one looks at while working: server, demo agents, page."""
import json
import os
import signal
import subprocess
import sys

from devlib import build as building
from devlib import npm
from devlib.shell import ROOT, DevError, call, environment, relative, run, say

QUICKSTART = ROOT / "examples/quickstart"
STOP_SECONDS_MAX = 30


def agents(endpoint, runs):
    """Lets the demo agents make some runs; what they send goes to an OTLP/HTTP endpoint."""
    npm.ensure(QUICKSTART)
    say(f"the demo agents make {runs} runs; their traces go to {endpoint}")
    run([npm.node(QUICKSTART), "quickstart.mjs", "--runs", runs], cwd=QUICKSTART, env={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
        cure="is a server listening there? tools/dev run starts one")


def start(data_dir):
    """The server on its default ports; returns the process and its addresses once it is ready."""
    command = [str(building.server("release")), "serve", "--data-dir", str(data_dir)]
    say(f"starting the server; its data is kept in {relative(data_dir)}/")
    print(f"  $ {relative(command[0])} {' '.join(command[1:-1])} {relative(data_dir)}", flush=True)
    # In a session of its own, so that Ctrl-C reaches us alone and we stop it in order.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment())
    line = process.stdout.readline()
    if not line.startswith("ready "):
        stop(process)
        raise DevError("the server did not start; it says why above",
                       "if another server has its ports or its data folder: stop that one, or use tools/dev run --data-dir DIR")
    return process, json.loads(line[len("ready "):])


def stop(process):
    """Asks the server to stop and waits until it has."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    process.stdout.close()


def run_all(data_dir, runs):
    """Build, server, demo agents; then until Ctrl-C or SIGTERM."""
    building.build("release")
    npm.ensure(QUICKSTART)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    process, addresses = start(os.path.abspath(data_dir))
    page = f"http://{addresses['http']}"
    try:
        say(f"the page: {page}")
        agents(f"http://{addresses['otlp_http']}", runs)
        say(f"the runs are on the page: {page}    Ctrl-C stops the server")
        code = process.wait()
    except KeyboardInterrupt:
        print(flush=True)
        say("stopping the server")
        return 0
    finally:
        stop(process)
    raise DevError(f"the server ended with code {code}", "its last lines above say why")


def page_alone():
    """The page with made-up data, for work on it."""
    npm.ensure(npm.UI)
    say("serving the page with made-up data; Ctrl-C stops")
    sys.exit(call(["npm", "run", "--silent", "mock"], cwd=npm.UI))
