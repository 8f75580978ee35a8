"""Configures and builds one CMake preset."""
import time

from devlib import npm, packages
from devlib.shell import ROOT, DevError, cores, run, say

PRESETS = ("release", "dev", "tsan", "clang", "fuzz")
CLANG_PRESETS = ("clang", "fuzz")
# Paths below the checkout count as relative ones, so that another checkout (CI's is a new one each time) finds its objects.
CCACHE = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1", "CCACHE_SLOPPINESS": "pch_defines,time_macros"}


def setup(page=True, lint=False):
    """Everything a build needs from outside."""
    packages.ensure_build()
    if lint:
        packages.ensure_lint()
    if page:
        npm.build_page()


def configure(preset):
    """CMake's files for a preset; cheap when nothing changed."""
    if preset not in PRESETS:
        raise DevError(f"there is no preset '{preset}'", f"choose one of {', '.join(PRESETS)}")
    run(["cmake", "--preset", preset, "--log-level=WARNING"],
        cure=f"if the cache is of another machine or version: rm -r build/{preset}")


def build(preset, targets=()):
    """Sets up, configures and compiles; returns the folder of the build."""
    setup(lint=preset in CLANG_PRESETS)
    say(f"building the {preset} preset with {cores()} jobs")
    started = time.monotonic()
    configure(preset)
    run(["ninja", "-C", folder(preset), f"-j{cores()}", *targets], env=CCACHE,
        cure="the compiler's first error above is the one to read")
    print(f"  built in {time.monotonic() - started:.0f} s", flush=True)
    return folder(preset)


def folder(preset):
    """Where a preset is built."""
    return ROOT / "build" / preset


def server(preset):
    """The server's binary."""
    return folder(preset) / "sextant"
