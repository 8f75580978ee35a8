#!/usr/bin/env python3
"""Programs of users: built from an installed SDK with find_package and pkg-config, by GCC and Clang, in C++17, 20 and 23.
Prints what including the SDK costs in compile time, and linking it in size. The core is compiled without exceptions and RTTI too.

    sdk/tests/consumers.py BUILD_DIRECTORY      an SDK that was built there is installed and used
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CONSUMER = ROOT / "tests/consumer"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
EMPTY = "int main() { return 0; }\n"


def run(*words, **options):
    print("  $", *words, flush=True)
    return subprocess.run([str(word) for word in words], check=True, **options)


def compilers():
    """Those of the two that are here; that one is missing is said."""
    found = []
    for name in ("g++", "clang++-19"):
        if shutil.which(name):
            found.append(name)
        else:
            print(f"  skipped: {name} is not installed")
    return found


def flags(prefix, kind, component="sdk"):
    env = {**os.environ, "PKG_CONFIG_PATH": str(next(prefix.rglob("pkgconfig")))}
    out = subprocess.run(["pkg-config", kind, f"sextant-{component}"], env=env, check=True, capture_output=True, text=True).stdout
    return out.split()


def components(prefix):
    """What was built and installed beside the core, as far as there is a program for it."""
    names = sorted(path.stem.removeprefix("sextant-") for path in prefix.rglob("sextant-*.pc"))
    return [name for name in names if name != "sdk" and (CONSUMER / f"{name}.cc").is_file()]


def with_find_package(prefix, work):
    for component in ("sdk", *components(prefix)):
        build = work / f"cmake-{component}"
        run("cmake", "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCOMPONENT={component}", "-DCMAKE_BUILD_TYPE=Release",
            stdout=subprocess.DEVNULL)
        run("cmake", "--build", build, stdout=subprocess.DEVNULL)
        run(build / "consumer")


def compile_with_pkg_config(prefix, binary, component, *words):
    run(*words, *WARNINGS, CONSUMER / f"{component}.cc", "-o", binary, *flags(prefix, "--cflags", component), *flags(prefix, "--libs", component))
    run(binary)


def with_pkg_config(prefix, work):
    for compiler in compilers():
        for level in ("c++17", "c++20", "c++23"):
            compile_with_pkg_config(prefix, work / f"{compiler}-{level}", "sdk", compiler, f"-std={level}", "-O2")
    for component in components(prefix):
        compile_with_pkg_config(prefix, work / component, component, "g++", "-std=c++17")


def core_without_exceptions(work):
    """The core's sources alone: components may wrap libraries that throw."""
    listing = (ROOT / "src/CMakeLists.txt").read_text()
    modules = [line.split("(")[1].split()[0].rstrip(")") for line in listing.splitlines() if line.startswith("sdk_module(")]
    sources = [path for name in modules for path in sorted((ROOT / "src" / name).glob("*.cc")) if not path.stem.endswith("_test")]
    for compiler in compilers():
        base = [compiler, "-std=c++17", "-fsyntax-only", "-fno-exceptions", "-fno-rtti", *WARNINGS, f"-I{ROOT}/src", f"-I{ROOT}/include"]
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
            list(workers.map(lambda source: subprocess.run([*base, source], check=True), sources))
        print(f"  {compiler}: {len(sources)} files of the core compile with -fno-exceptions -fno-rtti", flush=True)


def seconds(*words):
    """Least of three: the others are other people's work on the machine."""
    best = float("inf")
    for _ in range(3):
        begin = time.monotonic()
        subprocess.run([str(word) for word in words], check=True)
        best = min(best, time.monotonic() - begin)
    return best


def costs(prefix, work):
    empty = work / "empty.cc"
    empty.write_text(EMPTY)
    base = ["g++", "-std=c++17", "-O2"]
    plain = seconds(*base, "-c", empty, "-o", work / "empty.o")
    ours = seconds(*base, "-c", CONSUMER / "sdk.cc", "-o", work / "main.o", *flags(prefix, "--cflags"))
    run(*base, "-s", work / "empty.o", "-o", work / "empty")
    run(*base, "-s", work / "main.o", "-o", work / "main", *flags(prefix, "--libs"))
    grown = (work / "main").stat().st_size - (work / "empty").stat().st_size
    print(f"  compile time of a file that includes all of the core: {ours:.2f} s (an empty one: {plain:.2f} s)")
    print(f"  the program grows by {grown / 1024:.0f} KiB (stripped)")


def main():
    build = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="sextant_consumers_") as directory:
        work = pathlib.Path(directory)
        prefix = work / "installed"
        run("cmake", "--install", build, "--prefix", prefix, stdout=subprocess.DEVNULL)
        with_find_package(prefix, work)
        with_pkg_config(prefix, work)
        core_without_exceptions(work)
        costs(prefix, work)
    print("all consumers were built and ran")


if __name__ == "__main__":
    main()
