"""The page as the server serves it, over runs that the demo agents made: the browser tests that need no invented data.

Chromium, Node and the libraries of ui/ and examples/quickstart must be installed: tools/dev does it.
"""

import pathlib
import subprocess

import harness
import quickstart

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    with harness.Server() as server:
        if quickstart.make_runs(server) != 0:
            print("FAIL the demo agents could not make their runs")
            return 1
        command = ["npm", "run", "--silent", "test:browser", "--", "--url", f"http://{server.addresses['http']}"]
        return subprocess.run(command, cwd=ROOT / "ui", check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
