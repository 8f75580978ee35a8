"""How tools/dev runs other programs: it says what it does before doing it, and an error names its cure."""
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


class DevError(Exception):
    """What went wrong, and what the person at the keyboard can do about it."""

    def __init__(self, message, cure):
        super().__init__(message)
        self.cure = cure


def say(text):
    """One line about what comes next, set apart from the output of the programs that are run."""
    print(f"==> {text}", flush=True)


def cores():
    """Processors this process may use; a container may have fewer than the machine."""
    return max(1, len(os.sched_getaffinity(0)))


def environment(extra=None):
    """This process's environment with `extra` on top."""
    env = dict(os.environ)
    env.update(extra or {})
    return env


def run(command, cwd=ROOT, env=None, cure=None):
    """Runs a program, its output going to ours. Raises DevError when it fails; `cure` says what to do then."""
    command = [str(part) for part in command]
    where = f" (in {relative(cwd)})" if pathlib.Path(cwd) != ROOT else ""
    print(f"  $ {shlex.join(shorten(command))}{where}", flush=True)
    code = call(command, cwd, env)
    if code != 0:
        raise DevError(f"{pathlib.Path(command[0]).name} ended with code {code}", cure or "see its output above")


def call(command, cwd=ROOT, env=None):
    """Runs a program without announcing it and returns its exit code."""
    sys.stdout.flush()
    try:
        return subprocess.run([str(part) for part in command], cwd=cwd, env=environment(env), check=False).returncode
    except FileNotFoundError as error:
        raise DevError(f"{command[0]} is not installed", "tools/dev setup") from error


def output(command, cwd=ROOT, env=None):
    """What a program prints, or DevError when it fails."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment(env), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError as error:
        raise DevError(f"{command[0]} is not installed", "tools/dev setup") from error
    if done.returncode != 0:
        raise DevError(f"{command[0]} ended with code {done.returncode}: {done.stderr.strip()}", "see the message")
    return done.stdout


def relative(path):
    """`path` as it is written inside the repository."""
    try:
        return str(pathlib.Path(path).resolve().relative_to(ROOT)) or "."
    except ValueError:
        return str(path)


def shorten(command, words_max=12):
    """A long command line, cut for the eye: lists of packages and files run to hundreds of words."""
    if len(command) <= words_max:
        return command
    return command[:words_max] + [f"…({len(command) - words_max} more)"]


def tracked(*patterns):
    """Files of the repository that match the patterns: known to git, or new and not ignored; without deleted ones."""
    listed = output(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns])
    paths = sorted(set(ROOT / line for line in listed.splitlines()))
    return [path for path in paths if path.is_file()]
