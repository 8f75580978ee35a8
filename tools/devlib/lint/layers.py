"""The layer check: a file includes only its own module and modules declared in its DEPS, which stand above it.

The list of modules is src/CMakeLists.txt. CMake refuses a dependency that stands below; this check reads every
#include, on machines without Clang too, and adds the absences that docs/ARCHITECTURE.md promises.
"""
import dataclasses
import re

from devlib.shell import ROOT, relative

LAYERS = ("base", "data", "ingest", "persist", "query", "serve", "wiring")
# What must never be, although the order of layers would allow it: (a module or layer, what it may not use, why).
FORBIDDEN = (
    ("persist", "data/otlp", "storage knows no wire format"),
    ("persist", "ingest", "storage does not know who feeds it"),
    ("query", "ingest", "questions do not know who wrote the data"),
    ("query", "data/otlp", "questions do not know who wrote the data"),
    ("query", "persist", "questions ask a Reader, never a certain store"),
    ("serve", "persist", "the APIs ask a Reader, never a certain store"),
)
# The program itself: it meets everything, and nothing can include it.
PROGRAM = "wiring/commands/"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
MODULE = re.compile(r"^(?:module|sdk_module|sdk_component)\(\s*([a-z0-9_/]+)([^)]*)\)", re.MULTILINE)
# Beside its own modules, code of the SDK includes its public headers, and its tests, benchmarks and examples what they share.
SDK_COMMON = re.compile(r"^(sextant|tests|bench|examples)/")


@dataclasses.dataclass
class Module:
    """One line of the list: its name, and the modules it may use."""
    name: str
    deps: list
    line: int


def read_modules(text):
    """The declared modules by name, in their order."""
    text = re.sub(r"#[^\n]*", lambda found: " " * len(found.group(0)), text)
    modules = {}
    for match in MODULE.finditer(text):
        words = match.group(2).split()
        deps, section = [], ""
        for word in words:
            if word in ("DEPS", "LIBS", "PRIVATE_LIBS", "TEST_LIBS"):
                section = word
            elif section == "DEPS":
                deps.append(word)
        modules[match.group(1)] = Module(match.group(1), deps, text.count("\n", 0, match.start()) + 1)
    return modules


def within(name, prefix):
    """Whether a module is `prefix` or lies in that layer."""
    return name == prefix or name.startswith(prefix + "/")


def check_list(modules, where):
    """The list's own order."""
    findings, highest = check_order(modules, where), 0
    for module in modules.values():
        layer = module.name.split("/")[0]
        if layer not in LAYERS:
            findings.append(f"{where}:{module.line}: '{layer}' is no layer; the layers are {', '.join(LAYERS)}")
            continue
        position = LAYERS.index(layer)
        if position < highest:
            findings.append(f"{where}:{module.line}: {module.name} stands below a module of layer {LAYERS[highest]}")
        highest = max(highest, position)
        for dep in module.deps:
            for user, used, why in FORBIDDEN:
                if within(module.name, user) and within(dep, used):
                    findings.append(f"{where}:{module.line}: {module.name} may not use {dep}: {why}")
    return findings


def check_order(modules, where):
    """Each module uses only what is declared above it."""
    findings, seen = [], set()
    for module in modules.values():
        findings += [f"{where}:{module.line}: {module.name} uses {dep}, which is not declared above it"
                     for dep in module.deps if dep not in seen]
        seen.add(module.name)
    return findings


def module_of(path, modules):
    """The module that holds 'a/b/c.h': the longest declared name that is a folder of it."""
    parts = path.split("/")[:-1]
    while parts:
        name = "/".join(parts)
        if name in modules:
            return name
        parts.pop()
    return None


def check_file(path, text, modules, exists):
    """Every #include of one file; `path` is relative to src/, `exists` tells whether a path under src/ is a file."""
    own = module_of(path, modules)
    if own is None:
        return [f"src/{path}:1: its folder is not declared as a module in src/CMakeLists.txt"]
    is_test = path.endswith("_test.cc")
    allowed = set(modules) if path.startswith(PROGRAM) else {own, *modules[own].deps}
    findings = []
    for match in INCLUDE.finditer(text):
        included = match.group(1)
        place = f"src/{path}:{text.count(chr(10), 0, match.start(1)) + 1}"
        if included.startswith("tests/"):
            if not is_test:
                findings.append(f"{place}: only *_test.cc may include {included}")
            continue
        if not exists(included):
            findings.append(f"{place}: \"{included}\" is no file under src/; own headers are included by their path from "
                            "src/, libraries with <>")
            continue
        target = module_of(included, modules)
        if target not in allowed:
            findings.append(f"{place}: module {own} may not include {target} (declared: {', '.join(modules[own].deps) or 'none'})")
    return findings


def check(files):
    """Findings over the list and all files of src/."""
    listing = ROOT / "src/CMakeLists.txt"
    modules = read_modules(listing.read_text())
    findings = check_list(modules, relative(listing))
    source = ROOT / "src"
    for path in files:
        if path.suffix in (".h", ".cc") and source in path.parents:
            name = str(path.relative_to(source))
            findings += check_file(name, path.read_text(), modules, lambda inner: (source / inner).is_file())
    return findings + check_sdk(files)


def check_sdk(files):
    """The instrumentation library stands alone, by a list of its own: nothing of src/ in it."""
    root = ROOT / "sdk"
    listing = root / "src/CMakeLists.txt"
    modules = read_modules(listing.read_text()) if listing.is_file() else {}
    findings = check_order(modules, relative(listing))
    for path in files:
        if path.suffix in (".h", ".cc") and root in path.parents:
            findings += check_sdk_file(str(path.relative_to(root)), path.read_text(), modules)
    return findings


def check_sdk_file(path, text, modules):
    """Every #include of one file; `path` is relative to sdk/. Public headers include each other alone."""
    own = module_of(path.removeprefix("src/"), modules) if path.startswith("src/") else None
    if path.startswith("src/") and own is None:
        return [f"sdk/{path}:1: its folder is not declared as a module in sdk/src/CMakeLists.txt"]
    outside = set(modules) if path.startswith(("tests/", "bench/")) else set()
    allowed = {own, *modules[own].deps} if own else outside
    findings = []
    for match in INCLUDE.finditer(text):
        included = match.group(1)
        place = f"sdk/{path}:{text.count(chr(10), 0, match.start(1)) + 1}"
        if SDK_COMMON.match(included):
            continue
        target = module_of(included, modules)
        if target is None:
            findings.append(f"{place}: \"{included}\" is no file of the SDK; it includes nothing of src/, and libraries with <>")
        elif target not in allowed:
            findings.append(f"{place}: {own or path.split('/')[0]} may not include {target}")
    return findings
