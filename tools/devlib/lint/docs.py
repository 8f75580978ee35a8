"""The documents keep their word: paths they name exist, links lead somewhere, made pages are what their table makes."""
import re

from devlib import reference
from devlib.shell import ROOT, relative

# `src/persist/log.cc`, `docs/adr/`: something in back-quotes that begins with a folder of the repository.
NAMED = re.compile(r"`((?:src|tests|fuzz|bench|ui|docs|deploy|examples|tools|sdk|cmake)/[A-Za-z0-9_./-]*)`")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def path_findings(name, text, exists):
    """Every path in back-quotes must be there."""
    return [f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(1)} does not exist"
            for match in NAMED.finditer(text) if not exists(match.group(1))]


def link_findings(name, folder, text):
    """Every link to a file must lead to one."""
    bare = FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)
    findings = []
    for match in LINK.finditer(bare):
        target = match.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        if not (folder / target).exists():
            findings.append(f"{name}:{bare.count(chr(10), 0, match.start()) + 1}: the link to {target} leads nowhere")
    return findings


def made_findings():
    """Pages made from tables of the code must be what `tools/dev gen` makes now."""
    return [f"{relative(path)}:1: differs from what its table makes; run tools/dev gen"
            for path, content in reference.pages() if not path.is_file() or path.read_text() != content]


def check(files):
    """Findings over all documents."""
    findings = []
    for path in files:
        if path.suffix != ".md":
            continue
        text = path.read_text()
        name = relative(path)
        findings += path_findings(name, text, lambda inner: (ROOT / inner).exists())
        findings += link_findings(name, path.parent, text)
    return findings + made_findings()
