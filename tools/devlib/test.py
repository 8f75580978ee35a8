"""`tools/dev test`: builds, runs every suite, ends with a table and the line 'N passed, N failed' that counts suites."""
import dataclasses
import importlib.util
import os
import shutil
import sys
import time
import typing

from devlib import build as building
from devlib import npm, packages
from devlib.shell import ROOT, DevError, call, cores, relative, run, say

SKIPPED = 77  # with this code a program of tests/app says that the machine does not let it run
NODE_FOLDERS = ("examples/quickstart", "tests/clients")
# Needed by `interop` alone, and only where the same does not come from elsewhere.
INTEROP_PACKAGES = {
    "golang-go": lambda: shutil.which("go") is not None,
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
}


class Skip(Exception):
    """A suite cannot run here; says why."""


@dataclasses.dataclass
class Suite:
    """A named group of tests with one result."""
    name: str
    meaning: str
    function: typing.Callable


@dataclasses.dataclass
class Context:
    """What suites are told: the preset, and which C++ tests were asked for."""
    preset: str
    regex: str

    @property
    def folder(self):
        return building.folder(self.preset)

    def env(self):
        """The server under test, and where the sanitizers write."""
        env = {"SEXTANT_BIN": str(building.server(self.preset)), "PYTHONDONTWRITEBYTECODE": "1",
               "SEXTANT_SHARED": os.environ.get("SEXTANT_SHARED", str(ROOT.parent / "shared"))}
        reports = f"log_path={self.folder}/sanitizer/report"
        suppressions = ROOT / "tests/support/tsan.supp"
        env.update({
            "ASAN_OPTIONS": f"{reports}:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": f"{reports}:print_stacktrace=1",
            # Debian's libraries are not instrumented: what they do among themselves cannot be judged.
            "TSAN_OPTIONS": f"{reports}:halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1:"
                            f"suppressions={suppressions}",
        } if self.preset != "release" else {})
        return env


def suites():
    """All suites, in the order in which they run: what fails soonest stands first."""
    found = [
        Suite("tools", "the tests of tools/dev itself", run_tools),
        Suite("lint", "all of lint but clang-tidy", run_lint),
        Suite("modules", "C++: every module's tests, corpora, simulation, fuzz corpora (ctest)", run_modules),
        Suite("sdk-consumers", "programs built from the installed SDK", run_sdk_consumers),
        Suite("page-unit", "the page: types and unit tests", run_page_unit),
        Suite("fake-model", "the model server that examples and tests talk to", run_fake_model),
    ]
    found += [Suite(f"app/{path.stem}", first_sentence(path), app_runner(path)) for path in app_tests()]
    found += [
        Suite("clients", "real OpenTelemetry and GenAI clients against the server", run_clients),
        Suite("page-browser", "the page in headless Chromium, with made-up data", run_page_browser),
    ]
    return found


def app_tests():
    """Programs in tests/app that test the whole server; harness.py is what they share."""
    return sorted(path for path in (ROOT / "tests/app").glob("*.py") if path.stem not in ("harness", "__init__"))


def first_sentence(path):
    """The beginning of a Python file's docstring."""
    text = path.read_text().split('"""')
    return " ".join(text[1].split()).split(". ")[0][:90] if len(text) > 1 else ""


def run_tools(context):
    run([sys.executable, "-m", "unittest", "discover", "-t", ".", "-s", "devlib", "-p", "*_test.py"], cwd=ROOT / "tools", env=context.env())


def run_lint(_):
    from devlib.lint import driver
    driver.lint(with_tidy=False)


def run_modules(context):
    filters = ["-R", context.regex] if context.regex else []
    run(["ctest", "--test-dir", context.folder, "--output-on-failure", "--no-tests=error", f"-j{cores()}", *filters],
        env=context.env(), cure=f"run one test alone: tools/dev test --preset {context.preset} --only modules -R NAME")


def run_sdk_consumers(context):
    if context.preset != "release":
        raise Skip("users' programs are built from the release preset")
    run([sys.executable, ROOT / "sdk/tests/consumers.py", context.folder])


def run_page_unit(_):
    npm.ensure(npm.UI)
    run(["npm", "run", "--silent", "typecheck"], cwd=npm.UI)
    run(["npm", "run", "--silent", "test"], cwd=npm.UI)


def run_page_browser(context):
    npm.ensure(npm.UI)
    run(["npm", "run", "--silent", "test:browser"], cwd=npm.UI, env=context.env())


def run_fake_model(context):
    npm.ensure(npm.UI)
    run([npm.node(npm.UI), "--test", *sorted((ROOT / "examples/fake_model").glob("*_test.mjs"))], env=context.env())


def run_clients(context):
    for folder in NODE_FOLDERS:
        npm.ensure(ROOT / folder)
    run(["bash", ROOT / "tests/clients/run"], env=context.env())


def app_runner(path):
    """A suite out of one program of tests/app."""
    def runner(context):
        npm.ensure(npm.UI)
        npm.ensure(ROOT / "examples/quickstart")
        print(f"  $ python3 {relative(path)}", flush=True)
        code = call([sys.executable, path], env=context.env())
        if code == SKIPPED:
            raise Skip("the machine does not let it run: its output says why")
        if code != 0:
            raise DevError(f"{path.name} ended with code {code}", "see its output above")
    return runner


def sanitizer_reports(context):
    """Reports that were written since the last look, as text; they are moved aside so that each counts once."""
    folder, seen = context.folder / "sanitizer", context.folder / "sanitizer/seen"
    found = []
    for path in sorted(folder.glob("report.*")) if folder.is_dir() else []:
        found.append(path.read_text(errors="replace"))
        seen.mkdir(exist_ok=True)
        path.rename(seen / path.name)
    return found


def run_suite(suite, context):
    """(result, seconds, note) of one suite."""
    say(f"{suite.name}: {suite.meaning}")
    started = time.monotonic()
    result, note = "passed", ""
    try:
        suite.function(context)
    except Skip as why:
        result, note = "skipped", str(why)
        print(f"  skipped: {why}", flush=True)
    except DevError as error:
        result, note = "failed", str(error)
        print(f"  FAILED: {error}\n  cure: {error.cure}", flush=True)
    reports = sanitizer_reports(context)
    if reports:
        result, note = "failed", f"{len(reports)} sanitizer reports"
        for text in reports:
            print(text[:8000], flush=True)
    return result, time.monotonic() - started, note


def summary(results):
    """Prints the table and the closing line; returns the exit code."""
    width = max(len(suite.name) for suite, *_ in results)
    print("\n==> summary", flush=True)
    for suite, result, seconds, note in results:
        print(f"  {suite.name:{width}}  {result:7}  {seconds:6.0f} s  {note}".rstrip())
    counts = {kind: sum(1 for _, result, *_ in results if result == kind) for kind in ("passed", "failed", "skipped")}
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}", flush=True)
    return 1 if counts["failed"] or not counts["passed"] else 0


def chosen(names):
    """The suites that were asked for; 'app' stands for all of its programs."""
    known = suites()
    if not names:
        return known
    picked = [suite for suite in known if suite.name in names or suite.name.split("/")[0] in names]
    unknown = [name for name in names if all(name not in (suite.name, suite.name.split("/")[0]) for suite in known)]
    if unknown:
        raise DevError(f"there is no suite {', '.join(unknown)}", "tools/dev test --list names them")
    return picked


def main(options):
    """The verb."""
    if options.list:
        for suite in suites():
            print(f"  {suite.name:22} {suite.meaning}")
        return 0
    picked = chosen(["modules"] if options.regex and not options.only else options.only)
    context = Context(options.preset, options.regex)
    building.build(options.preset)
    shutil.rmtree(context.folder / "sanitizer", ignore_errors=True)
    (context.folder / "sanitizer").mkdir(parents=True)
    return summary([(suite, *run_suite(suite, context)) for suite in picked])


def interop():
    """The Python and Go SDKs and other clients that are not in the usual tests."""
    script = ROOT / "tests/interop/run"
    if not script.is_file():
        raise DevError(f"{relative(script)} is missing", "git checkout it")
    packages.ensure([name for name, found in INTEROP_PACKAGES.items() if not found()], "interop")
    building.build("release")
    return call(["bash", script], env=Context("release", "").env())
