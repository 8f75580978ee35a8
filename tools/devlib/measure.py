"""`tools/dev bench` and `tools/dev fuzz`: figures and findings that take longer than tests may."""
import pathlib

from devlib import build as building
from devlib import npm
from devlib.shell import ROOT, DevError, cores, relative, run, say

SECONDS_PER_MINUTE = 60
INPUT_BYTES_MAX = 65536  # longer inputs slow a fuzzer down and show nothing that shorter ones do not


def bench(family, only):
    """One family of benchmarks, or single figures of it."""
    picked = [word for figure in only for word in ("--only", figure)]
    if family == "server":
        building.build("release")
        run([building.server("release"), "bench", *picked])
    elif family == "page":
        building.build("release")
        run(["npm", "run", "--silent", "bench", "--", *picked], cwd=npm.UI, env={"SEXTANT_BIN": str(building.server("release"))})
    else:
        raise DevError("this tree holds no SDK to measure", "tools/dev bench server, or page")


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
