"""Installs the Debian packages that building and testing need, and only those that are missing."""
import os
import shutil
import subprocess

from devlib.shell import ROOT, DevError, call, run, say

BUILD_LIST = ROOT / "tools/packages.txt"
LINT_LIST = ROOT / "tools/packages-lint.txt"
# Where node and npm come from elsewhere, Debian's packages of the same name may conflict with them.
NODE_PACKAGES = {"nodejs": "node", "npm": "npm"}


def read_list(path):
    """Package names, one a line; what follows # is a remark."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def wanted(names, find=shutil.which):
    """`names` without node's packages when both of its commands are here already."""
    if all(find(command) for command in NODE_PACKAGES.values()):
        return [name for name in names if name not in NODE_PACKAGES]
    return list(names)


def installed(names):
    """Those of `names` that dpkg has installed."""
    done = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *names], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    pairs = (line.split() for line in done.stdout.splitlines())
    return {pair[0] for pair in pairs if len(pair) == 2 and pair[1] == "installed"}


def missing(names):
    """Those of `names` that are to be installed."""
    names = wanted(names)
    have = installed(names) if names else set()
    return [name for name in names if name not in have]


def ensure(names, why):
    """Installs what is missing of `names`; says nothing when nothing is."""
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise DevError("this is not a Debian system: there is no apt-get",
                       "build on Debian 12, or install what tools/packages.txt names and run cmake --preset release")
    absent = missing(names)
    if not absent:
        return
    say(f"installing {len(absent)} Debian packages ({why}): {' '.join(absent)}")
    root = privileged()
    options = ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"]
    call([*root, "apt-get", *options, "-qq", "update"])
    run([*root, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", *options, "-qq", "-y",
         "--no-install-recommends", "install", *absent],
        cure="check that Debian 12's package mirror can be reached: apt-get update")
    left = missing(names)
    if left:
        raise DevError(f"still missing after installing: {' '.join(left)}", f"apt-get install {' '.join(left)}")


def privileged():
    """The prefix that makes a command run as root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"]
    raise DevError("packages are missing, and neither is this root nor is there sudo",
                   "run as root: " + " ".join(["apt-get install", *missing(read_list(BUILD_LIST))]))


def ensure_build():
    """What a build, the page and the tests need, clang-format included: the format check is part of the tests."""
    ensure(read_list(BUILD_LIST) + ["clang-format-19"], "build and tests")


def ensure_lint():
    """The Clang tools: clang-tidy, fuzzing, thread-safety analysis."""
    ensure(read_list(LINT_LIST), "lint and fuzzing")
