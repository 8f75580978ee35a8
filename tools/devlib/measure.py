"""`tools/dev bench` and `tools/dev fuzz`: figures and findings that take longer than tests may."""
import json
import pathlib
import shlex
import subprocess

from devlib import build as building
from devlib import npm
from devlib.shell import ROOT, DevError, cores, environment, relative, run, say

SECONDS_PER_MINUTE = 60
INPUT_BYTES_MAX = 65536  # longer inputs slow a fuzzer down and show nothing that shorter ones do not


# All figures of the server; the program judges them itself.
SERVER_REPORT = ["bench", "report"]

# Which run gives single figures: (beginnings of their ids, arguments). The first that fits is run.
SERVER_RUNS = (
    (("ingest.shape", "disk.shape", "memory.shape"), ["bench", "ingest", "--corpus", "shape", "--spans", "1000000"]),
    (("ingest.agent", "disk.agent", "memory.agent"), ["bench", "ingest", "--corpus", "agent", "--spans", "50000", "--floor"]),
    (("query.by_id.agent", "query.p95_by_model"), ["bench", "query", "--corpus", "agent", "--spans", "50000"]),
    (("query", "start", "memory", "machine"), ["bench", "query", "--corpus", "shape", "--spans", "1000000"]),
)


def wanted(line, only):
    """Whether a line of output is to be shown: all that is no figure, and the figures asked for."""
    try:
        figure = json.loads(line).get("figure")
    except (ValueError, AttributeError):
        return True
    return not only or any(figure == name or figure.startswith(name + ".") for name in only)


def figures(command, only, cwd=ROOT, env=None):
    """Runs a benchmark and prints its figures, one JSON line each."""
    print(f"  $ {shlex.join([relative(command[0]), *map(str, command[1:])])}", flush=True)
    process = subprocess.Popen([str(part) for part in command], cwd=cwd, env=environment(env), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if wanted(line, only):
            print(line, end="", flush=True)
    if process.wait() != 0:
        raise DevError(f"the benchmark ended with code {process.returncode}", "see its output above")


def server_runs(only):
    """The arguments of every run that is needed for these figures; a beginning such as "query" may need several."""
    if not only:
        return [SERVER_REPORT]
    chosen = []
    for name in only:
        parts = [run for ids, run in SERVER_RUNS if any(one.startswith(name + ".") for one in ids)]
        first = next((run for ids, run in SERVER_RUNS if any(name == one or name.startswith(one + ".") for one in ids)), None)
        if first is None and not parts:
            raise DevError(f"no benchmark gives a figure '{name}'", "sextant bench report shows them all")
        chosen += [run for run in [*parts, first] if run is not None and run not in chosen]
    return chosen


def bench(family, only):
    """One family of benchmarks, or single figures of it."""
    building.build("release")
    if family == "sdk":
        figures([building.folder("release") / "sdk/bench/sdk_bench"], only)
        return
    if family == "page":
        figures([npm.node(npm.UI), "--disable-warning=ExperimentalWarning", "../bench/page/main.ts"], only, cwd=npm.UI)
        return
    for arguments in server_runs(only):
        figures([building.server("release"), *arguments], only)


def targets():
    """The fuzz targets: every file of fuzz/ but the shared ones."""
    return sorted(path.stem for path in (ROOT / "fuzz").glob("*.cc") if not path.stem.endswith("_main"))


def fuzz(target, minutes):
    """Fuzzes one target for a while; new inputs that reach new code go to build/, findings stop it."""
    known = targets()
    if target is None:
        print("\n".join(f"  {name}" for name in known))
        return
    if target not in known:
        raise DevError(f"there is no fuzz target '{target}'", f"choose one of {', '.join(known)}")
    folder = building.build("fuzz", [f"fuzz_{target}"])
    grown = folder / "corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "fuzz/corpus" / target
    say(f"fuzzing {target} for {minutes:g} minutes; a finding is written to {relative(folder)}/finding-…")
    run([binary(folder, target), grown, *([seeds] if seeds.is_dir() else []), f"-max_total_time={int(minutes * SECONDS_PER_MINUTE)}",
         f"-max_len={INPUT_BYTES_MAX}", f"-jobs={cores()}", f"-workers={cores()}", "-print_final_stats=1",
         f"-artifact_prefix={folder}/finding-"], cwd=folder,
        cure=f"put the finding into fuzz/corpus/{target}/, mend what it shows, commit both")


def binary(folder, target):
    """Where the build put a target."""
    found = sorted(path for path in pathlib.Path(folder).rglob(f"fuzz_{target}") if path.is_file())
    if not found:
        raise DevError(f"the build made no fuzz_{target}", "see fuzz/CMakeLists.txt")
    return found[0]
