"""clang-format over all C++: whoever writes, the code looks the same."""
import subprocess

from devlib.shell import DevError, relative, run

TOOL = "clang-format-19"
FILES_PER_CALL = 100


def cpp(files):
    """The C++ files among `files`."""
    return [path for path in files if path.suffix in (".h", ".cc")]


def check(files):
    """One finding for each place that clang-format would change."""
    findings = []
    paths = cpp(files)
    for first in range(0, len(paths), FILES_PER_CALL):
        findings += check_some(paths[first:first + FILES_PER_CALL])
    return findings


def check_some(paths):
    """The same for as many files as a command line takes."""
    command = [TOOL, "--dry-run", "-Werror", *map(str, paths)]
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError as error:
        raise DevError(f"{TOOL} is not installed", "tools/dev setup") from error
    if done.returncode == 0:
        return []
    places = {}
    for line in done.stderr.splitlines():
        parts = line.split(":", 3)
        if len(parts) == 4 and "error" in parts[3]:
            places.setdefault(relative(parts[0]), parts[1])
    found = [f"{name}:{line}: not as clang-format writes it; run tools/dev fmt" for name, line in places.items()]
    return found or [done.stderr.strip()]


def write(files):
    """Formats in place."""
    paths = cpp(files)
    for first in range(0, len(paths), FILES_PER_CALL):
        run([TOOL, "-i", *paths[first:first + FILES_PER_CALL]])
