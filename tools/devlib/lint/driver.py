"""`tools/dev lint` and `tools/dev fmt`: runs the checks, prints their findings, fails when there are any."""
from devlib import build as building
from devlib import packages
from devlib.lint import docs, form, layers, lengths, tidy, words
from devlib.shell import DevError, run, say, tracked

CHECKS = (
    ("layers", "includes follow the list of modules", layers.check),
    ("format", "C++ is as clang-format writes it", form.check),
    ("lengths", f"files have at most {lengths.FILE_LINES_MAX} lines, functions {lengths.FUNCTION_LINES_MAX}", lengths.check),
    ("words", "banned words and openings of files", words.check),
    ("docs", "paths and links in documents exist, made pages are up to date", docs.check),
)


def report(findings):
    """Prints each finding."""
    for finding in findings:
        print(finding, flush=True)


def quick():
    """All checks that need no compilation; returns the number of findings."""
    files, total = tracked(), 0
    for name, meaning, check in CHECKS:
        findings = check(files)
        report(findings)
        print(f"  {name:8} {'ok' if not findings else f'{len(findings)} findings':12} {meaning}", flush=True)
        total += len(findings)
    return total


def lint(with_tidy=True):
    """The verb: quick checks, then clang-tidy."""
    packages.ensure_build()
    say("checking layers, format, lengths, words and documents")
    total = quick()
    if with_tidy:
        building.setup(lint=True)
        building.configure("clang")
        run(["ninja", "-C", building.folder("clang"), "generated"], cure="see the message above")
        findings = tidy.check(building.folder("clang"))
        report(findings)
        total += len(findings)
    if total:
        raise DevError(f"{total} findings", "each line above says what to do; tools/dev fmt mends the format")
    print("  nothing found", flush=True)


def fmt():
    """Formats all C++ in place."""
    packages.ensure_build()
    say("formatting C++ with clang-format")
    form.write(tracked())
