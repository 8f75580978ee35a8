"""What may not stand in the code, each with what to use instead; and that every file opens by saying what it holds."""
import dataclasses
import re

from devlib.lint import source
from devlib.shell import ROOT, relative


@dataclasses.dataclass
class Ban:
    """A pattern, the files it is banned in (regular expressions over the path), and what to do instead."""
    pattern: str
    where: str
    instead: str
    unless: str = r"^$"
    in_comments: bool = False


CPP = r"^(src|tests|fuzz|bench|sdk|examples)/.*\.(h|cc)$"
BANS = (
    Ban(r"\b(TODO|FIXME|XXX|HACK)\b", r"^(?!tools/devlib/lint/).*\.(h|cc|def|py|ts|tsx|mjs|js|css|cmake|txt|md)$",
        "do it, or file an issue", in_comments=True),
    Ban(r"\bstd::thread\b(?!::)", CPP, "std::jthread with a stop_token", unless=r"^(sdk|examples)/"),  # C++17 has none
    Ban(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w:.>])sleep\s*\(", CPP,
        "a condition variable, or the manual clock in tests", unless=r"^(src/base/sys|src/wiring/bench|bench|examples|sdk)/"),
    Ban(r"\b(getenv|secure_getenv)\b", r"^src/.*\.(h|cc)$", "a setting handed down by wiring", unless=r"^src/wiring/|_test\.cc$"),
    Ban(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\b(clock_gettime|gettimeofday)\b|(?<![\w:.>])time\s*\(\s*(NULL|nullptr|0)",
        r"^(src|tests|fuzz)/.*\.(h|cc)$", "Clock of base/sys/clock.h",
        unless=r"^src/base/(sys|net)/|^tests/support/net/|^src/wiring/bench/"),  # there the system's own time is meant
    Ban(r"(?<!\w)(printf|fprintf|puts|vprintf|vfprintf|sprintf|vsprintf)\s*\(|\bstd::(cout|cerr|clog)\b", r"^src/.*\.(h|cc)$",
        "Log, or fmt::print in a command", unless=r"^src/base/core/check\.cc$"),
    Ban(r"\bstd::(format|print|println)\b", CPP, "fmt (GCC 12 has neither)"),
    Ban(r"\b(std::(rand|random_device|mt19937(_64)?)|srand)\b", r"^src/.*\.(h|cc)$", "Random of base/sys/random.h",
        unless=r"^src/base/sys/|_test\.cc$"),
    Ban(r"(?<![\w:])throw\b", r"^src/.*\.(h|cc)$", "a Result<T>; exceptions of libraries stop at their wrapper",
        unless=r"_test\.cc$"),
    # A block's brace is followed by a space or a line's end, an initialiser's is not: clang-format sees to that.
    Ban(r"\{(?=\S)(?:[^{};]|\{[^{};]*\})*?\bTRY(_CONTEXT)?\(", CPP, "TRY on a line of its own (docs/adr/003-errors.md)"),
    Ban(r"\busing namespace\b", r"\.h$", "names written out: a header must not decide for who includes it"),
    Ban(r"\.(only|skip)\s*\(", r"^(ui|tests|bench)/.*\.(ts|tsx|mjs)$", "the test whole, or not at all"),
    Ban(r"\bdangerouslySetInnerHTML\b|\.innerHTML\s*=|\binsertAdjacentHTML\b|\bdocument\.write\b", r"^ui/.*\.(ts|tsx)$",
        "text nodes: what a span holds is never markup"),
    Ban(r"\bDISABLED_\w+", r"^(src|tests|sdk)/.*\.cc$", "a test that runs, or none"),
)
OPENS = {".h": ("//", "/*"), ".cc": ("//", "/*"), ".def": ("//", "/*"), ".ts": ("//", "/*"), ".tsx": ("//", "/*"),
         ".mjs": ("//", "/*"), ".py": ('"""', "#", 'r"""'), ".css": ("/*",)}


def has_main(path):
    """Whether the file beside it that this one implements or tests says what both are for."""
    stem = re.sub(r"(_test|\.test)$", "", path.stem)
    names = [stem + suffix for suffix in (".h", ".cc", ".ts", ".tsx")]
    if path.suffix == ".cc" or stem != path.stem:
        return any(path.with_name(name).is_file() for name in names if name != path.name)
    return False


def opening_findings(path, text):
    """A file opens with a comment that says what it holds and why it exists; beside x.h, x.cc and x_test.cc need none."""
    starts = OPENS.get(path.suffix)
    if starts is None or has_main(path):
        return []
    lines = text.lstrip("\ufeff").splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    first = next((line for line in lines if line.strip()), "")
    if first.startswith(starts):
        return []
    return [f"{relative(path)}:1: a file opens with a comment: what it holds and why it exists"]


def ban_findings(name, path, text):
    """Every banned word of one file; `name` is its path in the repository."""
    findings, code = [], None
    for ban in BANS:
        if not re.search(ban.where, name) or re.search(ban.unless, name):
            continue
        if not ban.in_comments and code is None:
            code = source.code_only(text, source.pattern_for(path))
        subject = text if ban.in_comments else code
        for match in re.finditer(ban.pattern, subject):
            word = " ".join(match.group(0).split())
            findings.append(f"{name}:{source.line_of(subject, match.start())}: '{word}' is not used here; instead: {ban.instead}")
    return findings


def check(files):
    """Findings over all files that are text of ours."""
    findings = []
    for path in files:
        name = str(path.relative_to(ROOT))
        if path.suffix not in OPENS and path.suffix not in (".md", ".txt", ".cmake", ".js"):
            continue
        if path.name == "LICENSE" or "/corpus/" in name:
            continue
        text = path.read_text(errors="replace")
        findings += opening_findings(path, text)
        findings += ban_findings(name, path, text)
    return findings
