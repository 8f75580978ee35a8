"""clang-tidy over our own code, with Clang's warnings (thread safety) and the include check that Clang makes itself.

A file's result is kept under a hash of all that it depends on (the file, our headers it includes, the command, the
checks, the tool), so that a second run looks only at what changed.
"""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess

from devlib.lint import layers
from devlib.shell import ROOT, DevError, cores, output, relative, say

TOOL = "clang-tidy-19"
OWN = ("src", "tests", "fuzz", "bench")


def own_headers(path, known):
    """All files of ours that `path` includes, directly or not; `known` remembers what was read."""
    seen, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current not in known:
            text = current.read_text(errors="replace")
            bases = (ROOT / "src", ROOT, current.parent)
            named = [base / match for match in layers.INCLUDE.findall(text) for base in bases]
            known[current] = [inner.resolve() for inner in named if inner.is_file()]
        waiting += known[current]
    return sorted(seen)


def key_of(entry, version, known):
    """The hash that stands for one file's result."""
    total = hashlib.sha256(version.encode())
    total.update((ROOT / ".clang-tidy").read_bytes())
    total.update(command_of(entry).encode())
    for path in own_headers(pathlib.Path(entry["file"]).resolve(), known):
        total.update(f"{relative(path)}\n".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def command_of(entry):
    """The compiler's command line without the place of the checkout."""
    text = entry.get("command") or shlex.join(entry["arguments"])
    return text.replace(str(ROOT), "")


def entries(build):
    """Our own files of compile_commands.json, each once."""
    listed = json.loads((build / "compile_commands.json").read_text())
    found = {}
    for entry in listed:
        path = pathlib.Path(entry["file"])
        if path.is_absolute() and ROOT in path.parents and path.relative_to(ROOT).parts[0] in OWN:
            found.setdefault(path, entry)
    return [found[path] for path in sorted(found)]


def examine(entry, build):
    """What clang-tidy says of one file: '' when nothing."""
    done = subprocess.run([TOOL, "-p", str(build), "--quiet", entry["file"]], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return ""
    return re.sub(re.escape(str(ROOT)) + "/", "", done.stdout.strip() or done.stderr.strip())


def check(build):
    """Findings over every own source of a configured preset."""
    store = build / "tidy"
    store.mkdir(parents=True, exist_ok=True)
    listed = entries(build)
    if not listed:
        raise DevError(f"{relative(build)}/compile_commands.json lists no file of ours", f"rm -r {relative(build)} and try again")
    version, known = output([TOOL, "--version"]), {}
    keyed = [(entry, store / key_of(entry, version, known)) for entry in listed]
    stale = [(entry, kept) for entry, kept in keyed if not kept.is_file()]
    say(f"{TOOL} over {len(listed)} files, {len(listed) - len(stale)} of them unchanged since their last run")
    with concurrent.futures.ThreadPoolExecutor(max_workers=cores()) as pool:
        results = pool.map(lambda pair: (pair[0], pair[1], examine(pair[0], build)), stale)
        for number, (entry, kept, text) in enumerate(results, 1):
            kept.write_text(text)
            print(f"  [{number}/{len(stale)}] {relative(entry['file'])}{': see below' if text else ''}", flush=True)
    forget(store, {kept for _, kept in keyed})
    return [text for text in (kept.read_text() for _, kept in keyed) if text]


def forget(store, wanted):
    """Drops the results of states that are gone."""
    for path in store.iterdir():
        if path not in wanted:
            path.unlink()
