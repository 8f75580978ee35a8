"""The verbs of tools/dev and their options."""
import argparse
import shutil
import sys

from devlib import build, packages, reference
from devlib.shell import ROOT, DevError, relative, say


def add_verbs(parser):
    """Every verb with its one line of help."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    add = lambda name, text: verbs.add_parser(name, help=text, description=text)  # noqa: E731
    add("setup", "install what is missing: Debian packages, Node packages; build the page")
    one = add("build", "set up, configure and compile a preset")
    one.add_argument("preset", nargs="?", default="release", choices=build.PRESETS)
    one = add("test", "build and run every test: modules, lint, page, clients, application, quickstart")
    one.add_argument("--preset", default="release", choices=("release", "dev", "tsan"))
    one.add_argument("--only", nargs="+", metavar="SUITE", help="run these suites alone (see --list)")
    one.add_argument("--list", action="store_true", help="name the suites and what each does")
    one.add_argument("-R", dest="regex", metavar="REGEX", help="of the C++ tests, only those whose name matches")
    one = add("lint", "layers, format, lengths, banned words, documents, clang-tidy")
    one.add_argument("--quick", action="store_true", help="without clang-tidy: what `tools/dev test` includes")
    add("fmt", "format all C++ in place")
    add("gen", "write the reference pages that are made from tables in the code")
    one = add("bench", "run a family of benchmarks; one JSON line per figure")
    one.add_argument("family", nargs="?", default="server", choices=("server", "sdk", "page"))
    one.add_argument("--only", action="append", default=[], metavar="ID", help="only this figure (may be repeated)")
    one = add("fuzz", "build a fuzz target with libFuzzer and run it; without a target, list them")
    one.add_argument("target", nargs="?")
    one.add_argument("--minutes", type=float, default=10)
    one = add("run", "build, start the server on its default ports, let the demo agents make some runs; Ctrl-C stops")
    one.add_argument("--data-dir", default=str(ROOT / "data"))
    one.add_argument("--runs", type=int, default=5, help="how many runs the demo agents make")
    one = add("demo", "let the demo agents make some runs against a server that runs already")
    one.add_argument("--runs", type=int, default=5)
    one.add_argument("--endpoint", default="http://127.0.0.1:4318")
    add("ui", "serve the page by itself with made-up data, rebuilt as its sources change")
    add("interop", "the Python and Go SDKs, and collectors, against the server")
    one = add("fresh", "do what the README says on an empty Debian 12 in a chroot, and time it (needs root)")
    one.add_argument("goals", nargs="*", default=[], metavar="GOAL", help="run, test, lint (default: all three)")
    one.add_argument("--root", help="folder for the chroot (default: a temporary one)")
    one.add_argument("--mirror", help="Debian mirror (default: the one this machine uses)")
    one.add_argument("--keep", action="store_true", help="leave the chroot in place afterwards")
    add("doctor", "say what is missing on this machine, and the command that installs it")
    one = add("clean", "remove what was built; --all removes installed Node packages too")
    one.add_argument("--all", action="store_true")
    add("help", "this text")


def verb_setup(_):
    build.setup()


def verb_build(options):
    folder = build.build(options.preset)
    print(f"  the server is {relative(folder / 'sextant')}")


def verb_test(options):
    from devlib import test
    return test.main(options)


def verb_lint(options):
    from devlib.lint import driver
    driver.lint(with_tidy=not options.quick)


def verb_fmt(_):
    from devlib.lint import driver
    driver.fmt()


def verb_gen(_):
    reference.generate()


def verb_bench(options):
    from devlib import measure
    measure.bench(options.family, options.only)


def verb_fuzz(options):
    from devlib import measure
    measure.fuzz(options.target, options.minutes)


def verb_run(options):
    from devlib import demo
    return demo.run_all(options.data_dir, options.runs)


def verb_demo(options):
    from devlib import demo
    demo.agents(options.endpoint, options.runs)


def verb_ui(_):
    from devlib import demo
    demo.page_alone()


def verb_interop(_):
    from devlib import test
    return test.interop()


def verb_fresh(options):
    from devlib import fresh
    return fresh.main(options)


def verb_doctor(_):
    """Says what is missing without changing anything."""
    absent = packages.missing(packages.read_list(packages.BUILD_LIST))
    absent_lint = packages.missing(packages.read_list(packages.LINT_LIST))
    for names, what in ((absent, "to build and test"), (absent_lint, "to lint and fuzz")):
        print(f"  {what}: " + (f"apt-get install {' '.join(names)}" if names else "nothing is missing"))
    return 1 if absent else 0


def verb_clean(options):
    """Removes builds; the store in data/ is the user's and stays."""
    places = [ROOT / "build", ROOT / "ui/dist"]
    if options.all:
        places += [lock.parent / "node_modules" for lock in ROOT.glob("*/package-lock.json")]
        places += [lock.parent / "node_modules" for lock in ROOT.glob("*/*/package-lock.json")]
    for place in places:
        if place.exists():
            say(f"removing {relative(place)}")
            shutil.rmtree(place)


def main(arguments):
    """Runs one verb; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tools/dev", description="Everything one does with this repository.")
    add_verbs(parser)
    options = parser.parse_args(arguments)
    if options.verb in (None, "help"):
        parser.print_help()
        return 0
    try:
        return globals()[f"verb_{options.verb}"](options) or 0
    except DevError as error:
        print(f"\nerror: {error}\ncure:  {error.cure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
