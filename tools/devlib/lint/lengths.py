"""Length of files (800 lines) and of functions (70 lines) in C++, Python and TypeScript.

Python is parsed. For C++ and TypeScript, braces are matched in the text without comments and strings, and what stands
before a brace tells whether it opens a function; a lambda counts to the function around it.
"""
import ast
import re

from devlib.lint import source
from devlib.shell import relative

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
CODE = (".h", ".cc", ".py", ".ts", ".tsx", ".mjs", ".js", ".css")
BRACED = (".h", ".cc", ".ts", ".tsx", ".mjs", ".js")
# A block after one of these is no function of its own.
CONTROL = re.compile(r"(^|[\s;{}])(if|else|for|while|do|switch|try|catch|return|co_return)\b[^;{}]*$")
TYPE = re.compile(r"\b(namespace|class|struct|union|enum|interface|module|extern)\b")
CPP_FUNCTION = re.compile(r"\)\s*(const|noexcept(\([^()]*\))?|override|final|mutable|volatile|&&?|->\s*[\w:<>,&*\s\[\]]+"
                          r"|requires\b[^;{}]*|:\s*[^;]*|try|\s)*$")
TS_FUNCTION = re.compile(r"(=>|\)\s*(:[^;{}()]*)?)\s*$")
NAME = re.compile(r"([A-Za-z_~][\w:~]*|operator[^\s(]+)\s*\([^()]*(\([^()]*\)[^()]*)*\)")


def file_findings(path, text):
    """One finding when the file is too long."""
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines <= FILE_LINES_MAX:
        return []
    return [f"{relative(path)}:{lines}: {lines} lines, at most {FILE_LINES_MAX}: split it by what it does"]


def python_functions(text):
    """(name, first line, lines) of every function."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def braced_functions(text, path):
    """(name, first line, lines) of every function that is not inside another one."""
    code = source.code_only(text, source.pattern_for(path))
    code = re.sub(r"(?m)^[ \t]*#.*(\\\n.*)*", lambda found: source.blank(found.group(0)), code)
    is_cpp = path.suffix in (".h", ".cc")
    stack = []  # for every open brace: (offset where its head begins, head when it opens a function, else None)
    start, inside, parens = 0, 0, 0
    for match in re.finditer(r"[(){};]", code):
        mark, at = match.group(0), match.start()
        if mark == "{":
            head = code[start:at]
            opens = inside == 0 and is_function(head, is_cpp, parens)
            stack.append((start, head if opens else None, parens))
            inside += opens
            start, parens = at + 1, 0
        elif mark == "}" and stack:
            begin, head, parens = stack.pop()
            if head is not None:
                inside -= 1
                if not continues(code, at):
                    first = begin + len(head) - len(head.lstrip())
                    yield name_of(head), source.line_of(code, first), code.count("\n", first, at) + 1
            # Braces within a head (a default, a pattern, a member's initialiser) leave the head open.
            start = begin if parens > 0 or continues(code, at) else at + 1
        elif mark == ";" and parens == 0:
            start = at + 1
        elif mark in "()":
            parens += 1 if mark == "(" else -1


def continues(code, at):
    """Whether the brace closed at `at` was a value in a longer text: what follows is a comma or the real body."""
    return code[at + 1:at + 200].lstrip()[:1] in (",", "{")


def is_function(head, is_cpp, parens):
    """Whether a brace with `head` before it opens a function's body."""
    head = head.strip()
    if not head or CONTROL.search(head):
        return False
    if not is_cpp:
        return bool(TS_FUNCTION.search(head))
    if parens > 0 or re.search(r"\boperator\b", head) is None and re.search(r"(^|[^=!<>])=\s*[^()]*$", head):
        return False
    if TYPE.search(re.sub(r"<[^<>]*>|\([^()]*\)", "", head).split("(")[0]) and ")" not in head:
        return False
    return bool(CPP_FUNCTION.search(head))


def name_of(head):
    """What to call the function in a finding."""
    declared = re.search(r"\bfunction\*?\s+(\w+)|^\s*(?:export\s+)?(?:const|let)\s+(\w+)[^=]*=[^=]", head)
    if declared:
        return declared.group(1) or declared.group(2)
    found = NAME.search(head)
    if found:
        return found.group(0) if found.group(1).startswith("TEST") else found.group(1)
    return " ".join(head.split())[-40:]


def function_findings(path, text):
    """One finding for every function that is too long."""
    functions = python_functions(text) if path.suffix == ".py" else braced_functions(text, path)
    return [f"{relative(path)}:{line}: {name} has {lines} lines, at most {FUNCTION_LINES_MAX}: keep the control flow, move the "
            "work into functions of its own"
            for name, line, lines in functions if lines > FUNCTION_LINES_MAX]


def check(files):
    """Findings over all code."""
    findings = []
    for path in files:
        is_python = path.suffix == ".py" or path.name == "dev" and path.parent.name == "tools"
        if path.suffix not in CODE and not is_python:
            continue
        text = path.read_text()
        findings += file_findings(path, text)
        if is_python or path.suffix in BRACED:
            findings += function_findings(path, text)
    return findings
